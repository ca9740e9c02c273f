import type { Term } from "../../primitives/shared-tensor";
import type { FloatTensor } from "../../tensor/float-tensor";
import { readCondition } from "../../tensor/indexed";
import { readMask } from "../public-integers";
import * as term from "../term";
import { zip } from "../zip";

/** What the definitions of all logical operations on two operands have in common. */
export const logical = {
  parameters: { x: "integer", other: "integer" },
  bound: 0,
  integers: [0, 1],
  examples: [
    [
      [0, 0, 1, 1],
      [0, 1, 0, 1],
    ],
  ],
} as const;

/** @throws {RangeError} a public operand holds elements other than 0 and 1 */
export function requireTruth(operation: string, ...operands: readonly Term[]): void {
  for (const each of operands) if (!term.isSecret(each)) readMask(operation, each);
}

/** The same on plain operands: a function of each pair of truth values, with broadcasting. */
export function onTruth(
  operation: string,
  x: FloatTensor,
  other: FloatTensor,
  f: (a: boolean, b: boolean) => boolean,
): FloatTensor {
  for (const each of [x, other]) readCondition(each, operation);
  return zip(x, other, (a, b) => Number(f(a === 1, b === 1)));
}
