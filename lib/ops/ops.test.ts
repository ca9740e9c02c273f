import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDealer, isFastTier, modesWith } from "../../test/support/modes";
import {
  checkCosts,
  checkValues,
  closeSessions,
  exampleCases,
  randomCases,
} from "../../test/support/operations";
import { SharedVariable } from "../autograd/shared-variable";
import * as ops from "./all";
import { type AnyOp, parametersOf } from "./define";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(async () => {
  await closeSessions();
  await dealer.close();
});

const all = Object.entries(ops) as unknown as [string, AnyOp][];

describe.each(modesWith(dealer))("operations, $security $preprocessing", (mode) => {
  test.each(all)(
    "%s has a value within its bound and a gradient near the difference quotient",
    async (_, op) => {
      await checkValues(op, [...exampleCases(op), ...randomCases(op, mode.runs)], mode);
    },
  );

  test.each(all)("%s uses what its plan states", async (_, op) => {
    const [first] = exampleCases(op).slice(-1);
    const own = exampleCases(op).filter(({ operands }) => operands === first!.operands);
    for (const each of own) await checkCosts(op, each, mode);
  });
});

describe("operations in the clear", () => {
  test.each(all)(
    "%s has a value within its bound and a gradient near the difference quotient",
    async (_, op) => {
      await checkValues(op, [...exampleCases(op), ...randomCases(op, isFastTier ? 20 : 60)], "plain");
    },
  );
});

test("the registry holds operations only, each a method by the same name unless it takes a list", () => {
  expect(all.length).toBeGreaterThan(10);
  for (const [name, op] of all) {
    expect(op.definition, name).toBeDefined();
    expect(op.name).toBe(name);
    const [first] = Object.values(parametersOf(op.definition));
    expect(Object.hasOwn(SharedVariable.prototype, name), name).toBe(first !== "operands");
  }
});
