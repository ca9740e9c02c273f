/**
 * The suite for every operation: its value within its bound, its gradient against a difference quotient, and its
 * use of correlated randomness against its plan. `lib/ops/ops.test.ts` runs it over the registry in every mode.
 */
import { expect } from "vitest";
import { SharedVariable } from "../../lib/autograd/shared-variable";
import type { Party } from "../../lib/channel/channel";
import { type OperandKind, readCall } from "../../lib/ops/call";
import { type AnyOp, parametersOf } from "../../lib/ops/define";
import type { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import type { InterfaceOptions } from "../../lib/session/options/options";
import { plain } from "../../lib/session/plain";
import { plan } from "../../lib/session/plan/plan";
import type { CostReport } from "../../lib/session/report/costs";
import { decode, encode } from "../../lib/tensor/fixed-point";
import { FloatTensor } from "../../lib/tensor/float-tensor";
import { type Shape, sizeOf } from "../../lib/tensor/shape";
import "../../lib/autograd/input";
import { layoutCall } from "./layout-calls";
import { createPair, fast } from "./pair";
import { uniform } from "./random";
import { reduceCall } from "./reduce-calls";

const ULP = 2 ** -16;
/** Operations whose results depend on the order of equal elements. */
const ORDERING = new Set(["median", "sort", "topk"]);

/** One call of an operation: plain operands, which of them are secret, and the public arguments around them. */
export interface Case {
  readonly operands: readonly FloatTensor[];
  readonly secret: readonly boolean[];
  readonly kinds: readonly OperandKind[];
  /** True if secrets are integers, false if they are fixed point, where the operation takes both. */
  readonly integers?: boolean;
  fill(operands: readonly unknown[]): unknown[];
}

/** The examples of an operation, with each choice of secret and public operands. */
export function exampleCases(op: AnyOp): Case[] {
  return op.definition.examples.flatMap((example) => {
    const { operands, kinds, fill } = read(op, example);
    const values = operands.map((value) => exact(new FloatTensor(value as number[])));
    return choices(kinds).map((secret) => ({ operands: values, secret, kinds, fill }));
  });
}

/** As many random cases: shapes, signs and magnitudes over the operation's domain, and which operands are public. */
export function randomCases(op: AnyOp, count: number): Case[] {
  return Array.from({ length: count }, () => {
    const { shapes, kinds, fill } = layoutOf(op) ?? randomCall(op);
    const integers = uniform() < 1 / 4;
    const secret = pick(choices(kinds));
    const values = shapes.map((shape, i) => {
      const whole = integers || kinds[i] === "integer" || uniform() < 1 / 4;
      const { domain = [-4096, 4096], integers: among = domain } = op.definition;
      const drawn = randomTensor(shape, kinds[i] === "integer" ? among : domain, whole);
      if (kinds[i] !== "divisor") return drawn;
      // Gradients, which divide twice, must fit too.
      return drawn.map((value) => (secret[i] && Math.abs(value) < 1 ? Math.sign(value) : value) || 1);
    });
    return { operands: values, secret, kinds, integers, fill };
  });
}

/** A call of an operation: the shapes and kinds of its operands, in order, and all arguments. */
interface RandomCall {
  readonly shapes: readonly Shape[];
  readonly kinds: readonly OperandKind[];
  readonly fill: Case["fill"];
}

/** A random call that another module makes; of operations with an integer operand, that is public there. */
function layoutOf({ name, definition }: AnyOp): RandomCall | undefined {
  if (Object.values(parametersOf(definition)).includes("integer") && uniform() < 1 / 2) return undefined;
  const call = layoutCall(name) ?? reduceCall(name);
  return call && { ...call, kinds: call.shapes.map(() => "operand") };
}

/** Random shapes of the operands, and the public arguments of an example. */
function randomCall(op: AnyOp): RandomCall {
  const { operands, kinds, fill } = read(op, pick(op.definition.examples));
  return { shapes: randomShapes(op, operands.length), kinds, fill };
}

/** Run cases in a session: values within their bound, and gradients as a difference quotient says, at both parties. */
export async function checkValues(op: AnyOp, cases: readonly Case[], options: Mode = fast) {
  const weights = cases.map((each) =>
    resultsOf(plainOf(op, each)).map((result) => randomWeights(result.shape)),
  );
  const outcomes = await inSession(options, async (iface) => {
    // Both parties must issue in the same order, so nothing is issued after an await that only some cases need.
    const inputs = await Promise.all(cases.map((each) => inputsOf(each, iface)));
    const results = cases.map((each, i) => resultsOf(op(...each.fill(inputs[i]!))) as SharedVariable[]);
    for (const [i, own] of results.entries()) {
      const losses = own
        .map((result, j) => result.mul(weights[i]![j]!).sum())
        .filter(({ requiresGrad }) => requiresGrad);
      if (losses.length > 0) losses.reduce((sum, loss) => sum.add(loss)).backward();
    }
    const opened = cases.map((_, i) => ({
      values: Promise.all(results[i]!.map((result) => result.reveal())),
      gradients: Promise.all(
        inputs[i]!.map((input) => (input instanceof SharedVariable ? input.grad?.reveal() : undefined)),
      ),
    }));
    return Promise.all(
      opened.map(async ({ values, gradients }) => ({ values: await values, gradients: await gradients })),
    );
  });
  expect(outcomes[0]).toEqual(outcomes[1]);
  cases.forEach((each, i) => {
    expectWithinBound(op, each, outcomes[0]![i]!.values);
    outcomes[0]![i]!.gradients.forEach((gradient, operand) => {
      if (each.secret[operand] && !isInteger(each, operand))
        expectGradient(op, each, weights[i]!, operand, gradient);
    });
  });
}

/** Counts the cells in which operations are metered, as sessions serve one check after another. */
let metered = 0;

/** Run a case, and hold what it took to what the plan said. */
export async function checkCosts(op: AnyOp, each: Case, options: InterfaceOptions = fast): Promise<void> {
  let cell = "inputs";
  const own = `operation ${metered++}`;
  const figures = await inSession(
    options,
    async (iface) => {
      const inputs = await inputsOf(each, iface);
      await iface.settled();
      const planned = plan(() => op(...each.fill(inputs)));
      const sentBefore = onlineBytes(iface.costs());
      // Both parties are in this process and issue at the same place.
      cell = own;
      op(...each.fill(inputs));
      await iface.settled();
      const { operations, triples, rounds } = iface.costsOf(own)!;
      const bytes = onlineBytes(iface.costs()) - sentBefore;
      const { operations: o, triples: t, squares: s, rounds: r, bytes: b } = planned;
      return {
        planned: { operations: o, triples: t + s, rounds: r, bytes: b },
        took: { operations, triples, rounds, bytes },
      };
    },
    () => cell,
  );
  for (const { planned, took } of figures) expect(planned, describeCase(op, each)).toEqual(took);
}

/** Bytes that operations sent; those that prepare are counted apart. */
function onlineBytes({ byKind }: CostReport): number {
  return byKind.reduce((sum, [kind, { bytesSent }]) => sum + (kind === "preparation" ? 0 : bytesSent), 0);
}

/** The options of a session, or `plain` for one in the clear. */
type Mode = InterfaceOptions | "plain";

async function inSession<T>(
  options: Mode,
  run: (iface: DistributedInterface) => Promise<T>,
  cell: () => string | undefined = () => undefined,
): Promise<[T, T]> {
  if (options === "plain") return inTheClear(run);
  const pair = sessions.get(options) ?? createPair(options);
  sessions.set(options, pair);
  setHost({ cell, notify: () => undefined });
  try {
    const outcome = await Promise.all([run(pair[0]), run(pair[1])]);
    await Promise.all(pair.map((iface) => iface.settled()));
    return outcome;
  } catch (error) {
    sessions.delete(options);
    await Promise.all(pair.map((iface) => iface.close()));
    throw error;
  }
}

/** A session for each mode, because some take seconds to start. */
const sessions = new Map<InterfaceOptions, readonly [DistributedInterface, DistributedInterface]>();

/** Close the sessions that checks have used. */
export async function closeSessions(): Promise<void> {
  const pairs = [...sessions.values()];
  sessions.clear();
  await Promise.all(pairs.flat().map((iface) => iface.close()));
}

/** Run in the clear what either party does; nothing in its domain overflows. */
async function inTheClear<T>(run: (iface: DistributedInterface) => Promise<T>): Promise<[T, T]> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const iface = plain();
  try {
    const outcome = await run(iface);
    expect(iface.report().overflow).toBeUndefined();
    return [outcome, outcome];
  } finally {
    await iface.close();
  }
}

