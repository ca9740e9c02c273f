import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allModesWith, createDealer, plainRuns } from "../../test/support/modes";
import { allOperations as all, describeOperations } from "../../test/support/operation-suite";
import { checkValues, exampleCases, randomCases } from "../../test/support/operations";
import { SharedVariable } from "../autograd/shared-variable";
import { parametersOf } from "./define";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

describeOperations(allModesWith(dealer).filter(({ security }) => security === "semi-honest"));

describe("operations in the clear", () => {
  test.each(all)(
    "%s has a value within its bound and a gradient near the difference quotient",
    async (_, op) => {
      await checkValues(op, [...exampleCases(op), ...randomCases(op, plainRuns)], "plain");
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
