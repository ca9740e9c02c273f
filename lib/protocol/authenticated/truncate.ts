import type { Needs } from "../../preprocessing/kinds/kinds";
import { burn, type RawVector, toShares } from "../../preprocessing/kinds/raw";
import type { Capabilities } from "../../preprocessing/producer";
import { type RingVector, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  disposeShares,
  mulPublic,
  negShares,
} from "../../sharing/authenticated";
import { openShares } from "../../sharing/opening";
import type { Length } from "../protocol";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";
import { type PrivateBits, truncateByBits } from "./truncate-by-bits";

type Sizes = Length & { readonly bits: number };

/** The kind that a truncation takes: private bits for any width, or from a dealer a mask for this one. */
const kindFor = (can: Capabilities, bits: number) =>
  can.truncation === "truncation" ? (`truncation ${bits}` as const) : "bits";

/**
 * Cut the low `bits` bits off shared numbers, using the item that the producer makes: see `truncateByBits` and
 * `truncateByMask`.
 *
 * The caller must keep |x| < 2^62: outside it the result is meaningless, and neither party can detect that. Within it
 * the result is x >> f or one more, and there is no wraparound failure. Reserve fresh items for each call, and do not
 * truncate one x twice: each result reveals one comparison of its low bits with a threshold that a cheating party 1
 * chooses.
 *
 * Security: active, provisional until the check.
 */
export const truncate = {
  demand({ length, bits }: Sizes, { can }: { readonly can: Capabilities }) {
    const kind = kindFor(can, bits);
    const items: Needs = { [kind]: length };
    return { items, rounds: kind === "bits" ? 2 : 1, bytes: 8 * length, openings: length };
  },
  async run(ctx, [x], { bits }): Promise<AuthenticatedVector> {
    if (!Number.isInteger(bits) || bits < 1 || bits > 62)
      throw new RangeError(`bits must be from 1 to 62, got ${bits}`);
    const kind = kindFor(ctx.can, bits);
    const items = await ctx.items.take(kind, x.value.length);
    const result =
      kind === "bits"
        ? await truncateByBits(ctx, x, bits, items as unknown as PrivateBits)
        : await truncateByMask(ctx, x, bits, items);
    for (const field of items) burn(field);
    await ctx.checkIfMany();
    return result;
  },
} satisfies AuthenticatedProtocol<Sizes, [x: AuthenticatedVector]>;

/**
 * Truncate by a dealer's mask r of full width.
 *
 * c = x + 2^62 + r is opened mod 2^64. With |x| < 2^62 the sum wraps exactly when the top bit of r is set and that of c
 * is not, so x >> f = (c >> f) − (r >> f) + 2^(64−f) · msb(r) · (1 − msb(c)) − 2^(62−f), off by at most the borrow of the
 * low bits.
 *
 * Rounds: 1, of 8 bytes for each number each way.
 * Source: Damgård et al., ePrint 2019/599, section 5; Escudero et al., ePrint 2020/338, for the mask.
 */
async function truncateByMask(
  { link, log, key }: Pick<AuthenticatedContext, "link" | "log" | "key">,
  x: AuthenticatedVector,
  bits: number,
  items: readonly RawVector[],
): Promise<AuthenticatedVector> {
  const { length } = x.value;
  const [r, shifted, msb] = items.map(toShares) as [
    AuthenticatedVector,
    AuthenticatedVector,
    AuthenticatedVector,
  ];
  const masked = scope(() => addPublic(key, addShares(x, r), ring128.full(length, 1n << 62n)));
  const [c] = (await openShares(link, log, [masked], "opens masked product")) as [RingVector];
  const result = scope(() => {
    const notMsb = ring128.addScalar(ring128.neg(ring128.shiftRight(c, 63)), 1n);
    const wrap = mulPublic(msb, ring128.shiftLeft(notMsb, 64 - bits));
    const constant = ring128.addScalar(ring128.shiftRight(c, bits), -(1n << BigInt(62 - bits)));
    return addPublic(key, addShares(wrap, negShares(shifted)), constant);
  });
  disposeShares(r, shifted, msb, masked);
  return result;
}
