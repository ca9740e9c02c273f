/**
 * Inputs: secrets of one party, the owner, which alone chooses them.
 *
 * Only the owner knows the size, so an input has two steps in one operation:
 *
 * 1. Headers. The owner states shape, scale and `requiresGrad`, or that its cell failed; the other party states the
 *    options of its own call. Both compare, reach the same verdict, and only then reserve.
 * 2. Values. The owner sends one message of 8 bytes for each value: masked by correlated randomness where shares have
 *    MACs, a fresh share otherwise.
 *
 * Both parties take the operation's number and the value's number at the call, before any `await`. They also reserve the
 * masks at that number's place; reservations.ts explains how operations that are issued meanwhile wait. If an input fails
 * (the owner's function throws, a value is NaN, the parties state different shapes), it fails at both parties before
 * either has reserved, so they stay in step: correct the cell and run it again on both sides.
 *
 * Mistakes that say nothing about the values (a wrong option, values from the wrong party) throw before a number is
 * taken.
 */
import { inspect } from "node:util";
import type { Party } from "../channel/channel";
import type { OperationLink } from "../channel/operation-link";
import { DesyncError } from "../errors";
import { addDemands, type Demand } from "../protocol/demand";
import { use } from "../protocol/step";
import { input } from "../protocol/steps/input";
import type { DistributedInterface } from "../session/distributed-interface";
import { countedResult } from "../session/executor/counted";
import { callOwner, refuseInOwner } from "../session/executor/input-function";
import { host } from "../session/host/host";
import { type Planning, planning } from "../session/plan/planning";
import { LongTensor } from "../tensor/long-tensor";
import { originOf } from "../tensor/origin";
import { type SecretInput, type SecretValues, secretValues } from "../tensor/secret";
import { bracketShape, checkShape, type Shape, sameShape, sizeOf } from "../tensor/shape";
import {
  decodeHeader,
  difference,
  encodeHeader,
  type Given,
  HEADER_BYTES,
  type Header,
  isGiven,
  MAX_AXES,
  MAX_VALUES,
} from "./input-header";
import { resultOf } from "./issue";
import { type SharedTensor, wholeOf } from "./shared-tensor";

/** The demand of an input's headers. */
const HEADERS: Demand = { items: {}, rounds: 1, bytes: HEADER_BYTES };

/** Options of an input, which both parties can state. */
export interface InputOptions {
  /** The size along each axis. Default: the shape of the owner's values. */
  readonly shape?: Shape;
  /** Share whole numbers as integers, without fractional bits. Default: as the owner's values are. */
  readonly integers?: boolean;
  /** Compute a gradient for it. Default: the owner's choice, which is false by default. */
  readonly requiresGrad?: boolean;
}

/** The owner's values, or a function that returns them. */
export type InputValue = SecretInput | (() => SecretInput | PromiseLike<SecretInput>);

/** See DistributedInterface.input. Takes the numbers before it returns. */
export function shareInput(
  iface: DistributedInterface,
  owner: Party,
  value: InputValue | undefined,
  stated: InputOptions,
): Promise<SharedTensor> {
  checkCall(iface, owner, value, stated);
  // Copy the options, because the caller may change them before the header is sent.
  const options = { ...stated, ...(stated.shape && { shape: [...stated.shape] }) };
  refuseInOwner();
  const plan = planning();
  if (plan) return planInput(plan, iface, owner, value, options);
  const { session } = iface;
  const cell = host().cell();
  const { standIn } = iface;
  const given = value ?? standIn?.next(`input(${owner})`);
  const own =
    iface.party === owner || standIn ? settle(() => readValue(iface, owner, given, options)) : undefined;
  const { agreed, result } = session.runSized(
    { kind: "input", operands: [], options: `of party ${owner}` },
    (online) =>
      standIn ? headerAlone(own!, options) : exchangeHeaders(online, { owner, own, options, cell }),
    ({ shape }) => ({ input: use(input, { owner, length: sizeOf(shape) }) }),
    ({ input }, { values }) => input(values),
  );
  const { generation } = session;
  const number = session.value();
  const shared = agreed.then(
    ({ shape, fracBits, requiresGrad }): SharedTensor => ({
      iface,
      session,
      generation,
      value: number,
      shape,
      fracBits,
      requiresGrad,
      held: { share: result },
    }),
  );
  // The session also reports a failure, at the end of the cell.
  shared.catch(() => undefined);
  return shared;
}

