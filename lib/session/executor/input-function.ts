import { AsyncLocalStorage } from "node:async_hooks";

const running = new AsyncLocalStorage<true>();

/** Call the function that returns the owner's input. */
export function callOwner<T>(give: () => T): T {
  return running.run(true, give);
}

/** @throws {TypeError} this code runs inside an input's function, which only the owner calls */
export function refuseInOwner(): void {
  if (running.getStore()) {
    throw new TypeError(
      "an input's function runs only at its owner, so it cannot run operations of the session or wait for them: " +
        "run them before the input, on both sides",
    );
  }
}
