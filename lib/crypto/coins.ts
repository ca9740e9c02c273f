import type { OperationLink } from "../channel/operation-link";
import { drawBytes } from "./bytes";
import { exchangeCommitted } from "./commitment";
import { hashLabelled } from "./hash";
import type { Identity } from "./identity";
import { SEED_BYTES } from "./prg";

/**
 * A public random seed that neither party can steer, drawn when it is called and not before: whatever it is to check
 * must be fixed by then.
 *
 * @throws {CheckError} the other party opened another value than it committed to
 *
 * Cost: 2 rounds, 80 bytes each way. Security: active, with abort; a party can refuse to go on, not choose.
 * Source: Blum, 1983, with the commitment of `exchangeCommitted`.
 */
export async function tossCoins(
  link: OperationLink,
  identity: Identity,
  purpose: string,
): Promise<Uint8Array> {
  const mine = drawBytes(identity.random, SEED_BYTES);
  const theirs = await exchangeCommitted(link, identity, `coins/${purpose}`, mine);
  const pair = identity.party === 0 ? [mine, theirs] : [theirs, mine];
  return hashLabelled(`coins/${purpose}`, identity.session, ...pair).subarray(0, SEED_BYTES);
}
