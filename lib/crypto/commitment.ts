import type { Party } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";
import { CheckError, TransportError } from "../errors";
import { concatBytes, drawBytes, equalBytes } from "./bytes";
import type { CommittedKind, Exchange, Gate } from "./gate";
import { hashLabelled } from "./hash";
import type { Identity } from "./identity";

const NONCE_BYTES = 32;
export const COMMITMENT_BYTES = 32;

/** Everything that opens a commitment, as data: it can be opened elsewhere than where it was made. Secret until then. */
export interface CommitmentRecord {
  readonly session: Uint8Array;
  readonly party: Party;
  readonly kind: CommittedKind;
  readonly purpose: string;
  readonly number: number;
  readonly nonce: Uint8Array;
  readonly value: Uint8Array;
}

/** SHA-256 over session, sender, purpose, counter, nonce and value: hiding by the nonce, binding, and no echo fits. */
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

/** A value that this party has committed to and not opened yet. */
export class Committed {
  /** Goes to the other party, which gives its own in return. */
  readonly commitment: Uint8Array;
  readonly #record: CommitmentRecord;
  readonly #exchange: Exchange;

  private constructor(record: CommitmentRecord, exchange: Exchange) {
    this.#record = record;
    this.#exchange = exchange;
    this.commitment = commit(record);
  }

  /**
   * Commits to a value.
   *
   * @param kind - whether what is opened belongs to a check or to coins
   * @param purpose - what it is for; with the session, the sender and a counter it is bound into the commitment, so
   *   that a commitment sent back, or one of another time, opens to nothing
   * @param value - what to show later; both parties' values have one length
   * @throws the reason why nothing new may begin
   */
  static to(identity: Identity, kind: CommittedKind, purpose: string, value: Uint8Array): Committed {
    const exchange = identity.gate.begin(kind);
    const { session, party, random } = identity;
    const number = identity.counter(purpose);
    const nonce = drawBytes(random, NONCE_BYTES);
    return new Committed({ session, party, kind, purpose, number, nonce, value }, exchange);
  }

  /** Takes over a commitment that was made elsewhere, to open it through this gate. */
  static from(record: CommitmentRecord, gate: Gate): Committed {
    return new Committed(record, gate.begin(record.kind));
  }

  /** What it takes to open it elsewhere. Open it in one place only. */
  get record(): CommitmentRecord {
    return this.#record;
  }

  /**
   * Shows the value and receives the other party's. Call `settle` once that is what it must be.
   *
   * @param theirs - the other party's commitment
   * @returns the other party's value
   * @throws {CheckError} what the other party opened is not what it committed to
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
      `the other party opened a commitment (${this.#record.purpose}) to something else than it had committed to. It deviated ` +
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
  const mine = Committed.to(identity, "coins", purpose, value);
  const theirs = await link.exchange(mine.commitment.slice(), "commitment");
  const opened = await mine.open(link, theirs);
  mine.settle();
  return opened;
}
