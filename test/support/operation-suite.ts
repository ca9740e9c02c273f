import { afterAll, describe, expect, test } from "vitest";
import * as ops from "../../lib/ops/all";
import type { AnyOp } from "../../lib/ops/define";
import type { allModesWith } from "./modes";
import { checkCosts, checkValues, closeSessions, exampleCases, randomCases } from "./operations";

/** All operations by name. */
export const allOperations = Object.entries(ops) as unknown as [string, AnyOp][];

/** Operations made of several functions, whose gradients take long: fewer random cases. */
const LONG = new Set(["bceWithLogitsLoss", "crossEntropyLoss"]);

/** The tests of every operation in some modes. */
export function describeOperations(modes: readonly ReturnType<typeof allModesWith>[number][]): void {
  afterAll(closeSessions);

  describe.each(modes)("operations, $security $preprocessing", (mode) => {
    test.each(allOperations)(
      "%s has a value within its bound and a gradient near the difference quotient",
      async (_, op) => {
        // Where items take long to make, the last example stands for the others, which other modes run.
        const examples = mode.slow ? lastExample(op) : exampleCases(op);
        const runs = Math.ceil(mode.runs / (LONG.has(op.name) ? 6 : 1));
        await checkValues(op, [...examples, ...randomCases(op, runs)], mode);
      },
    );

    test.each(allOperations)("%s uses what its plan states", async (_, op) => {
      for (const each of lastExample(op)) await checkCosts(op, each, mode);
    });
  });

  test("there are operations to test", () => {
    expect(allOperations.length).toBeGreaterThan(90);
    expect(modes.length).toBeGreaterThan(0);
  });
}

/** The last example, with every choice of secret and public operands. */
function lastExample(op: AnyOp) {
  const [first] = exampleCases(op).slice(-1);
  return exampleCases(op).filter(({ operands }) => operands === first!.operands);
}
