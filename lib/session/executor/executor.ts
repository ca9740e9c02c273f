import type { OperationLink } from "../../channel/operation-link";
import type { Eventual } from "../../eventual";
import type { Scheme } from "../../protocol/scheme";
import type { Calls, Uses } from "../../protocol/step";
import type { Ring } from "../../ring";
import type { OperationDescription } from "../lockstep/lockstep";
import type { Counting, Value } from "./value";

/** What an operation's body runs with; nothing is global. */
export interface OperationContext {
  readonly ring: Ring;
  /** The operation's messages. */
  readonly online: OperationLink;
  /** How secrets are shared in this session. */
  readonly scheme: Scheme;
}

/**
 * What an operation does once its inputs are there.
 *
 * @param steps - the protocols that it uses, each to be called once
 */
export type Body<U extends Uses, T> = (ctx: OperationContext, steps: Calls<U>) => T | Promise<T>;

/** An operation that is to be run, or counted. */
export interface Operation<U extends Uses, T> {
  /** What the other party must run too. */
  readonly description: OperationDescription;
  /** Values that must be there before `body` starts. */
  readonly inputs?: readonly Eventual<unknown>[];
  /** The protocols that it uses. */
  readonly uses?: U | undefined;
  /** How many words it opens, if its result is words that both parties see. */
  readonly opens?: number;
  /** Its result is a classic share. A plan cannot follow what is computed from it in the clear, so all else waits for it. */
  readonly swaps?: boolean;
  readonly body: Body<U, T>;
}

/** Notes about values: where they are looked up and written. */
export interface Notes<K extends object, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/**
 * Carries operations out. A session runs them with the other party; a plan only counts what they would take.
 *
 * All code that issues operations goes through the executor of its interface, and needs not know which one it is.
 */
export interface Executor {
  /**
   * Takes the operation's place now, so call it before anything is awaited.
   *
   * @returns the result, under way
   * @throws {SpdzError} no operation can run; the error says why and what to do
   */
  run<U extends Uses, T>(operation: Operation<U, T>): Eventual<T>;
  /** A value that is made now; both parties make the same ones in the same order. */
  value(): Value;
  /** The notes of a session, or of a plan over them. */
  notes<K extends object, V>(notes: WeakMap<K, V>): Notes<K, V>;
  /** What counts here; undefined where operations run. */
  readonly counting: Counting | undefined;
}
