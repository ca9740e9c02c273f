import { AsyncLocalStorage } from "node:async_hooks";

const running = new AsyncLocalStorage<true>();

/** Calls the function by which an owner gives its input. */
export function callOwner<T>(give: () => T): T {
  return running.run(true, give);
}

/** @throws {TypeError} this code runs in the function of an input, which the other party does not call */
export function refuseInOwner(): void {
  if (running.getStore()) {
    throw new TypeError(
      "the function of an input runs at its owner alone, so it cannot run operations of the session or wait for them: " +
        "run them before, on both sides",
    );
  }
}
