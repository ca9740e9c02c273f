import type { OperationLink } from "../../channel/operation-link";
import { scope } from "../../ring";
import { type AuthenticatedVector, subShares } from "../../sharing/authenticated";
import { beaverProduct } from "../../sharing/beaver";
import { checkMacs } from "../../sharing/mac-check";
import { rowsOf } from "../../sharing/mac-rows";
import { OpeningLog, openShares } from "../../sharing/opening";
import { toShares } from "../kinds/raw";
import type { RawTriples } from "./divide";
import type { OtState } from "./ot-state";
import { makeRandoms } from "./randoms";
import { makeTriples } from "./triples";

/**
 * Multiply x and y with fresh triples, and check the openings before returning. For makers of items, which must check
 * their own work.
 *
 * @throws {CheckError} the other party deviated
 */
export async function multiplyChecked(
  link: OperationLink,
  state: OtState,
  x: AuthenticatedVector,
  y: AuthenticatedVector,
): Promise<AuthenticatedVector> {
  return multiplyBy(link, state, await makeTriples(link, state, x.value.length), x, y);
}

/**
 * The same with given triples, which are used up.
 *
 * @throws {CheckError} the other party deviated
 */
export async function multiplyBy(
  link: OperationLink,
  state: OtState,
  raw: RawTriples,
  x: AuthenticatedVector,
  y: AuthenticatedVector,
): Promise<AuthenticatedVector> {
  const { identity, keeper, settlement } = state;
  const triple = { a: toShares(raw.a), b: toShares(raw.b), c: toShares(raw.c) };
  const masks = toShares(await makeRandoms(link, state, rowsOf(2 * x.value.length)));
  const key = { party: link.party, alpha: keeper.alpha };
  const log = new OpeningLog();
  const differences = scope(() => [subShares(x, triple.a), subShares(y, triple.b)]);
  const [epsilon, delta] = await openShares(link, log, differences);
  const product = beaverProduct(key, triple, epsilon!, delta!);
  await checkMacs(link, identity, key, log.drain(), masks, { settlement });
  return product;
}
