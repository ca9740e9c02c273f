import { combine } from "../../primitives/add";
import { bitsOf, bitwiseAnd, weighBits } from "../../primitives/bits";
import { timesPublic } from "../../primitives/multiply";
import type { PublicTensor, SharedTensor, Term } from "../../primitives/shared-tensor";
import { ring64 } from "../../ring";
import * as term from "../term";

/** x AND y of integers, bit by bit, with broadcasting. At least one is secret. */
export function and(x: Term, y: Term): SharedTensor {
  if (!term.isSecret(x)) return andPublic(term.secret(y), x);
  return term.isSecret(y) ? bitwiseAnd(x, y) : andPublic(x, y);
}

/**
 * x AND c for a public c: the sum of those bits of x that c has, so only as many bits of x are needed as c is long. For
 * negative c it is x, less x AND ¬c.
 */
function andPublic(x: SharedTensor, c: PublicTensor): SharedTensor {
  const numbers = ring64.toSignedBigInts(c.vector);
  const masks = numbers.map((each) => (each < 0n ? ~each : each));
  const width = Math.max(1, ...masks.map((mask) => mask.toString(2).length));
  const weights = masks.flatMap((mask, i) =>
    Array.from({ length: width }, (_, j) => {
      const bit = mask & (1n << BigInt(j));
      return numbers[i]! < 0n ? -bit : bit;
    }),
  );
  const vector = ring64.fromBigInts(weights);
  const chosen = weighBits(bitsOf(x, width), { shape: [...c.shape, width], fracBits: 0, vector });
  if (numbers.every((each) => each >= 0n)) return chosen;
  const whole = ring64.fromBigInts(numbers.map((each) => (each < 0n ? 1n : 0n)));
  return combine("add", chosen, timesPublic(x, { shape: c.shape, fracBits: 0, vector: whole }));
}