/** Whether an operand is an integer where it is secret. */
function isInteger({ kinds, integers = false }: Case, i: number): boolean {
  return integers || kinds[i] === "integer";
}

/** The operands at one party. */
function inputsOf(each: Case, iface: DistributedInterface) {
  return Promise.all(
    each.operands.map((values, i) => {
      if (!each.secret[i]) return values;
      const integers = isInteger(each, i);
      const owner = (i % 2) as Party;
      return iface.input(owner, () => values, { requiresGrad: !integers, integers });
    }),
  );
}

function expectWithinBound(op: AnyOp, each: Case, values: readonly FloatTensor[]): void {
  const { bound } = op.definition;
  const limit = typeof bound === "number" ? bound * ULP : bound.of(ULP, ...each.fill(each.operands));
  resultsOf(plainOf(op, each)).forEach((expected, j) => {
    const actual = values[j]!;
    expect(actual.shape, describeCase(op, each)).toEqual(expected.shape);
    const limits = new FloatTensor(limit).broadcastTo(expected.shape).values;
    // Doubles round a little, too.
    const over = expected.values.findIndex(
      (value, k) => !(Math.abs(value - actual.values[k]!) <= limits[k]! + Math.abs(value) * 2 ** -50),
    );
    if (over < 0) return;
    expect.fail(
      `${describeCase(op, each)}: element ${over} is ${actual.values[over]}, expected ${expected.values[over]} within ` +
        `${limits[over]}`,
    );
  });
}

