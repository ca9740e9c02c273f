import type { Party } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";
import { CheckError, TransportError } from "../errors";
import { concatBytes, drawBytes, equalBytes } from "./bytes";
import type { CommittedKind, Exchange, Gate } from "./gate";
import { hashLabelled } from "./hash";
import type { Identity } from "./identity";

const NONCE_BYTES = 32;
export const COMMITMENT_BYTES = 32;

/** Everything that it takes to open a commitment, as data, so that it can be opened elsewhere. Secret until then. */
export interface CommitmentRecord {
  readonly session: Uint8Array;
  readonly party: Party;
  readonly kind: CommittedKind;
  readonly purpose: string;
  readonly number: number;
  readonly nonce: Uint8Array;
  readonly value: Uint8Array;
}

/** SHA-256 of session, sender, purpose, counter, nonce and value. The nonce hides the value; an echoed commitment fails. */
function commit({
  session,
  party,
  purpose,
  number,
  nonce,
  value,
}: Omit<CommitmentRecord, "kind">): Uint8Array {
  const place = new Uint8Array(9);
  new DataView(place.buffer).setFloat64(0, number);
  place[8] = party;
  return hashLabelled(`commitment/${purpose}`, session, place, nonce, value);
}

/** A value that this party has committed to but not opened yet. */
export class Committed {
  /** Send this to the other party, which sends its own in return. */
  readonly commitment: Uint8Array;
  readonly #record: CommitmentRecord;
  readonly #exchange: Exchange;

  private constructor(record: CommitmentRecord, exchange: Exchange) {
    this.#record = record;
    this.#exchange = exchange;
    this.commitment = commit(record);
  }

  /**
   * Commit to a value.
   *
   * @param kind - whether the value belongs to a check or to coins
   * @param purpose - what the value is for; it is bound into the commitment together with the session, the sender and a
   *   counter, so that an echoed or replayed commitment cannot be opened
   * @param value - the value to open later; both parties' values have the same length
   * @throws the reason why no exchange may begin
   */
  static to(identity: Identity, kind: CommittedKind, purpose: string, value: Uint8Array): Committed {
    const exchange = identity.gate.begin(kind);
    const { session, party, random } = identity;
    const number = identity.counter(purpose);
    const nonce = drawBytes(random, NONCE_BYTES);
    return new Committed({ session, party, kind, purpose, number, nonce, value }, exchange);
  }

  /** Take over a commitment that was made elsewhere, to open it through this gate. */
  static from(record: CommitmentRecord, gate: Gate): Committed {
    return new Committed(record, gate.begin(record.kind));
  }

  /** The data with which it can be opened elsewhere. Open it in one place only. */
  get record(): CommitmentRecord {
    return this.#record;
  }

  /**
   * Open the value and receive the other party's. Call `settle` once you have verified that value.
   *
   * @param theirs - the other party's commitment
   * @returns the other party's value
   * @throws {CheckError} the other party opened a different value from the one it committed to
   */
  async open(link: OperationLink, theirs: Uint8Array): Promise<Uint8Array> {
    const { nonce, value, party } = this.#record;
    await this.#exchange.open();
    const opening = await link
      .exchange(concatBytes(nonce, value), "opened commitment")
      .catch((error: unknown) => {
        throw error instanceof TransportError && error.reason === "malformed" ? this.#broken() : error;
      });
    const theirRecord = {
      ...this.#record,
      party: (1 - party) as Party,
      nonce: opening.subarray(0, NONCE_BYTES),
      value: opening.subarray(NONCE_BYTES),
    };
    if (!equalBytes(theirs, commit(theirRecord))) throw this.#broken();
    return theirRecord.value;
  }

  #broken(): CheckError {
    return new CheckError(
      "commitment",
      `the other party opened a commitment (${this.#record.purpose}) to something other than it had committed to. It deviated ` +
        "from the protocol or runs another version; the session has ended, and its keys are destroyed.",
    );
  }

  /** The other party's value is correct: nothing is owed any more. */
  settle(): void {
    this.#exchange.settle();
  }
}

/**
 * Exchange values of equal length so that neither party can choose its value after seeing the other's: commit, receive,
 * open.
 *
 * @returns the other party's value
 * @throws {CheckError} the other party opened a different value from the one it committed to
 *
 * Security: active, in the random oracle model. The session's gate catches a party that withholds its opening.
 * Source: the standard hash commitment, in the role of F_Commit of Damgård et al., ePrint 2011/535, fig. 3.
 */
export async function exchangeCommitted(
  link: OperationLink,
  identity: Identity,
  purpose: string,
  value: Uint8Array,
): Promise<Uint8Array> {
  const mine = Committed.to(identity, "coins", purpose, value);
  const theirs = await link.exchange(mine.commitment.slice(), "commitment");
  const opened = await mine.open(link, theirs);
  mine.settle();
  return opened;
}
