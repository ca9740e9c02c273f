import { type PublicInput, plainTensor } from "../autograd/operand";
import { type SharedTensor, wordsOf } from "../primitives/shared-tensor";
import { type RingVector, ring64 } from "../ring";
import type { Watch } from "../session/ranges/watch";
import { FloatTensor } from "../tensor/float-tensor";
import type { Call } from "./call";
import { isSecret, type Term } from "./term";

/** One call of an operation, and its result. */
interface Computed {
  readonly name: string;
  readonly definition: { plain(...args: never[]): unknown };
  readonly call: Call;
  readonly terms: readonly Term[];
  readonly result: unknown;
}

/**
 * Note how far an operation is from its plain meaning in double precision, on the operands that it had. Public operands
 * count as they were passed, before they were encoded.
 */
export function compareWithPlain(watch: Watch, { name, definition, call, terms, result }: Computed): void {
  const results = listOf(result).filter(isShared);
  const secrets = terms.filter(isSecret);
  const [first] = results;
  // An operation may return its operand.
  if (!first || first.value.number === undefined || secrets.includes(first)) return;
  const place = watch.ledger.within(name, () => watch.ledger.place(name), false);
  // Read now: the caller may change its arrays.
  const given = terms.map((term, i) =>
    isSecret(term) ? undefined : plainTensor(call.operands[i]!.value as PublicInput, name),
  );
  const all = [...secrets, ...results];
  const opened = watch.open(
    first.iface.party,
    `${name} of x#${first.value.number}`,
    all.map((tensor) => wordsOf(tensor)),
  );
  if (!opened) return;
  const work = opened.then((words) => {
    const values = words.map((vector, i) => toFloats(vector, all[i]!));
    const operands = given.map((each) => each ?? values.shift()!);
    const expected = listOf(definition.plain(...(call.fill(operands) as never[])));
    values.forEach((actual, i) => {
      const ulps = errorOf(actual, expected[i] as FloatTensor, results[i]!.fracBits);
      if (ulps !== undefined) watch.ledger.error(place, ulps);
    });
  });
  watch.add(work);
}

/** The largest error in units of the last place, apart from the rounding of doubles themselves. */
function errorOf(actual: FloatTensor, expected: FloatTensor, fracBits: number): number | undefined {
  let most: number | undefined;
  expected.values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const off = Math.abs(actual.values[i]! - value) - Math.abs(value) * 2 ** -50;
    most = Math.max(most ?? 0, off * 2 ** fracBits);
  });
  return most;
}

function toFloats(vector: RingVector, { shape, fracBits }: SharedTensor): FloatTensor {
  return FloatTensor.from(ring64.toFloat64(vector, fracBits), shape);
}

function isShared(value: unknown): value is SharedTensor {
  return typeof value === "object" && value !== null && "held" in value;
}

/** The results of an operation one by one, those by name in the order of their names. */
function listOf(result: unknown): unknown[] {
  if (result instanceof FloatTensor || isShared(result)) return [result];
  if (Array.isArray(result)) return result.flatMap(listOf);
  const entries = Object.entries(result as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.flatMap(([, each]) => listOf(each));
}
