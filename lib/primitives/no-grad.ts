import { AsyncLocalStorage } from "node:async_hooks";

const off = new AsyncLocalStorage<true>();

/**
 * Run code whose operations compute no gradients: their results require none, and nothing is kept for `backward`. Both
 * parties call it at the same place.
 *
 * It holds for everything that the function calls, also after an `await`, and for nothing else that runs meanwhile.
 *
 * @param run - the code, synchronous or asynchronous
 * @returns the function's result
 *
 * @example
 * spdz.noGrad(() => weights.assign(weights.sub(weights.grad.mul(0.1))));
 */
export function noGrad<T>(run: () => T): T {
  return off.run(true, run);
}

/** Whether operations of this code take part in a backward pass. */
export function gradEnabled(): boolean {
  return off.getStore() === undefined;
}
