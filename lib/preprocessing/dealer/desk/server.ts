import type { Address } from "../../../channel/address";
import { TransportError } from "../../../errors";
import { DealerGate } from "./dealer-gate";
import { Desk, type DeskOptions } from "./desk";

export type { DealerEvent } from "./desk";

export interface DealerServerOptions extends DeskOptions {
  readonly address: Address;
  /** Allow plain text beyond this machine, where anybody on the way can read every secret. */
  readonly insecurePlaintext?: boolean | undefined;
}

/**
 * The dealer: a third process that makes two parties' correlated randomness. It sees no input and no message between the
 * parties, but it knows all the randomness. It is a helper trusted not to collude with either party.
 *
 * This class has the gate and the sockets in one process; `spdzlab dealer` runs a process for each.
 */
export class DealerServer {
  readonly #desk: Desk;
  readonly #gate: DealerGate;

  /**
   * @throws {TransportError} `refused`: plain text would leave this machine
   * @throws {RangeError} fewer than two keys would be admitted
   */
  constructor(options: DealerServerOptions) {
    const { address, identity, mostPairs } = options;
    checkReach(options, identity !== undefined);
    this.#desk = new Desk(options);
    this.#gate = new DealerGate(address, this.#desk, mostConnections(mostPairs));
    this.#desk.onHeard = (id, known) => this.#gate.heard(id, known);
  }

  /** The address at which it listens, once it does. */
  get address(): string {
    return this.#gate.address;
  }

  /** @throws {TransportError} the address cannot be used */
  listen(): Promise<void> {
    return this.#gate.listen();
  }

  /** Say goodbye to the parties and close soon after. */
  async close(): Promise<void> {
    this.#gate.close();
    await this.#desk.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.#gate.closeConnections();
  }
}

/** Count both parties of each pair, and as many again that reconnect before the dealer notices that they were gone. */
export function mostConnections(mostPairs = 64): number {
  return 4 * mostPairs;
}

/**
 * Check that plain text stays on this machine.
 *
 * @throws {TransportError} `refused`: it would not
 */
export function checkReach(
  { address, insecurePlaintext }: Pick<DealerServerOptions, "address" | "insecurePlaintext">,
  encrypted: boolean,
): void {
  if (encrypted || address.local || insecurePlaintext === true) return;
  throw new TransportError(
    "refused",
    `${address.text} reaches beyond this machine, and there are no keys to encrypt with: the seeds of both parties ` +
      "would be there for everybody to read. Make keys with `spdzlab keygen --party dealer`.",
  );
}
