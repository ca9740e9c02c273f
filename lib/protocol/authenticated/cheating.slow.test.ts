import { slowAlterations } from "../../../test/support/cheating";
import { describeCheating } from "../../../test/support/cheating-suite";

const few = slowAlterations("a flipped bit in each 16 bytes", "an echo");

describeCheating(
  "every message of the online phase altered",
  ["andBits", "compare", "reveal", "square", "matmul", "truncate"],
  {
    compare: slowAlterations("a flipped bit in each 16 bytes"),
    reveal: few,
    square: few,
    matmul: few,
    truncate: few,
  },
);
