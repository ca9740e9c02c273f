import type { OperationLink } from "../../channel/operation-link";
import type { Eventual } from "../../eventual";
import type { Scheme } from "../../protocol/scheme";
import type { Calls, Uses } from "../../protocol/step";
import type { Ring } from "../../ring";
import type { OperationDescription } from "../lockstep/lockstep";
import type { Counting, Value } from "./value";

/** The context of an operation's body; nothing is global. */
export interface OperationContext {
  readonly ring: Ring;
  /** The operation's messages. */
  readonly online: OperationLink;
  /** The session's sharing scheme. */
  readonly scheme: Scheme;
}

/**
 * The body of an operation, called once its inputs are available.
 *
 * @param steps - the protocols that it uses; call each once
 * @param inputs - the values of its inputs, in order
 */
export type Body<U extends Uses, T> = (
  ctx: OperationContext,
  steps: Calls<U>,
  inputs: readonly unknown[],
) => T | Promise<T>;

/** An operation to run, or to count. */
export interface Operation<U extends Uses, T> {
  /** The part that both parties must agree on. */
  readonly description: OperationDescription;
  /** Values that must be available before `body` starts. */
  readonly inputs?: readonly Eventual<unknown>[];
  /** The protocols that it uses. */
  readonly uses?: U | undefined;
  /** The number of words in its result, if both parties see the result. */
  readonly opens?: number;
  /**
   * The result is a classic share. A plan cannot follow computations on it in the clear, so it places everything later
   * after it.
   */
  readonly swaps?: boolean;
  readonly body: Body<U, T>;
}

/** Notes about values, to look up and to write. */
export interface Notes<K extends object, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/**
 * Executes operations. A session runs them with the other party; a plan only counts what they would take.
 *
 * All code that issues operations uses the executor of its interface, without knowing which one it is.
 */
export interface Executor {
  /**
   * Issue an operation. It takes its place in the order at the call, so call it before any `await`.
   *
   * @returns the pending result
   * @throws {SpdzError} no operation can run; the error says why and what to do
   */
  run<U extends Uses, T>(operation: Operation<U, T>): Eventual<T>;
  /** Make a new value. Both parties make the same values in the same order. */
  value(): Value;
  /** The session's notes, or the plan's overlay over them. */
  notes<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V>;
  /** The plan that counts operations; undefined where they run. */
  readonly counting: Counting | undefined;
}
