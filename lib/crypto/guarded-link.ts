import type { Party } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";

/** A link that carries nothing once the session has ended, so that running protocols stop at their next message. */
export class GuardedLink implements OperationLink {
  readonly party: Party;

  /** @param failure - returns the error that ended the session, if it has ended */
  constructor(
    readonly link: OperationLink,
    readonly failure: () => Error | undefined,
  ) {
    this.party = link.party;
  }

  send(payload: Uint8Array, what?: string): void {
    this.#requireAlive();
    this.link.send(payload, what);
  }

  async receive(length: number, what?: string): Promise<Uint8Array> {
    this.#requireAlive();
    const payload = await this.link.receive(length, what);
    this.#requireAlive();
    return payload;
  }

  passRound(): void {
    this.link.passRound?.();
  }

  exchange(payload: Uint8Array, what?: string): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload, what);
    return this.receive(length, what);
  }

  #requireAlive(): void {
    const error = this.failure();
    if (error) throw error;
  }
}
