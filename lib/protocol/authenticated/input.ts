import type { Party } from "../../channel/channel";
import type { Needs } from "../../preprocessing/kinds/kinds";
import { toShares } from "../../preprocessing/kinds/raw";
import { type RingVector, ring64, ring128, scope } from "../../ring";
import { type AuthenticatedVector, addPublic, addShares } from "../../sharing/authenticated";
import { lowWords, widenWords } from "../../sharing/opening";
import type { AuthenticatedContext } from "./context";

export function inputNeeds(owner: Party, length: number): Needs {
  return { [`input${owner}`]: length };
}

/**
 * Authenticated shares of values that one party knows.
 *
 * @param owner - whose values
 * @param length - how many, known to both
 * @param values - mod 2^64, at the owner only
 *
 * Cost: 1 message of 8 bytes for each value from the owner. Security: active; a party may choose its input freely, and
 * the other one learns nothing: the mask is uniform and only the owner knows it.
 * Source: SPDZ2k, ePrint 2018/482, fig. 5 (input).
 */
export async function input(
  ctx: AuthenticatedContext,
  owner: Party,
  length: number,
  values?: RingVector,
): Promise<AuthenticatedVector> {
  const [mask] = (await ctx.items.take(`input${owner}`, length)).map(toShares) as [AuthenticatedVector];
  const { link, key } = ctx;
  let difference: Uint8Array;
  if (link.party === owner) {
    difference = scope(() =>
      lowWords(ring128.toBytes(ring128.sub(widenWords(ring64.toBytes(values!)), mask.value))),
    );
    link.send(difference.slice(), "masked input");
  } else {
    difference = await link.receive(length * 8, "masked input");
  }
  return scope(() => addPublic(key, mask, widenWords(difference)));
}

export function authenticateNeeds(length: number): Needs {
  return { input0: length, input1: length };
}

/**
 * Authenticates a secret that is shared additively mod 2^64: each party inputs its share.
 *
 * A share that a party changed before is changed in the secret too; from here on it can change nothing.
 *
 * @param share - this party's share mod 2^64
 *
 * Cost: 1 round, 8 bytes for each element each way. Security: active.
 */
export async function authenticateShare(
  ctx: AuthenticatedContext,
  share: RingVector,
): Promise<AuthenticatedVector> {
  const parties = [0, 1] as const;
  const [zero, one] = await Promise.all(
    parties.map((party) => input(ctx, party, share.length, party === ctx.link.party ? share : undefined)),
  );
  return scope(() => addShares(zero!, one!));
}
