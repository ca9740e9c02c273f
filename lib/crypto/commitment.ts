import type { OperationLink } from "../channel/operation-link";
import { CheckError } from "../errors";
import { concatBytes, drawBytes, equalBytes } from "./bytes";
import { hashLabelled } from "./hash";
import type { Identity } from "./identity";

const NONCE_BYTES = 32;
const COMMITMENT_BYTES = 32;

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

/**
 * Both parties show a value of one length, neither after having seen the other's: commit, receive, open.
 *
 * @param purpose - what it is for; with the session, the sender and a counter it is bound into the commitment, so that
 *   a commitment sent back, or one of another time, opens to nothing
 * @returns the other party's value
 * @throws {CheckError} what the other party opened is not what it committed to
 *
 * Cost: 2 rounds, 64 bytes and the value each way. Security: active, in the random oracle model.
 * Source: the standard hash commitment; F_Commit of Damgård et al., ePrint 2011/535, fig. 3 in role.
 */
export async function exchangeCommitted(
  link: OperationLink,
  { party, session, random, counter }: Identity,
  purpose: string,
  value: Uint8Array,
): Promise<Uint8Array> {
  const number = counter(purpose);
  const nonce = drawBytes(random, NONCE_BYTES);
  const commitment = commit(session, party, purpose, number, nonce, value);
  const theirs = await link.exchange(commitment, "commitment");
  if (theirs.length !== COMMITMENT_BYTES) throw opened(purpose);
  const opening = await link.exchange(concatBytes(nonce, value));
  const theirNonce = opening.subarray(0, NONCE_BYTES);
  const theirValue = opening.subarray(NONCE_BYTES);
  if (!equalBytes(theirs, commit(session, 1 - party, purpose, number, theirNonce, theirValue)))
    throw opened(purpose);
  return theirValue;
}

function opened(purpose: string): CheckError {
  return new CheckError(
    "commitment",
    `the other party opened a commitment (${purpose}) to something else than it had committed to. It deviated from ` +
      "the protocol or runs another version; nothing was revealed and the session has ended.",
  );
}
