/** Scopes: at its end, a scope frees the vectors made in it, except those it returns. */

import type { RingVector } from "./ring";

/** Storage that is freed at the end of a scope. */
export interface Scoped {
  free(): void;
  /** Called when the storage outlives the outermost scope; from then on it lives as long as its owner. */
  leave(owner: object): void;
}

class Scope {
  readonly #owners = new Map<object, Scoped>();

  adopt(resource: Scoped, owner: object): void {
    this.#owners.set(owner, resource);
  }

  /** Move an owner from this scope to the outer one; without an outer scope, let it leave. */
  release(owner: object, outer: Scope | undefined): void {
    const resource = this.#owners.get(owner);
    if (resource === undefined) return;
    this.#owners.delete(owner);
    if (outer === undefined) resource.leave(owner);
    else outer.adopt(resource, owner);
  }

  /** Remove an owner that was freed early. */
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

/** Implement this on your own class to list the vectors it holds, so that a scope that returns it keeps them. */
export const vectorsOf: unique symbol = Symbol.for("spdzlab.vectorsOf");

export interface HoldsVectors {
  [vectorsOf](): Iterable<RingVector>;
}

/**
 * Run `f` and free every vector made in it, except those in its result: a vector, an object with `[vectorsOf]`, or
 * arrays, maps and plain objects of these. If `f` throws, free all of them.
 *
 * @throws {TypeError} `f` is asynchronous: vectors made after its first await would belong to no scope
 */
export function scope<T>(f: () => T): T {
  const inner = new Scope();
  scopes.push(inner);
  try {
    const result = f();
    if (result instanceof Promise)
      throw new TypeError("scope() needs a synchronous function, got one that returns a promise");
    const outer = scopes.at(-2);
    if (isVector(result)) inner.release(result, outer);
    else for (const vector of findVectors(result, new Set())) inner.release(vector, outer);
    return result;
  } finally {
    scopes.pop();
    inner.end();
  }
}

/** Keep a vector alive beyond its scope, and return it. */
export function keep<V extends RingVector>(vector: V): V {
  for (let i = scopes.length - 1; i >= 0; i--) scopes[i]!.release(vector, undefined);
  return vector;
}

/** Tell the scopes that a vector was disposed. */
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
