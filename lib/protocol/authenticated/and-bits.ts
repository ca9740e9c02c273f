import { burn, type RawVector } from "../../preprocessing/kinds/raw";
import type { MacKey } from "../../sharing/authenticated";
import { endBitOpening } from "../../sharing/bit-opening";
import { bitProduct, maskFactors } from "../../sharing/bit-product";
import { type BitKey, type BitVector, packBits, packedBytes } from "../../sharing/bits";
import type { Length } from "../protocol";
import type { AuthenticatedContext, AuthenticatedProtocol } from "./context";

/**
 * Compute x ∧ y for authenticated bits, bit by bit (Beaver).
 *
 * Rounds: 1, of 2 bits each way for each AND. Security: active, provisional until the check of the operation's log.
 * Source: Beaver, CRYPTO 1991, in F_2; ePrint 2011/091, section 4.
 */
export const andBits = {
  demand: ({ length }: Length) => ({
    items: { andtriple: length },
    rounds: 1,
    bytes: packedBytes(2 * length),
    bits: 2 * length,
  }),
  async run(
    ctx: Pick<AuthenticatedContext, "items" | "link" | "key" | "log">,
    [x, y],
    { length },
  ): Promise<BitVector> {
    const key = bitKey(ctx.key);
    const fields = await ctx.items.take("andtriple", length);
    const [a, b, c] = fields.map(toBits) as [BitVector, BitVector, BitVector];
    const masked = maskFactors(x, y, { a, b, c });
    const mine = packBits(masked);
    const theirs = await ctx.link.exchange(mine.slice(), "opens masked bits");
    const opened = endBitOpening(key, ctx.log.bits, masked, mine, theirs);
    const product = bitProduct(key, { a, b, c }, opened);
    for (const field of fields) burn(field);
    return product;
  },
} satisfies AuthenticatedProtocol<Length, [x: BitVector, y: BitVector], BitVector>;

/** Read items as bits. */
export function toBits({ values, macs }: RawVector): BitVector {
  return { own: values, keys: macs };
}

/** @throws {TypeError} the session's producer makes no authenticated bits */
export function bitKey({ party, delta }: MacKey): BitKey {
  if (!delta)
    throw new TypeError("this session has no key for authenticated bits: its producer makes values only");
  return { party, delta };
}
