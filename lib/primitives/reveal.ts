import type { Party } from "../channel/channel";
import { Eventual } from "../eventual";
import type { Scheme, Share } from "../protocol/scheme";
import { use } from "../protocol/step";
import * as steps from "../protocol/steps/reveal";
import { type RingVector, ring64 } from "../ring";
import type { DistributedInterface } from "../session/distributed-interface";
import { decodeVector, requireExact } from "../tensor/fixed-point";
import type { FloatTensor } from "../tensor/float-tensor";
import { type LongTensor, longTensor } from "../tensor/long-tensor";
import { sizeOf } from "../tensor/shape";
import { describe } from "./issue";
import { type SharedTensor, shareOf } from "./shared-tensor";

/** How to open values. */
export interface RevealOptions {
  /** The only party that learns them. Default: both. */
  readonly to?: Party | undefined;
}

/** Open x to both parties, checked as far as the session's scheme can; return the values mod 2^64. */
export function openWords(x: SharedTensor, kind: string): Eventual<RingVector> {
  const description = describe(kind, [x]);
  return openShare(x.iface, description, [x]) as Eventual<RingVector>;
}

/** Open x, and decode it; undefined at the party that learns nothing. */
export function reveal(x: SharedTensor, { to }: RevealOptions = {}): Promise<FloatTensor | undefined> {
  return decoded(x, to, (words) => decodeWords(x, words, "reveal({ integers: true })"));
}

/**
 * Open integers, exactly.
 *
 * @throws {TypeError} x has fractional bits
 */
export function revealIntegers(x: SharedTensor, { to }: RevealOptions = {}): Promise<LongTensor | undefined> {
  if (x.fracBits > 0) {
    throw new TypeError(
      `reveal: { integers: true } is for integers, and this value has ${x.fracBits} fractional bits; leave it out`,
    );
  }
  const source = x.iface.executor.counting?.source;
  const origin = source && { origin: { sources: [source], born: 0 } };
  return decoded(x, to, (words) => longTensor(words, x.shape, 0, origin));
}

/** Open several values in one operation, with one check. */
export function revealAll<Name extends string>(
  iface: DistributedInterface,
  values: Readonly<Record<Name, SharedTensor>>,
  { to }: RevealOptions = {},
): Promise<Record<Name, FloatTensor> | undefined> {
  const entries = Object.entries<SharedTensor>(values);
  const operands = entries.map(([, x]) => x);
  const description = describe("reveal", operands);
  const opened = openShare(iface, optionsOf(description, to), operands, to);
  return Eventual.derive([opened], () => {
    const words = learnt(iface, opened.value, to);
    if (!words) return undefined;
    let at = 0;
    const decode = ([name, x]: [string, SharedTensor]) => {
      const from = at;
      at += sizeOf(x.shape);
      const own = ring64.slice(words, from, at);
      return [name, decodeWords(x, own, `${name}.reveal({ integers: true })`)];
    };
    return Object.fromEntries(entries.map(decode)) as Record<Name, FloatTensor>;
  }).promise;
}

type Description = ReturnType<typeof describe> & { readonly options?: string };

function optionsOf(description: Description, to: Party | undefined): Description {
  return to === undefined ? description : { ...description, options: `to party ${to}` };
}

function decoded<T>(x: SharedTensor, to: Party | undefined, decode: (words: RingVector) => T) {
  const opened = openShare(x.iface, optionsOf(describe("reveal", [x]), to), [x], to);
  return Eventual.derive([opened], () => {
    const words = learnt(x.iface, opened.value, to);
    return words && decode(words);
  }).promise;
}

function learnt({ party }: DistributedInterface, words: RingVector | undefined, to: Party | undefined) {
  return to === undefined || party === to ? words : undefined;
}

/** Open the values one after the other. */
function openShare(
  iface: DistributedInterface,
  description: Description,
  operands: readonly SharedTensor[],
  to?: Party,
): Eventual<RingVector | undefined> {
  const inputs = operands.map((x) => shareOf(x, description));
  const length = operands.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const join = (scheme: Scheme, shares: readonly Share[]): Share =>
    shares.length === 1 ? shares[0]! : scheme.linear(shares, (ring, vectors) => ring.concat(vectors));
  if (to === undefined) {
    return iface.run({
      description,
      inputs,
      uses: { opened: use(steps.reveal, { length }) },
      opens: length,
      body: ({ scheme }, { opened }, shares) => opened(join(scheme, shares as readonly Share[])),
    });
  }
  return iface.run({
    description,
    inputs,
    uses: { opened: use(steps.revealTo, { length, to }) },
    opens: length,
    body: ({ scheme }, { opened }, shares) => opened(join(scheme, shares as readonly Share[])),
  });
}

function decodeWords(x: SharedTensor, words: RingVector, exactly: string): FloatTensor {
  if (x.fracBits === 0) requireExact(words, `use ${exactly}, which gives a LongTensor`);
  return decodeVector(words, x.shape, x.fracBits, x.iface.executor.counting?.source);
}
