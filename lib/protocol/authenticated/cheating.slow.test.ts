import { slowAlterations } from "../../../test/support/cheating";
import { describeCheating } from "../../../test/support/cheating-suite";

const few = slowAlterations("a flipped bit in each 16 bytes", "an echo");

describeCheating(
  "every message of the online phase altered",
  [
    ...([
      "andBits",
      "compare",
      "splitBits",
      "compareByDigits",
      "bitsByDigits",
      "leadingBit",
      "leadingBitByDigits",
    ] as const),
    ...(["reveal", "square", "matmul", "truncate"] as const),
  ],
  {
    splitBits: slowAlterations("a flipped bit in each 16 bytes"),
    leadingBit: slowAlterations("a flipped bit in each 16 bytes"),
    leadingBitByDigits: slowAlterations("a flipped bit in each 16 bytes"),
    compareByDigits: slowAlterations("a flipped bit in each 16 bytes"),
    bitsByDigits: few,
    compare: slowAlterations("a flipped bit in each 16 bytes"),
    reveal: few,
    square: few,
    matmul: few,
    truncate: few,
  },
);
