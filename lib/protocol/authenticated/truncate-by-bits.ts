import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { PRIVATE_BITS } from "../../preprocessing/kinds/kinds";
import { ELEMENT, type RawVector, toShares } from "../../preprocessing/kinds/raw";
import { keep, type RingVector, ring64, ring128, scope } from "../../ring";
import {
  type AuthenticatedVector,
  addPublic,
  addShares,
  concatShares,
  type MacKey,
  mapShares,
  mulPublic,
  sliceShares,
  subShares,
} from "../../sharing/authenticated";
import { lowWords, widenWords } from "../../sharing/opening";
import type { AuthenticatedContext } from "./context";

const WORD = 8;
/** How many numbers are truncated at once, so that the MACs of their bits stay in the cache. */
const CHUNK = 1024;
/** Makes numbers of magnitude below 2^62 positive. */
const HALF = 1n << 62n;

const weights = new Map<number, RingVector>();

/** For f, the weights of two sums of 64 bits: 2^(j−f) from bit f on, and 2^j. */
function weightsFor(f: number): RingVector {
  let found = weights.get(f);
  if (!found) {
    const rows = Array.from({ length: PRIVATE_BITS }, (_, j) => [
      j < f ? 0n : 1n << BigInt(j - f),
      1n << BigInt(j),
    ]);
    found = keep(ring128.fromBigInts(rows.flat()));
    weights.set(f, found);
  }
  return found;
}

/** The items of as many truncations: own bits, the other party's, and the product of both highest; see the kind. */
export type PrivateBits = readonly [own: RawVector, peer: RawVector, top: RawVector];

/**
 * Cut the low `bits` bits off shared numbers: x >> bits, rounded down, or one more. `bits` is f, from 1 to 62.
 *
 * Party 1 has bits rho_j of a number r, party 0 bits beta_j, all authenticated and proven to be bits.
 * 1. Party 1 sends its share of x plus r, low words.
 * 2. Party 0 adds its share and 2^62, which gives y = x + 2^62 + r mod 2^64, and sends delta_j = y_j ⊕ beta_j.
 * 3. Both compute [y_j] = delta_j + (1 − 2·delta_j)·[beta_j]. For |x| < 2^62, x + 2^62 has no top bit, so y has wrapped
 *    exactly when rho_63 is set and y_63 is not, and
 *    x >> f = (y >> f) − (r >> f) + 2^(64−f) · rho_63 · (1 − y_63) − 2^(62−f), off by at most the borrow of the low bits.
 *    rho_63 · y_63 is the item's product, or rho_63 minus it, by delta_63.
 * 4. U = y − x − 2^62 − r must be zero mod 2^64: log it as a claimed zero.
 *
 * All y_j are bits, whatever either party sends, so U = 0 fixes y. A wrong message makes U a constant that its sender
 * knows, so how the check ends tells it nothing.
 *
 * The result is the floor of (x + r_lo) / 2^f with r_lo = r mod 2^f. A cheating party 1 chooses r_lo, and with it the
 * threshold of the rounding; party 0 sees (x + r_lo) mod 2^f, which is uniform.
 *
 * @param item - burnt by the caller
 */
export async function truncateByBits(
  ctx: Pick<AuthenticatedContext, "link" | "log" | "key">,
  x: AuthenticatedVector,
  bits: number,
  item: PrivateBits,
): Promise<AuthenticatedVector> {
  const { length } = x.value;
  const { number, delta } = await maskBits(ctx.link, x, item[0].values);
  const { result, zero } = scope(() => {
    const parts: Truncated[] = [];
    for (let start = 0; start < length || start === 0; start += CHUNK) {
      const end = Math.min(length, start + CHUNK);
      const part = scope(() => {
        const cut = (vector: RingVector) => ring128.slice(vector, start, end);
        const some = { x: sliceShares(x, start, end), number: cut(number), delta: cut(delta) };
        return finish(ctx.key, some, bits, readItems(item, ctx.key.party, start, end));
      });
      parts.push(part);
    }
    return {
      result: concatShares(parts.map((each) => each.result)),
      zero: concatShares(parts.map((each) => each.zero)),
    };
  });
  for (const vector of [number, delta]) vector.dispose();
  ctx.log.claimZero(zero);
  return result;
}

interface Truncated {
  readonly result: AuthenticatedVector;
  /** Zero mod 2^64, if neither party deviated. */
  readonly zero: AuthenticatedVector;
}

