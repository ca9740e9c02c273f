import { OtKernels } from "./kernels";

let shared: OtKernels | undefined;

/**
 * Run `f` with the thread's own kernels and their memory. What it allocates is overwritten at its end, so it must not
 * await.
 */
export function withKernels<T>(f: (kernels: OtKernels) => T): T {
  shared ??= new OtKernels();
  const { mark } = shared;
  try {
    return f(shared);
  } finally {
    shared.release(mark);
  }
}
