/**
 * Finding out, in the middle of a synchronous loop, which objects are garbage.
 *
 * V8 sees the few bytes of a vector's handle and not the megabytes of WASM memory behind it, so it has no reason to
 * collect; and finalizers run only when the event loop turns. When memory is short the engine therefore asks for a
 * collection and looks at weak references itself.
 */

import { setFlagsFromString } from "node:v8";
import { createContext, runInNewContext, Script } from "node:vm";

interface Collector {
  gc: () => void;
  /** Lets go of what weak references touched in this turn, which would otherwise stay alive until the turn ends. */
  release: () => void;
}

let collector: Collector | null | undefined;

function create(): Collector | null {
  try {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as unknown;
    setFlagsFromString("--no-expose-gc");
    if (typeof gc !== "function") return null;
    // The end of a job with its own microtask queue is the end of a turn for weak references.
    const context = createContext({}, { microtaskMode: "afterEvaluate" });
    const nothing = new Script("0");
    return { gc: () => gc(), release: () => nothing.runInContext(context) };
  } catch {
    return null;
  }
}

/**
 * Collects garbage, then calls `visit` for a look at weak references.
 *
 * @returns false where this engine offers no way to do so; `visit` is then not called
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

/** Lets go of what new weak references hold until the turn ends, so that a long loop does not pile it up. */
export function releaseWeakReferences(): void {
  collector ??= create();
  collector?.release();
}
