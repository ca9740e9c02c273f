import { Eventual } from "../eventual";
import type { Share } from "../protocol/scheme";
import { use } from "../protocol/step";
import { enter } from "../protocol/steps/enter";
import { type RingVector, ring64 } from "../ring";
import type { DistributedInterface } from "../session/distributed-interface";
import { refuseInOwner } from "../session/executor/input-function";
import type { Value } from "../session/executor/value";
import { nameOperation, type Operand, type OperationDescription } from "../session/lockstep/lockstep";
import { refuseOtherPlan } from "../session/plan/planning";
import type { Session } from "../session/session";
import { VALUE_BITS } from "../tensor/fixed-point";
import { type LongTensor, longTensor } from "../tensor/long-tensor";
import { type Origin, useOrigin, type Whole } from "../tensor/origin";
import { type Shape, sizeOf } from "../tensor/shape";

/**
 * A secret that the two parties share. Its shape and scale are known; this party's share may be pending. It is held either
 * as a share of the session's scheme, or as a classic share that has not entered the scheme yet.
 */
export interface SharedTensor extends Operand, Whole {
  /** The session's value, by its number. */
  readonly value: Value;
  readonly iface: DistributedInterface;
  readonly session: Session;
  /** The session's generation in which it was shared; `resync` and `reconnect` start another. */
  readonly generation: object;
  readonly shape: Shape;
  readonly fracBits: number;
  /** Whether it takes part in a backward pass; both parties must agree on that too. */
  readonly requiresGrad: boolean;
  readonly held: { readonly share: Eventual<Share> } | { readonly words: Eventual<RingVector> };
}

/**
 * A value that both parties know, as integers with a scale: mod 2^64, or, for a factor that needs more bits, mod 2^128.
 * Rearrange it with the operations of `vector.ring`.
 */
export interface PublicTensor {
  readonly shape: Shape;
  readonly fracBits: number;
  readonly vector: RingVector;
  /** For a factor: secrets of up to 2^62 as integers may be multiplied by it. Default: false. */
  readonly anySize?: boolean;
  /** With `anySize`: the fractional bits with which the top limb is applied. Default: the session's precision. */
  readonly topBits?: number;
}

/** A tensor that an operation computes on: a secret, or a value that both parties know, encoded. */
export type Term = SharedTensor | PublicTensor;

export function isSecret(x: Term): x is SharedTensor {
  return "held" in x;
}

/**
 * Return the interface that both values belong to.
 *
 * @throws {TypeError} they belong to different interfaces
 */
export function commonInterface(x: SharedTensor, y: SharedTensor): DistributedInterface {
  if (x.iface !== y.iface)
    throw new TypeError(
      "the two shared values belong to different interfaces: share both through the same one",
    );
  return x.iface;
}

/** Return the same secret, excluded from the backward pass. */
export function detach(x: SharedTensor): SharedTensor {
  return { ...x, requiresGrad: false };
}

/**
 * Make a shared value from this party's classic share. Each call makes a new value, even from the same tensor.
 *
 * @throws {RangeError} the tensor's scale is out of range
 * @throws {TypeError} where shares have MACs: the tensor was computed from a share of a computed value
 */
export function wrap(iface: DistributedInterface, data: LongTensor, requiresGrad = false): SharedTensor {
  const { shape, fracBits, origin } = data;
  requireScale(fracBits, "a shared value");
  // Inside an input's function, only one party would count the value.
  refuseInOwner();
  const { session } = iface;
  const { generation } = session;
  const whole = wholeOf(origin, iface, "a SharedVariable cannot use a tensor");
  const held =
    whole && "share" in whole.held ? whole.held : { words: whole ? data.vector : wholeWords(iface, data) };
  return { iface, session, generation, value: iface.executor.value(), shape, fracBits, requiresGrad, held };
}

/** This party's words of a value; in the clear, the whole value. */
function wholeWords({ standIn }: DistributedInterface, data: LongTensor): Eventual<RingVector> {
  const { vector } = data;
  const other = standIn?.counterpart(data);
  return other ? Eventual.derive([vector, other], () => ring64.add(vector.value, other.value)) : vector;
}