/**
 * Exchange both messages.
 *
 * @param own - this party's bits
 * @returns the number whose bits this party knows, y at party 0 and r at party 1; and the delta, which are public
 */
async function maskBits(
  link: OperationLink,
  x: AuthenticatedVector,
  own: Uint8Array,
): Promise<{ number: RingVector; delta: RingVector }> {
  const { length } = x.value;
  const words = (bytes: Uint8Array) => ring64.fromBytes(bytes, length);
  const low = lowWords(ring128.toBytes(x.value));
  if (link.party === 1) {
    link.send(
      scope(() => ring64.toBytes(ring64.add(words(low), words(own)))),
      "masked product",
    );
    link.passRound?.();
    const delta = await link.receive(length * WORD, "masked bits");
    return { number: widenWords(own), delta: widenWords(delta) };
  }
  const masked = await link.receive(length * WORD, "masked product");
  const [y, delta] = scope(() => {
    const sum = ring64.addScalar(ring64.add(words(low), words(masked)), HALF);
    return [ring64.toBytes(sum), ring64.toBytes(ring64.xor(sum, words(own)))] as const;
  });
  const result = { number: widenWords(y), delta: widenWords(delta) };
  link.send(delta, "masked bits");
  link.passRound?.();
  return result;
}

/** This party's shares of both parties' items. */
interface Items {
  /** Shares of the MACs of the bits of party 0 and of party 1, 64 an item. */
  readonly beta: RingVector;
  readonly rho: RingVector;
  readonly top: AuthenticatedVector;
}

function readItems([own, peer, top]: PrivateBits, party: Party, start: number, end: number): Items {
  const part = (bytes: Uint8Array, unit: number) => bytes.subarray(start * unit, end * unit);
  const bits = ({ macs }: RawVector) =>
    ring128.fromBytes(part(macs, PRIVATE_BITS * ELEMENT), (end - start) * PRIVATE_BITS);
  const [beta, rho] = party === 0 ? [bits(own), bits(peer)] : [bits(peer), bits(own)];
  return { beta, rho, top: toShares({ values: part(top.values, ELEMENT), macs: part(top.macs, ELEMENT) }) };
}

/** Compute the results and the zeros from what is known after both messages. */
function finish(
  key: MacKey,
  {
    x,
    number,
    delta,
  }: { readonly x: AuthenticatedVector; readonly number: RingVector; readonly delta: RingVector },
  f: number,
  { beta, rho, top }: Items,
): Truncated {
  const { length } = number;
  const first = key.party === 0;
  const deltas = ring128.fromBits(lowWords(ring128.toBytes(delta)), length * PRIVATE_BITS);
  // The MACs of y_j − rho_j without those of the public delta_j.
  const macs = ring128.sub(
    ring128.mul(beta, ring128.addScalar(ring128.shiftLeft(ring128.neg(deltas), 1), 1n)),
    rho,
  );
  const sums = ring128.matmul(macs, weightsFor(f), length, PRIVATE_BITS, 2);
  /** Shares of (y >> by) − (r >> by). */
  const difference = (by: number, column: number): AuthenticatedVector => {
    const own = ring128.shiftRight(number, by);
    const mac = ring128.strided(sums, [length], [2], column);
    return {
      value: first ? own : ring128.neg(own),
      mac: ring128.add(mac, ring128.mulScalar(ring128.shiftRight(delta, by), key.alpha)),
    };
  };
  const rhoTop = {
    value: first ? ring128.zeros(length) : ring128.shiftRight(number, PRIVATE_BITS - 1),
    mac: ring128.strided(rho, [length], [PRIVATE_BITS], PRIVATE_BITS - 1),
  };
  // rho_63 · (1 − y_63) is the item's product where delta_63 is set, else rho_63 minus it.
  const deltaTop = ring128.shiftRight(delta, PRIVATE_BITS - 1);
  const wrap = addShares(
    mulPublic(rhoTop, ring128.addScalar(ring128.neg(deltaTop), 1n)),
    mulPublic(top, ring128.addScalar(ring128.shiftLeft(deltaTop, 1), -1n)),
  );
  const lifted = mapShares(wrap, (vector) => ring128.shiftLeft(vector, PRIVATE_BITS - f));
  const add = (shares: AuthenticatedVector, constant: bigint) =>
    addPublic(key, shares, ring128.full(length, constant));
  return {
    result: add(addShares(difference(f, 0), lifted), -(HALF >> BigInt(f))),
    zero: add(subShares(difference(0, 1), x), -HALF),
  };
}
