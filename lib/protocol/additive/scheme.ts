import { toWords } from "../../preprocessing/kinds/raw";
import type { Reservation } from "../../preprocessing/pool/pool";
import type { Offers } from "../../preprocessing/producer";
import type { RingVector } from "../../ring";
import type { OperationContext } from "../context";
import type { Scheme } from "../scheme";
import { input, openTo } from "./input";
import { multiply, multiplyMasked, multiplyMatrices } from "./multiply";
import { open } from "./open";
import { truncate } from "./truncate";
import { truncateByWrap } from "./truncate-by-wrap";

/**
 * Plain additive shares mod 2^64, without MACs: a party that deviates can change results unnoticed.
 *
 * Security: semi-honest, as long as the source of correlated randomness is.
 *
 * @param offers - of that source: what numbers are truncated by
 */
export const createAdditiveScheme = ({ truncation }: Offers): Scheme<RingVector> => ({
  input: (ctx, owner, length, values) => input(ctx, owner, length, values),
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

  async multiply(ctx, x, y) {
    return multiply(ctx, x, y, await itemsOf(ctx).take("triple", x.length));
  },
  async matmul(ctx, x, y, sizes) {
    if (ctx.product) return multiplyMasked(ctx, x, y, sizes, itemsOf(ctx), ctx.product);
    return multiplyMatrices(ctx, x, y, sizes, (count) => itemsOf(ctx).take("triple", count));
  },
  async truncate(ctx, x, bits) {
    if (truncation === "wrap") {
      const [bit, product] = (await itemsOf(ctx).take("wrap", x.length)).map(toWords);
      return truncateByWrap(ctx, x, bits, { bit: bit!, product: product! });
    }
    const [r, shifted, msb] = (await itemsOf(ctx).take(`truncation ${bits}`, x.length)).map(toWords);
    return truncate(ctx, x, bits, { r: r!, shifted: shifted!, msb: msb! });
  },
  reveal: (ctx, x) => open(ctx, x, "opens the result"),
  revealTo: (ctx, owner, x) => openTo(ctx, owner, x),
});

function itemsOf({ items }: OperationContext): Reservation {
  if (!items) throw new TypeError("the operation was issued without saying what it takes");
  return items;
}
