import { times } from "./multiply";
import type { SharedTensor } from "./shared-tensor";

/** x · x element by element. */
export function square(x: SharedTensor): SharedTensor {
  return times(x, x);
}
