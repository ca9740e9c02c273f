import type { Party } from "../channel/channel";
import type { MessageKind, OperationLink } from "../channel/operation-link";

/** A link that carries nothing once the session has ended, so that whatever is under way stops at its next message. */
export class GuardedLink implements OperationLink {
  readonly party: Party;

  /** @param failure - the error that ended the session, if it has ended */
  constructor(
    readonly link: OperationLink,
    readonly failure: () => Error | undefined,
  ) {
    this.party = link.party;
  }

  send(payload: Uint8Array, kind?: MessageKind): void {
    this.#requireAlive();
    this.link.send(payload, kind);
  }

  async receive(length: number): Promise<Uint8Array> {
    this.#requireAlive();
    const payload = await this.link.receive(length);
    this.#requireAlive();
    return payload;
  }

  exchange(payload: Uint8Array, kind?: MessageKind): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload, kind);
    return this.receive(length);
  }

  #requireAlive(): void {
    const error = this.failure();
    if (error) throw error;
  }
}