function expectGradient(
  op: AnyOp,
  each: Case,
  weights: readonly FloatTensor[],
  operand: number,
  gradient: FloatTensor | undefined,
): void {
  if (!op.definition.gradient) {
    expect(gradient, `${op.name} has no gradient`).toBeUndefined();
    return;
  }
  const { bound } = op.definition;
  const limit = typeof bound === "number" ? bound * ULP : bound.of(ULP, ...each.fill(each.operands));
  const largest = Math.max(0, ...new FloatTensor(limit).values);
  const { shape, values } = each.operands[operand]!;
  const loss = (moved: FloatTensor) => {
    const operands = each.operands.map((other, i) => (i === operand ? moved : other));
    const results = plainOf(op, { ...each, operands });
    const detached = (op.definition.detached ?? []).map((name) => (results as Record<string, unknown>)[name]);
    return resultsOf(results)
      .map((result, j) => (detached.includes(result) ? 0 : result.mul(weights[j]!).sum().item()))
      .reduce((sum, part) => sum + part, 0);
  };
  values.forEach((value, k) => {
    const step = 1e-4 * Math.max(1, Math.abs(value));
    const at = (x: number) =>
      loss(
        FloatTensor.from(
          values.map((other, i) => (i === k ? x : other)),
          shape,
        ),
      );
    const expected = (at(value + step) - at(value - step)) / (2 * step);
    const got = gradient?.values[k] ?? 0;
    const tolerance = 2 * largest + 1e-3 * (1 + Math.abs(expected));
    if (Math.abs(got - expected) <= tolerance) return;
    // At a kink, or less than a step from it, any number between the slopes on both sides is a gradient.
    const sides = [at(value) - at(value - step), at(value + step) - at(value)].map((rise) => rise / step);
    const [least, most] = [Math.min(...sides), Math.max(...sides)];
    if (most - least > tolerance && got >= least - tolerance && got <= most + tolerance) return;
    // Of three equal elements the one in the middle has a slope of its own, which no difference quotient shows.
    if (ORDERING.has(op.name) && values.filter((other) => Math.abs(other - value) < step).length > 2) return;
    expect.fail(
      `${describeCase(op, each)}: gradient of operand ${operand} at ${k} is ${got}, expected ${expected} within ` +
        `${tolerance}`,
    );
  });
}

