import type { Preprocessing } from "../preprocessing/preprocessing";
import type { RingVector } from "../ring";
import type { OperationContext } from "./context";
import { multiply, multiplyMatrices } from "./multiply";
import { open } from "./open";
import type { Scheme } from "./scheme";
import { truncate } from "./truncate";

/**
 * Plain additive shares mod 2^64, without MACs: a party that deviates can change results unnoticed.
 *
 * Security: semi-honest, as long as the source of correlated randomness is.
 */
export const additiveScheme: Scheme<RingVector> = {
  words: (x) => x,

  add: (x, y) => x.ring.add(x, y),
  sub: (x, y) => x.ring.sub(x, y),
  neg: (x) => x.ring.neg(x),
  shiftLeft: (x, bits) => x.ring.shiftLeft(x, bits),
  gather: (x, indices) => x.ring.gather(x, indices),
  scatterAdd: (x, indices, length) => x.ring.scatterAdd(x, indices, length),
  addPublic: ({ online }, x, c) => (online.party === 0 ? x.ring.add(x, c) : x),
  mulPublic: (x, c) => x.ring.mul(x, c),
  matmulPublic: (x, c, side, [m, k, n]) => {
    const [left, right] = side === "right" ? [x, c] : [c, x];
    return x.ring.matmul(left, right, m, k, n);
  },

  async multiply(ctx: OperationContext, x, y) {
    return multiply(ctx, x, y, await source(ctx).triple(ctx, x.length));
  },
  async matmul(ctx, x, y, sizes) {
    return multiplyMatrices(ctx, x, y, sizes, await source(ctx).matmulTriple(ctx, ...sizes));
  },
  async truncate(ctx, x, bits) {
    return truncate(ctx, x, bits, await source(ctx).truncationMask(ctx, x.length, bits));
  },
  reveal: (ctx, x) => open(ctx, x, "opens the result"),
};

function source({ preprocessing }: OperationContext): Preprocessing {
  if (!preprocessing)
    throw new TypeError("this session has no correlated randomness for shares without MACs");
  return preprocessing;
}
