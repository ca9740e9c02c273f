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
 * A secret that the two parties share: its shape and scale are known, this party's share may be under way. It is
 * held as the session's scheme shares it, or as a classic share that has not entered the scheme yet.
 */
export interface SharedTensor extends Operand, Whole {
  /** Which of the session's values it is. */
  readonly value: Value;
  readonly iface: DistributedInterface;
  readonly session: Session;
  /** The session's generation it was shared in; `reconnect` starts another. */
  readonly generation: object;
  readonly shape: Shape;
  readonly fracBits: number;
  /** It takes part in a backward pass; both parties must agree on that too. */
  readonly requiresGrad: boolean;
  readonly held: { readonly share: Eventual<Share> } | { readonly words: Eventual<RingVector> };
}

/** A value that both parties know, as integers with a scale. */
export interface PublicTensor {
  readonly shape: Shape;
  readonly fracBits: number;
  readonly vector: RingVector;
}

/**
 * The session that both belong to.
 *
 * @throws {TypeError} they belong to two interfaces
 */
export function commonInterface(x: SharedTensor, y: SharedTensor): DistributedInterface {
  if (x.iface !== y.iface) throw new TypeError("the two shared values belong to different interfaces");
  return x.iface;
}

/** The same secret, out of the backward pass. */
export function detach(x: SharedTensor): SharedTensor {
  return { ...x, requiresGrad: false };
}

/**
 * A shared value made from this party's classic share. It is a value of its own, whatever tensor it is made from: two
 * made from one tensor are two.
 *
 * @throws {RangeError} the tensor's scale is beyond what can be computed with
 * @throws {TypeError} where shares have MACs: the tensor was computed from a share of a computed value
 */
export function wrap(iface: DistributedInterface, data: LongTensor, requiresGrad = false): SharedTensor {
  const { shape, fracBits, origin } = data;
  requireScale(fracBits, "a shared value");
  // It would be counted at one party alone.
  refuseInOwner();
  const { session } = iface;
  const { generation } = session;
  const whole = wholeOf(origin, iface, "a SharedVariable is not made");
  const held = whole && "share" in whole.held ? whole.held : { words: data.vector };
  return { iface, session, generation, value: iface.executor.value(), shape, fracBits, requiresGrad, held };
}

/**
 * The shared value of this session whose share the words are as they are; undefined where they are the share of no
 * computed value.
 *
 * @param refused - what is not done with words that were computed from such a share, for people
 * @throws {TypeError} they were computed from one, so that nothing would check them
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
  // A share that was an input, of a session that has ended, can be one again.
  if (whole && "words" in whole.held) return undefined;
  const opened = sources.every(({ kind }) => kind === "opened");
  throw new TypeError(
    opened
      ? `${refused} from a value that was opened: both parties know it, so use it as a public operand, x.add(value), ` +
          "or open a value by `await x.reveal()` in the first place"
      : `${refused} from what was computed from a share of a computed value (x.data, x.var, x.grad.data) outside its ` +
          "session, because nothing would check it: compute on the SharedVariable itself, x.neg() in place of " +
          "x.data.neg(), and open the result with `await x.reveal()`",
  );
}

/** @throws {RangeError} no scale that the operations can bring back to the session's precision */
export function requireScale(fracBits: number, what: string): void {
  if (!Number.isInteger(fracBits) || fracBits < 0 || fracBits > VALUE_BITS) {
    throw new RangeError(
      `${what} cannot have ${fracBits} fractional bits: a whole number from 0 to ${VALUE_BITS} is possible`,
    );
  }
}

/** @throws {TypeError | SpdzError} it was shared in a session that has ended, or only planned */
export function requireUsable({ value, generation, iface }: SharedTensor): void {
  refuseOtherPlan(value.counting);
  if (generation !== iface.session.generation)
    throw new TypeError("a value was shared in a session that has ended: share it again with this one");
}

/**
 * This party's share as the scheme holds it. A classic share enters the scheme when it is first needed, which is an
 * operation of its own where the scheme has to do something for it.
 *
 * @param within - the operation that needs it
 * @throws {TypeError} it was shared in a session that has ended
 */
export function shareOf(x: SharedTensor, within?: OperationDescription): Eventual<Share> {
  const { iface, session, held, value } = x;
  requireUsable(x);
  if ("share" in held) return held.share;
  const { words } = held;
  // A scheme without `enter` holds classic shares itself.
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
      body: (_, { enter }) => enter(words.value),
    });
    entered.set(value, share);
  }
  return share;
}

/** This party's share as a classic one: both parties' words add up to the secret mod 2^64. */
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

function wordsOf({ session, held, value, shape }: SharedTensor): Eventual<RingVector> {
  if ("words" in held) return held.words;
  // Zeros as long as the plan lasts: what is computed from them in the clear is of the right shape.
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
