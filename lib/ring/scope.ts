/** Scopes: vectors made within one are freed at its end, but for what it returns. */

import type { RingVector } from "./ring";

/** Something that goes back at the end of a scope. */
export interface Scoped {
  free(): void;
  /** Called when it outlives the last scope, in its owner's keeping. */
  leave(owner: object): void;
}

class Scope {
  readonly #owners = new Map<object, Scoped>();

  adopt(resource: Scoped, owner: object): void {
    this.#owners.set(owner, resource);
  }

  /** Moves an owner that this scope knows to the next one, or out. */
  release(owner: object, outer: Scope | undefined): void {
    const resource = this.#owners.get(owner);
    if (resource === undefined) return;
    this.#owners.delete(owner);
    if (outer === undefined) resource.leave(owner);
    else outer.adopt(resource, owner);
  }

  /** It was freed early. */
  forget(owner: object): void {
    this.#owners.delete(owner);
  }

  end(): void {
    for (const resource of this.#owners.values()) resource.free();
    this.#owners.clear();
  }
}

const scopes: Scope[] = [];

export function currentScope(): Scope | undefined {
  return scopes.at(-1);
}

/** What a value of one's own class holds, so that returning it from a scope keeps its vectors. */
export const vectorsOf: unique symbol = Symbol.for("spdzlab.vectorsOf");

export interface HoldsVectors {
  [vectorsOf](): Iterable<RingVector>;
}

/**
 * Runs `f` and frees every vector made in it, but for those in what it returns: a vector, an object that
 * `[vectorsOf]` describes, or arrays, maps and plain objects of such. When `f` throws, all are freed.
 *
 * @throws {TypeError} `f` is asynchronous: what it makes after its first await would belong to no scope
 */
export function scope<T>(f: () => T): T {
  const inner = new Scope();
  scopes.push(inner);
  try {
    const result = f();
    if (result instanceof Promise) throw new TypeError("a scope takes a synchronous function");
    const outer = scopes.at(-2);
    if (isVector(result)) inner.release(result, outer);
    else for (const vector of findVectors(result, new Set())) inner.release(vector, outer);
    return result;
  } finally {
    scopes.pop();
    inner.end();
  }
}

/** Keeps a vector beyond the scope it was made in, and returns it. */
export function keep<V extends RingVector>(vector: V): V {
  for (let i = scopes.length - 1; i >= 0; i--) scopes[i]!.release(vector, undefined);
  return vector;
}

/** Tells the scopes that a vector was disposed of. */
export function forget(owner: object): void {
  for (const each of scopes) each.forget(owner);
}

function isVector(value: unknown): value is RingVector {
  if (typeof value !== "object" || value === null || vectorsOf in value) return false;
  return typeof (value as Partial<RingVector>).dispose === "function" && "ring" in value;
}

function* findVectors(value: unknown, seen: Set<object>): Iterable<object> {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (typeof (value as Partial<HoldsVectors>)[vectorsOf] === "function") {
    yield* (value as HoldsVectors)[vectorsOf]();
  } else if (isVector(value)) {
    yield value;
  } else if (Array.isArray(value) || value instanceof Map) {
    for (const part of value.values()) yield* findVectors(part, seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const part of Object.values(value)) yield* findVectors(part, seen);
  }
}
