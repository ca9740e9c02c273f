import { type RingVector, ring64, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  mapShares,
  mulPublic,
  negShares,
  subShares,
} from "../../sharing/authenticated";
import { lowWords, widenWords } from "../../sharing/opening";
import type { OperationContext } from "../context";
import type { Scheme } from "../scheme";
import { authenticateShare, input } from "./input";
import { multiplyMasked, multiplyMatrices, multiplyShares } from "./multiply";
import type { OperationContext as MaliciousContext, MaliciousSession } from "./session";
import { truncateShares } from "./truncate";

/**
 * Authenticated shares mod 2^(64+64): a party that deviates is caught before anything is output.
 *
 * Security: malicious with abort, no third party. Source: SPDZ2k, ePrint 2018/482.
 */
export function createAuthenticatedScheme(session: MaliciousSession): Scheme<AuthenticatedVector> {
  return {
    input: (ctx, owner, length, values) => input(authenticated(ctx), owner, length, values),
    enter: (ctx, words) => authenticateShare(authenticated(ctx), words),
    release: (ctx) => authenticated(ctx).release(),
    words: (x) => scope(() => ring64.fromBytes(lowWords(ring128.toBytes(x.value)), x.value.length)),

    add: (x, y) => scope(() => addShares(x, y)),
    sub: (x, y) => scope(() => subShares(x, y)),
    neg: (x) => scope(() => negShares(x)),
    shiftLeft: (x, bits) => mapShares(x, (vector) => ring128.shiftLeft(vector, bits)),
    gather: (x, indices) => mapShares(x, (vector) => ring128.gather(vector, indices)),
    scatterAdd: (x, indices, length) => mapShares(x, (vector) => ring128.scatterAdd(vector, indices, length)),
    async addPublic(_, x, c) {
      const key = await session.ready();
      return scope(() => addPublic(key, x, widen(c)));
    },
    mulPublic: (x, c) => scope(() => mulPublic(x, widen(c))),
    matmulPublic: (x, c, side, [m, k, n]) =>
      scope(() => {
        const wide = widen(c);
        return mapShares(x, (vector) =>
          side === "right" ? ring128.matmul(vector, wide, m, k, n) : ring128.matmul(wide, vector, m, k, n),
        );
      }),

    async multiply(ctx, x, y) {
      const product = await multiplyShares(authenticated(ctx), x, y);
      await authenticated(ctx).relieve();
      return product;
    },
    async matmul(ctx, x, y, sizes) {
      const product = await (ctx.product
        ? multiplyMasked(authenticated(ctx), x, y, sizes, ctx.product)
        : multiplyMatrices(authenticated(ctx), x, y, sizes));
      await authenticated(ctx).relieve();
      return product;
    },
    async truncate(ctx, x, bits) {
      const result = await truncateShares(authenticated(ctx), x, bits, session.offers.truncation);
      await authenticated(ctx).relieve();
      return result;
    },
    reveal: (ctx, x) => authenticated(ctx).reveal(x),
    revealTo: (ctx, owner, x) => authenticated(ctx).revealTo(owner, x),
  };
}

function authenticated(ctx: OperationContext): MaliciousContext {
  if (!ctx.authenticated) throw new TypeError("the operation was issued without saying what it takes");
  return ctx.authenticated;
}

function widen(words: RingVector): RingVector {
  return widenWords(ring64.toBytes(words));
}
