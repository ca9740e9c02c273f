/** Primitives that move elements, join tensors and choose by public masks. None sends a message. */
import { type Ring, type RingVector, ring64, scope } from "../ring";
import { describeLayout, type Layout, moveElements } from "../tensor/layout";
import type { Joining } from "../tensor/parts";
import {
  bracketShape,
  broadcastShapes,
  broadcastStrides,
  type Shape,
  sameShape,
  sizeOf,
} from "../tensor/shape";
import { broadcastLayout, transposeLayout } from "../tensor/views";
import type { PlainMask } from "../tensor/words";
import { mapShare, requireRoom } from "./align";
import { issue, type PublicChoice } from "./issue";
import { commonInterface, isSecret, type PublicTensor, type SharedTensor, type Term } from "./shared-tensor";

/**
 * Move the elements of a secret by a layout.
 *
 * @param kind - the operation, such as `slice`
 * @param isGiven - whether the shapes alone say what the layout is. Default: false
 */
export function rearrange(kind: string, x: SharedTensor, layout: Layout, isGiven = false): SharedTensor {
  const { iface, fracBits } = x;
  const choice = isGiven ? undefined : describeLayout(layout);
  return issue({ kind, iface, operands: [x], choice, shape: layout.shape, fracBits }, (ctx, [a]) =>
    layout.steps.length === 0 ? a! : mapShare(ctx, a!, (ring, vector) => moveElements(ring, vector, layout)),
  );
}

/** Move the elements of a public value. */
export function rearrangePublic(x: PublicTensor, layout: Layout): PublicTensor {
  return { ...x, shape: layout.shape, vector: moveElements(x.vector.ring, x.vector, layout) };
}

/** Swap the last two axes. */
export function transpose(x: SharedTensor): SharedTensor {
  return rearrange("t", x, transposeLayout(x.shape, -2, -1, "t"), true);
}

/** Broadcast x along missing axes and axes of size 1. */
export function broadcastTo(x: SharedTensor, shape: Shape): SharedTensor {
  return rearrange("broadcast", x, broadcastLayout(x.shape, shape), true);
}

/**
 * Join tensors row by row, at the finest scale among them. At least one is secret; undefined stands for zeros.
 *
 * @throws {RangeError} a public value does not fit at that scale
 */
export function join(kind: string, terms: readonly (Term | undefined)[], joining: Joining): SharedTensor {
  const { shape, rows } = joining;
  const sizes = joining.parts.map((part) => sizeOf(part.shape));
  return linearIn({ kind, terms, shape, choice: `${rows} rows` }, (ring, vectors) =>
    ring.concat(
      vectors.map((vector, i) => vector ?? ring.zeros(sizes[i]!)),
      rows,
    ),
  );
}

/** x, with the elements of y added where a layout puts them. At least one is secret. */
export function scatterAdd(x: Term, y: Term, layout: Layout): SharedTensor {
  const { options, constants } = describeLayout(layout);
  const sum = { kind: "scatterAdd", terms: [x, y], shape: x.shape, choice: options, constants };
  return linearIn(sum, (ring, [a, b]) => {
    const added = b && moveElements(ring, b, layout);
    return a && added ? ring.add(a, added) : (a ?? added!);
  });
}

/**
 * x where a mask is 1, and y where it is 0, with broadcasting. At least one is secret.
 *
 * @throws {RangeError} the shapes cannot be broadcast
 */
export function select(x: Term, mask: PlainMask, y: Term): SharedTensor {
  const shape = broadcastShapes(broadcastShapes(x.shape, y.shape, "where"), mask.shape, "where");
  const choice = {
    choice: `mask ${bracketShape(mask.shape)}`,
    constants: ring64.toBits(wordsOf(ring64, mask)),
  };
  return linearIn({ kind: "where", terms: [x, y], shape, ...choice }, (ring, [a, b]) => {
    const ones = spread(wordsOf(ring, mask), mask.shape, shape);
    const kept = a && ring.mul(spread(a, x.shape, shape), ones);
    if (!b) return kept!;
    const other = ring.mul(spread(b, y.shape, shape), ring.addScalar(ring.neg(ones), 1n));
    return kept ? ring.add(kept, other) : other;
  });
}

