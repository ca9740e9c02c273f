import { withKernels } from "../wasm/shared-kernels";
import { defineKind } from "./kind";

const WORD = 8;
/** Items whose derived fields are computed at once, so that they stay in the cache. */
const AT_ONCE = 2048;

/** The fields of a `comparison`, in order. */
export const COMPARISON = { r: 0, masks: 1, digits: 2, products: 6, bit: 8, fields: 9 } as const;

/**
 * A uniform r; a word of uniform bits as masks, in XOR shares; the digits of r one-hot and the products of masks, in XOR
 * shares; and the mask bit of the result as an integer. See protocol/additive/compare-masked.ts.
 */
export const comparison = defineKind({
  name: "comparison",
  plural: "comparisons",
  fields: COMPARISON.fields,
  dealing: {
    drawn: 2,
    binary: [1, 2, 3, 4, 5, 6, 7],
    derive([r, masks]) {
      const { ring, length } = r!;
      const derived = COMPARISON.fields - 2;
      const from = [r!, masks!].map((vector) => ring.toBytes(vector));
      const to = Array.from({ length: derived }, () => new Uint8Array(length * WORD));
      withKernels((kernels) => {
        const [rs, ms] = [0, 0].map(() => kernels.allocate(AT_ONCE * WORD)) as [number, number];
        const at = kernels.allocate(derived * AT_ONCE * WORD);
        for (let start = 0; start < length; start += AT_ONCE) {
          const count = Math.min(AT_ONCE, length - start);
          const [first, size] = [start * WORD, count * WORD];
          kernels.write(rs, from[0]!.subarray(first, first + size));
          kernels.write(ms, from[1]!.subarray(first, first + size));
          kernels.run.dealComparisons(rs, ms, count, at, size);
          for (const [i, bytes] of to.entries()) bytes.set(kernels.view(at + i * size, size), first);
        }
      });
      const vectors = to.map((bytes) => ring.fromBytes(bytes, length));
      for (const bytes of [...from, ...to]) bytes.fill(0);
      return vectors;
    },
  },
});