function plainOf(op: AnyOp, { operands, fill }: Case): unknown {
  return op.definition.plain(...fill(operands));
}

function read(op: AnyOp, args: readonly unknown[]) {
  const { operands, fill } = readCall(op.name, parametersOf(op.definition), args);
  return { operands: operands.map(({ value }) => value), kinds: operands.map(({ kind }) => kind), fill };
}

/** The tensors in a result: itself, or those in a list or by name. */
function resultsOf(result: unknown): (FloatTensor & SharedVariable)[] {
  if (result instanceof FloatTensor || result instanceof SharedVariable)
    return [result as FloatTensor & SharedVariable];
  return Object.values(result as object).flatMap(resultsOf);
}

/** Every choice of secret and public operands in which one at least is secret. */
function choices(kinds: readonly OperandKind[]): boolean[][] {
  return Array.from({ length: 2 ** kinds.length - 1 }, (_, mask) =>
    kinds.map((_, i) => (((mask + 1) >> i) & 1) === 1),
  );
}

function randomShapes({ definition }: AnyOp, count: number): readonly Shape[] {
  const [m, k, n] = [whole(1, 4), whole(1, 4), whole(1, 4)];
  if (definition.shapes) return definition.shapes(m, k, n);
  const broadcast = [[m, k], [m, k], [1, k], [m, 1], [k], []];
  // A lone operand is a matrix, which every operation takes.
  return Array.from({ length: count }, () => (count === 1 ? [m, k] : pick(broadcast)));
}

/** Numbers of every magnitude in the domain, of both signs where it has them. */
function randomTensor(shape: Shape, [from, to]: readonly [number, number], areWhole: boolean): FloatTensor {
  const values = Float64Array.from({ length: sizeOf(shape) }, () => {
    if (areWhole && to - from < 16) return whole(Math.ceil(from), to);
    if (from > 0) {
      const value = from * (to / from) ** uniform();
      return areWhole ? Math.ceil(value) : value;
    }
    const limit = uniform() < from / (from - to) ? from : to;
    const value = limit * 2 ** (-28 * uniform() * uniform());
    return areWhole ? Math.trunc(value) : value;
  });
  return exact(FloatTensor.from(values, shape));
}

/** A tensor rounded to fixed point, so that only the operation's own error remains. */
function exact(values: FloatTensor): FloatTensor {
  return decode(encode(values));
}

function randomWeights(shape: Shape): FloatTensor {
  return FloatTensor.from(
    Float64Array.from({ length: sizeOf(shape) }, () => pick([-2, -1, 1, 2])),
    shape,
  );
}

function describeCase(op: AnyOp, { operands, secret, fill }: Case): string {
  const shown = operands.map((x, i) => `${secret[i] ? "secret" : "public"} ${JSON.stringify(x.toArray())}`);
  return `${op.name}(${fill(shown).map(String).join(", ")})`;
}

function whole(from: number, to: number): number {
  return from + Math.floor(uniform() * (to - from + 1));
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(uniform() * list.length)]!;
}
