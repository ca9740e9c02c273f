import type { OperationLink } from "../../channel/operation-link";
import { tossCoins } from "../../crypto/coins";
import type { OtState } from "./ot-state";
import { VOLE_ANSWER_BYTES, WIDE } from "./ring-vole";

/** Addresses in kernel memory of the results of authentication. */
export interface Authenticated {
  /** This party's MAC shares of its own values and of the other party's, 16 bytes each. */
  readonly own: number;
  readonly peer: number;
  /** The wide v of the own values and w of the other's; `masks` further elements follow in each. */
  readonly v: number;
  readonly w: number;
  /** This party's own values as wide elements, then its masks. */
  readonly wide: number;
}

/**
 * Make MAC shares of values mod 2^128 that each party knows: mac_0 + mac_1 = (alpha_0 + alpha_1) · x. The owner of x
 * computes the product with its own alpha_i itself; the product with the other party's comes from the ring VOLE.
 *
 * @param values - address of this party's `own` values, 16 bytes each
 * @param peer - how many values the other party authenticates
 * @param masks - how many uniform values mod 2^192 each party that has values authenticates in addition
 * @throws {CheckError} the other party deviated
 *
 * Source: SPDZ2k, ePrint 2018/482, section 6 (Π_[·]).
 */
export async function authenticate(
  link: OperationLink,
  state: OtState,
  values: number,
  own: number,
  peer: number,
  masks = 0,
): Promise<Authenticated> {
  const { identity, kernels, keeper } = state;
  const wide = kernels.allocate((own + masks) * WIDE);
  kernels.run.widen(values, own, wide);
  if (own > 0) kernels.draw(wide + own * WIDE, identity.random, masks * WIDE);
  const products = await multiplyByKeys(
    link,
    state,
    wide,
    own > 0 ? own + masks : 0,
    peer > 0 ? peer + masks : 0,
  );
  const { v, w } = products;
  const result = { own: kernels.allocate(own * 16), peer: kernels.allocate(peer * 16), v, w, wide };
  kernels.run.macOfOwn(values, v, keeper.alpha, own, result.own);
  kernels.run.macOfPeer(w, peer, result.peer);
  return result;
}

/**
 * Make shares mod 2^192 of the products of each party's values with the other party's key: w = v + alpha·x.
 *
 * @param wide - address of this party's `own` values, 24 bytes each
 * @param peer - how many values the other party has
 * @returns addresses of v for the own values and of w for the other party's
 * @throws {CheckError} the other party deviated
 */
export async function multiplyByKeys(
  link: OperationLink,
  { identity, prover, keeper }: OtState,
  wide: number,
  own: number,
  peer: number,
): Promise<{ v: number; w: number }> {
  let v = 0;
  let w = 0;
  if (own > 0) v = prover.prepare(wide, own, identity.random, (corrections) => link.send(corrections));
  if (peer > 0) w = await keeper.absorb(peer, (length) => link.receive(length));
  const seed = await tossCoins(link, identity, "authenticate");
  if (own > 0) link.send(prover.answer(seed));
  if (peer > 0) keeper.verify(seed, await link.receive(VOLE_ANSWER_BYTES));
  return { v, w };
}