/** The properties that the parties agreed on; the values are at the owner only. */
interface Agreed extends Given {
  readonly values?: SecretValues["vector"];
}

/** One party's call. */
interface Call {
  readonly owner: Party;
  /** The values, at the owner. */
  readonly own: Promise<SecretValues> | undefined;
  readonly options: InputOptions;
  /** The cell of the call; undefined outside a notebook. */
  readonly cell: string | undefined;
}

async function exchangeHeaders(online: OperationLink, { owner, own, options, cell }: Call): Promise<Agreed> {
  const { party } = online;
  if (!own) {
    const expected: Header = { ...statedBy(options), state: "expected", cell };
    const bytes = encodeHeader(expected);
    const { length } = bytes;
    const answer = online.receive(length, "header of an input");
    answer.catch(() => undefined);
    try {
      online.send(bytes, "header of an input");
    } catch {
      // The owner has already failed, and its header says so.
    }
    const given = decodeHeader(await answer, true);
    if (!isGiven(given)) throw ownerFailed(owner, given.cell);
    refuseDifference(owner, party, given, expected);
    return given;
  }
  let values: SecretValues;
  try {
    values = await own;
  } catch (error) {
    const nothing = { shape: undefined, fracBits: undefined, integers: undefined, requiresGrad: undefined };
    online.send(encodeHeader({ ...nothing, state: "failed", cell }), "header of an input");
    throw error;
  }
  const { shape, fracBits, vector } = values;
  const { requiresGrad = false } = options;
  const given: Given = { state: "given", shape, fracBits, integers: fracBits === 0, requiresGrad, cell };
  const answer = await online.exchange(encodeHeader(given), "header of an input");
  refuseDifference(owner, party, given, decodeHeader(answer, false));
  return { ...given, values: vector };
}

/** In the clear, nobody else states anything. */
async function headerAlone(
  own: Promise<SecretValues>,
  { requiresGrad = false }: InputOptions,
): Promise<Agreed> {
  const { shape, fracBits, vector } = await own;
  return {
    state: "given",
    shape,
    fracBits,
    integers: fracBits === 0,
    requiresGrad,
    cell: undefined,
    values: vector,
  };
}

function statedBy({ shape, integers, requiresGrad }: InputOptions) {
  return { shape, integers, requiresGrad, fracBits: undefined };
}

function ownerFailed(owner: Party, cell: string | undefined): DesyncError {
  const where = cell === undefined ? "" : `'s cell ${cell}`;
  return new DesyncError(
    `input(${owner}): party ${owner}${where} failed before it gave its values. See its notebook for the reason, then ` +
      "run the cell again on both sides.",
  );
}

/** @throws {DesyncError} at both parties alike, each from its own side */
function refuseDifference(owner: Party, party: Party, given: Given, expected: Header): void {
  const found = difference(given, expected);
  if (!found) return;
  const [gives, states] = found;
  const name = (who: Party, { cell }: Header) => {
    const place = cell === undefined ? "" : ` (${cell})`;
    return `${who === party ? "this party" : `party ${who}`}${place}`;
  };
  const other = (1 - owner) as Party;
  throw new DesyncError(
    `input(${owner}): ${name(owner, given)} gives ${gives}, but ${name(other, expected)} states ${states}. State the ` +
      "same or leave it to the owner, and run the cell again on both sides.",
  );
}

/** Read the owner's values at the call, so that it can change its arrays afterwards. */
async function readValue(
  iface: DistributedInterface,
  owner: Party,
  value: InputValue | undefined,
  options: InputOptions,
): Promise<SecretValues> {
  if (value === undefined)
    throw new TypeError(`input(${owner}): this is party ${owner}, the owner; pass its values`);
  const given = typeof value === "function" ? callOwner(value) : value;
  const input = isThenable(given) ? await given : given;
  if (input instanceof LongTensor && !input.settled) await input.vector.promise;
  return checkValues(iface, input, options);
}

