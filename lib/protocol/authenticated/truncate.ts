import { MASK_BITS, type Needs } from "../../preprocessing/kinds/kinds";
import { toShares } from "../../preprocessing/kinds/raw";
import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  mapShares,
  mulPublic,
  negShares,
} from "../../sharing/authenticated";
import { openShares } from "../../sharing/opening";
import type { Length } from "../protocol";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";

/** Compute r, r >> f and the top bit of r from random bits, 64 for each number, lowest first. */
function composeMask(bits: AuthenticatedVector, length: number, f: number) {
  const weights = (from: number) =>
    ring128.fromBigInts(
      Array.from({ length: MASK_BITS }, (_, i) => (i < from ? 0n : 1n << BigInt(i - from))),
    );
  const weigh = (from: number) =>
    mapShares(bits, (vector) => ring128.matmul(vector, weights(from), length, MASK_BITS, 1));
  const msb = mapShares(bits, (vector) => ring128.strided(vector, [length], [MASK_BITS], MASK_BITS - 1));
  return { r: weigh(0), shifted: weigh(f), msb };
}

async function takeMask(ctx: Pick<AuthenticatedContext, "items" | "can">, length: number, bits: number) {
  if (ctx.can.truncation !== "truncation") {
    const [drawn] = (await ctx.items.take("mask", length)).map(toShares);
    return scope(() => composeMask(drawn!, length, bits));
  }
  const [r, shifted, msb] = (await ctx.items.take(`truncation ${bits}`, length)).map(toShares);
  return { r: r!, shifted: shifted!, msb: msb! };
}

type Sizes = Length & { readonly bits: number };

/**
 * Cut the low `bits` bits off shared numbers: x >> bits, rounded down, or one more. `bits` is f, from 1 to 62.
 *
 * c = x + 2^62 + r is opened for a uniform r mod 2^64. With |x| < 2^62 the sum wraps exactly when the top bit of r is
 * set and that of c is not, so x >> f = (c >> f) − (r >> f) + 2^(64−f) · msb(r) · (1 − msb(c)) − 2^(62−f), off by at
 * most the borrow of the low bits. There is no wraparound failure, whatever the size of x within its bound. Outside
 * it the result is meaningless, and neither party can detect that: the caller must keep the bound.
 *
 * The mask is 64 random bits for each number, or, where a dealer makes it, r, r >> f and the top bit of r.
 *
 * Rounds: 1, of 8 bytes for each number each way. Security: active, provisional until the check.
 * Source: Damgård et al., ePrint 2019/599, section 5; Escudero et al., ePrint 2020/338, for the mask.
 */
export const truncate = {
  demand({ length, bits }: Sizes, { can }: { readonly can: Capabilities }) {
    const items: Needs =
      can.truncation === "truncation" ? { [`truncation ${bits}`]: length } : { mask: length };
    return { items, rounds: 1, bytes: 8 * length, openings: length };
  },
  async run(ctx, [x], { bits }): Promise<AuthenticatedVector> {
    if (!Number.isInteger(bits) || bits < 1 || bits > 62)
      throw new RangeError(`bits must be from 1 to 62, got ${bits}`);
    const { length } = x.value;
    const { key } = ctx;
    const { r, shifted, msb } = await takeMask(ctx, length, bits);
    const masked = scope(() => addPublic(key, addShares(x, r), ring128.full(length, 1n << 62n)));
    const [c] = (await openShares(ctx.link, ctx.log, [masked], "opens masked product")) as [RingVector];
    const result = scope(() => {
      const notMsb = ring128.addScalar(ring128.neg(ring128.shiftRight(c, 63)), 1n);
      const wrap = mulPublic(msb, ring128.shiftLeft(notMsb, 64 - bits));
      const constant = ring128.addScalar(ring128.shiftRight(c, bits), -(1n << BigInt(62 - bits)));
      return addPublic(key, addShares(wrap, negShares(shifted)), constant);
    });
    await ctx.checkIfMany();
    return result;
  },
} satisfies AuthenticatedProtocol<Sizes, [x: AuthenticatedVector]>;
