import type { OperationLink } from "../channel/operation-link";
import { drawBytes } from "./bytes";
import { Committed } from "./commitment";
import { hashLabelled } from "./hash";
import type { Identity } from "./identity";
import { SEED_BYTES } from "./prg";

/**
 * A public random seed that neither party can influence. The parties commit to it when this object is made, and it is
 * unknown until `reveal`. Whatever it is to check must be fixed by then. The commitments may travel with the last message
 * that fixes it.
 *
 * Security: active, with abort. A party can refuse to continue, but cannot choose the seed.
 * Source: Blum, 1983, with the commitment of `Committed`.
 */
export class HiddenCoins {
  readonly #identity: Identity;
  readonly #purpose: string;
  readonly #mine: Uint8Array;
  readonly #committed: Committed;

  constructor(identity: Identity, purpose: string) {
    this.#identity = identity;
    this.#purpose = `coins/${purpose}`;
    this.#mine = drawBytes(identity.random, SEED_BYTES);
    this.#committed = Committed.to(identity, "coins", this.#purpose, this.#mine);
  }

  /** Send this to the other party, which sends its own in return. */
  get commitment(): Uint8Array {
    return this.#committed.commitment;
  }

  /**
   * Open the coins.
   *
   * @param theirs - the other party's commitment
   * @param bound - what the coins are for; if the parties differ in it, their seeds differ too
   * @throws {CheckError} the other party opened a different value from the one it committed to
   */
  async reveal(
    link: OperationLink,
    theirs: Uint8Array,
    ...bound: readonly Uint8Array[]
  ): Promise<Uint8Array> {
    const { party, session } = this.#identity;
    const other = await this.#committed.open(link, theirs);
    this.#committed.settle();
    const pair = party === 0 ? [this.#mine, other] : [other, this.#mine];
    return hashLabelled(this.#purpose, session, ...pair, ...bound).subarray(0, SEED_BYTES);
  }
}

/**
 * Toss coins at once. Whatever they are to check must be fixed before.
 *
 * @throws {CheckError} the other party opened a different value from the one it committed to
 */
export async function tossCoins(
  link: OperationLink,
  identity: Identity,
  purpose: string,
): Promise<Uint8Array> {
  const coins = new HiddenCoins(identity, purpose);
  const theirs = await link.exchange(coins.commitment.slice(), "commitment");
  return coins.reveal(link, theirs);
}
