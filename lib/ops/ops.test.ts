import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDealer, isFastTier, modesWith } from "../../test/support/modes";
import {
  casesIn,
  checkCosts,
  checkRefusal,
  checkValues,
  exampleCases,
  hasOperation,
  randomCases,
} from "../../test/support/operations";
import { SharedVariable } from "../autograd/shared-variable";
import type { InterfaceOptions } from "../session/options/options";
import * as ops from "./all";
import { type AnyOp, parametersOf } from "./define";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

const all = Object.entries(ops) as unknown as [string, AnyOp][];

/** The operations that sessions of a mode have. */
const available = (mode: InterfaceOptions) => all.filter(([, op]) => hasOperation(op, mode));

describe.each(modesWith(dealer))("operations, $security $preprocessing", (mode) => {
  test.each(available(mode))(
    "%s has a value within its bound and a gradient near the difference quotient",
    async (_, op) => {
      await checkValues(op, casesIn(op, [...exampleCases(op), ...randomCases(op, mode.runs)], mode), mode);
    },
  );

  test.each(available(mode))("%s uses what its plan states", async (_, op) => {
    const [first] = exampleCases(op).slice(-1);
    const own = exampleCases(op).filter(({ operands }) => operands === first!.operands);
    for (const each of casesIn(op, own, mode)) await checkCosts(op, each, mode);
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

const lacking = modesWith(dealer).filter((mode) => available(mode).length < all.length);
describe.each(lacking)("operations that $security $preprocessing does not have", (mode) => {
  test.each(all.filter(([, op]) => !hasOperation(op, mode)))("are refused: %s", async (_, op) => {
    await checkRefusal(op, exampleCases(op)[0]!, mode);
  });
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
