import type { OperationLink } from "../channel/operation-link";
import { CheckError, TransportError } from "../errors";
import { concatBytes, drawBytes, equalBytes } from "./bytes";
import type { CommittedKind, Exchange } from "./gate";
import { hashLabelled } from "./hash";
import type { Identity } from "./identity";

const NONCE_BYTES = 32;
export const COMMITMENT_BYTES = 32;

/** SHA-256 over session, sender, purpose, counter, nonce and value: hiding by the nonce, binding, and no echo fits. */
function commit(
  session: Uint8Array,
  sender: number,
  purpose: string,
  counter: number,
  nonce: Uint8Array,
  value: Uint8Array,
) {
  const place = new Uint8Array(9);
  new DataView(place.buffer).setFloat64(0, counter);
  place[8] = sender;
  return hashLabelled(`commitment/${purpose}`, session, place, nonce, value);
}

/** A value that this party has committed to and not opened yet. */
export class Committed {
  /** Goes to the other party, which gives its own in return. */
  readonly commitment: Uint8Array;
  readonly #identity: Identity;
  readonly #purpose: string;
  readonly #number: number;
  readonly #nonce: Uint8Array;
  readonly #value: Uint8Array;
  readonly #exchange: Exchange;

  /**
   * @param kind - whether what is opened belongs to a check or to coins
   * @param purpose - what it is for; with the session, the sender and a counter it is bound into the commitment, so
   *   that a commitment sent back, or one of another time, opens to nothing
   * @param value - what to show later; both parties' values have one length
   * @throws the reason why nothing new may begin
   */
  constructor(identity: Identity, kind: CommittedKind, purpose: string, value: Uint8Array) {
    this.#identity = identity;
    this.#purpose = purpose;
    this.#value = value;
    this.#exchange = identity.gate.begin(kind);
    this.#number = identity.counter(purpose);
    this.#nonce = drawBytes(identity.random, NONCE_BYTES);
    this.commitment = commit(
      identity.session,
      identity.party,
      purpose,
      this.#number,
      this.#nonce,
      this.#value,
    );
  }

  /**
   * Shows the value and receives the other party's. Call `settle` once that is what it must be.
   *
   * @param theirs - the other party's commitment
   * @returns the other party's value
   * @throws {CheckError} what the other party opened is not what it committed to
   */
  async open(link: OperationLink, theirs: Uint8Array): Promise<Uint8Array> {
    const { session, party } = this.#identity;
    await this.#exchange.open();
    const opening = await link
      .exchange(concatBytes(this.#nonce, this.#value), "opened commitment")
      .catch((error: unknown) => {
        throw error instanceof TransportError && error.reason === "malformed" ? this.#broken() : error;
      });
    const nonce = opening.subarray(0, NONCE_BYTES);
    const value = opening.subarray(NONCE_BYTES);
    if (!equalBytes(theirs, commit(session, 1 - party, this.#purpose, this.#number, nonce, value)))
      throw this.#broken();
    return value;
  }

  #broken(): CheckError {
    return new CheckError(
      "commitment",
      `the other party opened a commitment (${this.#purpose}) to something else than it had committed to. It deviated ` +
        "from the protocol or runs another version; the session has ended, and its keys are destroyed.",
    );
  }

  /** The other party's value is right: nothing is owed any more. */
  settle(): void {
    this.#exchange.settle();
  }
}

/**
 * Both parties show a value of one length, neither after having seen the other's: commit, receive, open.
 *
 * @returns the other party's value
 * @throws {CheckError} what the other party opened is not what it committed to
 *
 * Security: active, in the random oracle model; a party that withholds its opening is caught by the session's gate.
 * Source: the standard hash commitment; F_Commit of Damgård et al., ePrint 2011/535, fig. 3 in role.
 */
export async function exchangeCommitted(
  link: OperationLink,
  identity: Identity,
  purpose: string,
  value: Uint8Array,
): Promise<Uint8Array> {
  const mine = new Committed(identity, "coins", purpose, value);
  const theirs = await link.exchange(mine.commitment.slice(), "commitment");
  const opened = await mine.open(link, theirs);
  mine.settle();
  return opened;
}
