import type { RingVector } from "../ring";
import { Eventual } from "../tensor/eventual";
import { type Shape, sizeOf } from "../tensor/shape";
import type { DistributedInterface } from "./distributed-interface";
import type { Operand } from "./lockstep";
import type { Session } from "./session";

/**
 * A secret that the two parties share: its shape and scale are known, this party's share may be under way. It is
 * held as the session's scheme shares it, or as a classic share that has not entered the scheme yet.
 */
export interface SharedTensor extends Operand {
  readonly iface: DistributedInterface;
  readonly session: Session;
  /** The session's generation it was shared in; `reconnect` starts another. */
  readonly generation: object;
  readonly shape: Shape;
  readonly fracBits: number;
  /** It takes part in a backward pass; both parties must agree on that too. */
  readonly requiresGrad: boolean;
  readonly held: { readonly share: Eventual<unknown> } | { readonly words: Eventual<RingVector> };
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
 * This party's share as the scheme holds it. A classic share enters the scheme when it is first needed, which is an
 * operation of its own where the scheme has to do something for it.
 *
 * @throws {TypeError} it was shared in a session that has ended
 */
export function shareOf(x: SharedTensor): Eventual<unknown> {
  const { iface, session, held } = x;
  if (x.generation !== iface.session.generation) {
    throw new TypeError("a value was shared in a session that has ended: share it again with this one");
  }
  if ("share" in held) return held.share;
  const { scheme, entered } = session;
  const { words } = held;
  const { enter } = scheme;
  if (!enter) return words;
  let share = entered.get(words);
  if (!share) {
    const { shape, fracBits } = x;
    const description = { kind: "enter", operands: [{ shape, fracBits }] };
    const work = { enters: sizeOf(shape) };
    share = iface.run(description, [words], (ctx) => enter(ctx, words.value), work);
    entered.set(words, share);
  }
  return share;
}

/** This party's share as a classic one: both parties' words add up to the secret mod 2^64. */
export function wordsOf({ session, held }: SharedTensor): Eventual<RingVector> {
  if ("words" in held) return held.words;
  const { share } = held;
  const { scheme, entered, words } = session;
  let classic = words.get(share);
  if (!classic) {
    classic = Eventual.derive([share], () => scheme.words(share.value));
    words.set(share, classic);
    entered.set(classic, share);
  }
  return classic;
}
