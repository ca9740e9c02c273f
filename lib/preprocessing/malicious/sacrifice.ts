import type { OperationLink } from "../../channel/operation-link";
import { drawBytes, readWord } from "../../crypto/bytes";
import { tossCoins } from "../../crypto/coins";
import { createPrg } from "../../crypto/prg";
import type { OtState } from "./ot-state";
import { checkZero, openPacked } from "./packed";
import { WIDE } from "./ring-vole";

/** Addresses of this party's shares of the parts of triples, or of their MACs: 24 bytes an element. */
export interface TripleParts {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly a2: number;
  readonly c2: number;
}

/**
 * Check that c = a·b for triples that have a second one, a' and c', with the same b, which is used up: with a coin t
 * rho = t·a − a' is opened, and the MACs of rho and of t·c − c' − rho·b = 0 are checked in one random combination.
 *
 * @param x - this party's shares
 * @param m - its shares of their MACs
 * @param open - opens the rho. Default: both parties send their shares.
 * @throws {CheckError} the other party deviated
 */
export async function sacrifice(
  link: OperationLink,
  state: OtState,
  count: number,
  x: TripleParts,
  m: TripleParts,
  open: typeof openPacked = openPacked,
) {
  const { kernels, identity, keeper } = state;
  const { run } = kernels;
  const mark = kernels.mark;
  const t = readWord(await tossCoins(link, identity, "sacrifice"));
  const rho = kernels.allocate(count * WIDE);
  run.sacrificeRho(x.a, x.a2, t, count, rho);
  await open(link, state, rho, count);
  const prg = createPrg(await tossCoins(link, identity, "sacrifice/check"));
  const weights = kernels.put(drawBytes(prg, count * 16));
  const sum = kernels.allocate(WIDE);
  run.sacrificeCheck(m.a, m.a2, m.b, m.c, m.c2, rho, t, keeper.alpha, weights, count, sum);
  await checkZero(
    link,
    state,
    "sacrifice",
    sum,
    "a multiplication triple is wrong: the other party deviated while it was made",
  );
  kernels.release(mark);
}
