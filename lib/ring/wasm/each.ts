/** Call a kernel for the elements of vectors, on one thread or on all. */

import type { Argument, Kernel } from "./job";
import type { Workspace } from "./workspace";

/** From this many elements on, waking a second thread pays off. */
const LARGE_LENGTH = 2 ** 17;

/** Call a kernel for n elements; the addresses are its first arguments. Use all threads for large work. */
export function each<T extends Argument[]>(
  w: Workspace,
  kernel: (...args: never[]) => unknown,
  addresses: readonly number[],
  n: number,
  ...rest: T
): void {
  const call = kernel as Kernel;
  const { team, exports } = w.engine;
  const parts = n >= LARGE_LENGTH && team !== null ? team.size() : 1;
  if (team === null || parts === 1) {
    call(...addresses, n, ...rest);
    return;
  }
  const bytes = kernel === exports.and64 || kernel === exports.xor64 ? 8 : w.bytes;
  // Kernels work on pairs, so only the last part may have an odd length.
  const step = Math.ceil(n / parts / 2) * 2;
  const calls: Argument[][] = [];
  for (let done = 0; done < n; done += step) {
    calls.push([...addresses.map((a) => a + done * bytes), Math.min(step, n - done), ...rest]);
  }
  team.run(call, calls);
}