/**
 * x where a mask is 1, and 0 elsewhere.
 *
 * @param kind - the operation, such as `tril`
 * @param choice - says which mask
 */
export function keepWhere(kind: string, x: SharedTensor, mask: PlainMask, choice: string): SharedTensor {
  const { shape } = x;
  return linearIn({ kind, terms: [x], shape, choice }, (ring, [a]) =>
    ring.mul(a!, spread(wordsOf(ring, mask), mask.shape, shape)),
  );
}

interface Linear {
  readonly kind: string;
  /** The operands: secrets, public values, and undefined for what counts as zero. */
  readonly terms: readonly (Term | undefined)[];
  readonly shape: Shape;
  /** Public arguments, as text and as bytes. */
  readonly choice: string;
  readonly constants?: Uint8Array | undefined;
}

/**
 * Issue a linear operation on several terms, at the finest scale among them.
 *
 * @param map - linear; called on the vectors of the secrets, and then, if there are any, on those of the public terms,
 *   with undefined in the place of all others
 */
function linearIn(
  { kind, terms, shape, choice, constants }: Linear,
  map: (ring: Ring, vectors: readonly (RingVector | undefined)[]) => RingVector,
): SharedTensor {
  const given = terms.filter((term) => term !== undefined);
  const secrets = given.filter(isSecret);
  let count = 0;
  /** For each term, its place among the secrets. */
  const places = terms.map((term) => (term && isSecret(term) ? count++ : undefined));
  const publics = given.filter((term): term is PublicTensor => !isSecret(term));
  const { iface } = secrets[0]!;
  for (const secret of secrets) commonInterface(secrets[0]!, secret);
  const fracBits = Math.max(...given.map((term) => term.fracBits));
  for (const each of publics) requireRoom(each, fracBits - each.fracBits);
  const options = `${choice} of ${terms.map(nameTerm).join(" ")}`;
  const bytes = [constants, ...publics.map(({ vector }) => ring64.toBytes(vector))].filter(
    (part) => part !== undefined,
  );
  const agreed: PublicChoice = { options, ...(bytes.length > 0 && { constants: Buffer.concat(bytes) }) };
  const align = (ring: Ring, term: Term, vector: RingVector) =>
    term.fracBits === fracBits ? vector : ring.shiftLeft(vector, fracBits - term.fracBits);
  return issue({ kind, iface, operands: secrets, choice: agreed, shape, fracBits }, (ctx, shares) => {
    const { scheme } = ctx;
    const linear = scope(() =>
      scheme.linear(shares, (ring, vectors) => {
        const slots = terms.map((term, i) => {
          const place = places[i];
          return place === undefined ? undefined : align(ring, term!, vectors[place]!);
        });
        return map(ring, slots);
      }),
    );
    if (publics.length === 0) return linear;
    const added = scope(() => {
      const slots = terms.map((term) =>
        term && !isSecret(term) ? align(ring64, term, term.vector) : undefined,
      );
      return map(ring64, slots);
    });
    return scheme.addPublic(iface.party, linear, added);
  });
}

/** `x[2,3]` for a secret, `c[2,3]@16` for a public value. */
function nameTerm(term: Term | undefined): string {
  if (!term) return "0";
  return isSecret(term) ? `x${bracketShape(term.shape)}` : `c${bracketShape(term.shape)}@${term.fracBits}`;
}

function wordsOf(ring: Ring, { values }: PlainMask): RingVector {
  return ring.fromFloat64(values, 0, 2);
}

function spread(vector: RingVector, from: Shape, to: Shape): RingVector {
  return sameShape(from, to) ? vector : vector.ring.strided(vector, to, broadcastStrides(from, to), 0);
}