/**
 * Find the shared value of this session whose unchanged share a tensor is; undefined if the tensor is not derived from a
 * computed value.
 *
 * @param refused - the refused call, for the error, such as `swapShares cannot use a tensor`
 * @throws {TypeError} the tensor was computed from such a share, so nothing would check it
 */
export function wholeOf(
  origin: Origin,
  iface: DistributedInterface,
  refused: string,
): SharedTensor | undefined {
  useOrigin(origin);
  const sources = origin.sources.filter(({ kind }) => kind !== "planned");
  if (sources.length === 0) return undefined;
  const whole = origin.whole as SharedTensor | undefined;
  if (whole && whole.generation === iface.session.generation) return whole;
  // A classic share of an ended session can be shared again.
  if (whole && "words" in whole.held) return undefined;
  const opened = sources.every(({ kind }) => kind === "opened");
  throw new TypeError(
    opened
      ? `${refused} made from a value that was opened: both parties know it, so use it as a public operand, ` +
          "x.add(value), or open the value with `await x.reveal()` instead"
      : `${refused} computed from a share of a computed value (x.data, x.var, x.grad.data) outside the session, ` +
          "because nothing would check it: compute on the SharedVariable itself, x.neg() instead of x.data.neg(), and " +
          "open the result with `await x.reveal()`",
  );
}

/** @throws {RangeError} the operations cannot rescale this many fractional bits to the session's precision */
export function requireScale(fracBits: number, what: string): void {
  if (!Number.isInteger(fracBits) || fracBits < 0 || fracBits > VALUE_BITS) {
    throw new RangeError(
      `${what}: fractional bits must be an integer from 0 to ${VALUE_BITS}, got ${fracBits}`,
    );
  }
}

/** @throws {TypeError | SpdzError} the value belongs to a session that has ended, or to a plan */
export function requireUsable({ value, generation, iface }: SharedTensor): void {
  refuseOtherPlan(value.counting);
  if (generation !== iface.session.generation)
    throw new TypeError("this value was shared in a session that has ended: share it again in this one");
}

/**
 * Return this party's share as the scheme holds it. A classic share enters the scheme when it is first needed; where shares
 * have MACs, that is an operation of its own.
 *
 * @param within - the operation that needs it, for messages to users
 * @throws {TypeError} the value belongs to a session that has ended
 */
export function shareOf(x: SharedTensor, within?: OperationDescription): Eventual<Share> {
  const { iface, session, held, value } = x;
  requireUsable(x);
  if ("share" in held) return held.share;
  const { words } = held;
  // The additive scheme uses classic shares, so nothing has to enter.
  if (session.scheme.name === "additive") return words as unknown as Eventual<Share>;
  const entered = iface.executor.notes(session.entered);
  let share = entered.get(value);
  if (!share) {
    const { shape, fracBits } = x;
    share = iface.run({
      description: {
        kind: "enter",
        operands: [{ shape, fracBits, value }],
        result: { shape, fracBits },
        ...(within && { within: nameOperation(within) }),
      },
      inputs: [words],
      uses: { enter: use(enter, { length: sizeOf(shape) }) },
      body: (_, { enter }, [words]) => enter(words as RingVector),
    });
    entered.set(value, share);
  }
  return share;
}

/** Return this party's share as a classic one: both parties' words add up to the secret mod 2^64. */
export function dataOf(x: SharedTensor): LongTensor {
  const { session, shape, fracBits, value } = x;
  refuseOtherPlan(value.counting);
  const words = wordsOf(x);
  const sources = [
    ...(session.scheme.name === "authenticated" ? [session.sources.share] : []),
    ...(value.counting ? [value.counting.source] : []),
  ];
  const origin = { whole: x, sources, born: 0 };
  return longTensor(words, shape, fracBits, { isShare: true, origin });
}

/** Return this party's words of a value, as `data` shows them. */
export function wordsOf({ session, held, value, shape }: SharedTensor): Eventual<RingVector> {
  if ("words" in held) return held.words;
  // Within a plan, use zeros, so that computations in the clear have the right shape.
  if (value.counting) return Eventual.of(ring64.zeros(sizeOf(shape)) as RingVector);
  const { share } = held;
  const { scheme, words } = session;
  let classic = words.get(share);
  if (!classic) {
    classic = Eventual.derive([share], () => scheme.words(share.value));
    words.set(share, classic);
  }
  return classic;
}
