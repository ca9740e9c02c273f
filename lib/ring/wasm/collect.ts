/**
 * Find out which objects are garbage in the middle of a synchronous loop.
 *
 * V8 counts the few bytes of a vector's handle but not the megabytes of WASM memory behind it, so it sees no reason to
 * collect. Finalizers run only when the event loop turns. When memory runs short, the engine therefore asks for a
 * collection and checks weak references itself.
 */

import { setFlagsFromString } from "node:v8";
import { createContext, runInNewContext, Script } from "node:vm";

interface Collector {
  gc: () => void;
  /** Release the objects that weak references touched in this turn; otherwise they stay alive until the turn ends. */
  release: () => void;
}

let collector: Collector | null | undefined;

function create(): Collector | null {
  try {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as unknown;
    setFlagsFromString("--no-expose-gc");
    if (typeof gc !== "function") return null;
    // For weak references, the end of a job with its own microtask queue is the end of a turn.
    const context = createContext({}, { microtaskMode: "afterEvaluate" });
    const nothing = new Script("0");
    return { gc: () => gc(), release: () => nothing.runInContext(context) };
  } catch {
    return null;
  }
}

/**
 * Collect garbage, then call `visit`, which checks weak references.
 *
 * @returns false if this JavaScript engine offers no way to do so; `visit` is then not called
 */
export function collectGarbage(visit: () => void): boolean {
  collector ??= create();
  if (collector === null) return false;
  collector.release();
  collector.gc();
  visit();
  collector.release();
  return true;
}

/** Release the objects that new weak references keep until the turn ends; a long loop would accumulate them. */
export function releaseWeakReferences(): void {
  collector ??= create();
  collector?.release();
}