function checkValues(
  iface: DistributedInterface,
  input: SecretInput,
  { shape, integers, requiresGrad = false }: InputOptions,
): SecretValues {
  const origin = input instanceof LongTensor ? input.origin : originOf(input);
  const ofShares = origin.sources.some(({ kind }) => kind === "share");
  if (ofShares) wholeOf({ ...origin, whole: undefined }, iface, "an input cannot use values");
  const values = secretValues(input, iface.precision, integers ?? false);
  if (integers === false && values.fracBits === 0) {
    throw new TypeError(
      "input: these values are integers by their type, and { integers: false } asks for fixed point: give numbers such " +
        "as [1, 2], or leave the option out",
    );
  }
  const size = sizeOf(values.shape);
  if (values.shape.length > MAX_AXES)
    throw new RangeError(
      `input: the values have ${values.shape.length} axes; at most ${MAX_AXES} are allowed`,
    );
  if (size > MAX_VALUES)
    throw new RangeError(
      `input: got ${size.toLocaleString("en")} values; at most ${MAX_VALUES.toLocaleString("en")} are allowed: share them in parts`,
    );
  if (shape && !sameShape(shape, values.shape)) {
    throw new RangeError(
      `input: the values have shape ${bracketShape(values.shape)}, and { shape } says ${bracketShape(shape)}`,
    );
  }
  if (requiresGrad && values.fracBits === 0) {
    throw new TypeError(
      "input: integers have no gradient; give fixed-point numbers, such as a FloatTensor, or leave out requiresGrad; " +
        "x.float() makes an integer secret fixed point",
    );
  }
  return values;
}

/** @throws {TypeError | RangeError} this party's call is wrong, in a way that says nothing about the values */
function checkCall({ party }: DistributedInterface, owner: unknown, value: unknown, options: unknown): void {
  if (owner !== 0 && owner !== 1)
    throw new RangeError(`input: the owner must be party 0 or 1, got ${inspect(owner)}`);
  if (party !== owner && value !== undefined && typeof value !== "function") {
    throw new TypeError(
      `input(${owner}, …): party ${owner} owns this input and this is party ${party}; pass nothing, or a function, which ` +
        "only the owner calls",
    );
  }
  if (typeof options !== "object" || options === null)
    throw new TypeError(
      `input: options must be an object such as { shape: [2, 3] }, got ${inspect(options)}`,
    );
  for (const [name, option] of Object.entries(options)) {
    if (name === "shape") checkStatedShape(option);
    else if (name !== "integers" && name !== "requiresGrad")
      throw new TypeError(
        `input: unknown option "${name}"; the options are "shape", "integers" and "requiresGrad"`,
      );
    else if (option !== undefined && typeof option !== "boolean")
      throw new TypeError(`input: ${name} must be true or false, got ${inspect(option)}`);
  }
}

function checkStatedShape(shape: unknown): void {
  if (shape === undefined) return;
  if (!Array.isArray(shape))
    throw new TypeError(`input: shape must be an array of sizes, got ${inspect(shape)}`);
  checkShape(shape as number[]);
  if (shape.length > MAX_AXES || sizeOf(shape) > MAX_VALUES) {
    throw new RangeError(
      `input: shape ${bracketShape(shape)} is too large: at most ${MAX_AXES} axes and ` +
        `${MAX_VALUES.toLocaleString("en")} values are allowed`,
    );
  }
}

/** Count what an input would take; read the values only if nothing else states their shape. */
async function planInput(
  plan: Planning,
  iface: DistributedInterface,
  owner: Party,
  value: InputValue | undefined,
  options: InputOptions,
): Promise<SharedTensor> {
  const { shape, integers = false, requiresGrad = false } = options;
  if (!shape && iface.party !== owner) {
    throw new RangeError(
      `input(${owner}) within spdz.plan: only party ${owner} knows its shape; state it here with { shape: [rows, columns] }`,
    );
  }
  const known =
    shape && (value === undefined || typeof value === "function")
      ? { shape, fracBits: integers ? 0 : iface.precision }
      : await readValue(iface, owner, value, options);
  const demand = plan.demandOf(iface.session, {
    input: use(input, { owner, length: sizeOf(known.shape) }),
  });
  const share = plan.add(addDemands(HEADERS, demand), [], false, countedResult());
  return resultOf(iface, share, { shape: known.shape, fracBits: known.fracBits, requiresGrad });
}

/** Return whether a value is a promise of any class, such as a database query or a promise of another realm. */
function isThenable(value: unknown): value is PromiseLike<SecretInput> {
  return typeof (Object(value) as { then?: unknown }).then === "function";
}

/** Start asynchronous work whose failure is handled later. */
function settle<T>(begin: () => Promise<T>): Promise<T> {
  const promise = begin();
  promise.catch(() => undefined);
  return promise;
}
