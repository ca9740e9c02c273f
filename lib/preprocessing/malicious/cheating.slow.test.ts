import { slowAlterations } from "../../../test/support/cheating";
import { describeCheating } from "../../../test/support/cheating-suite";

const few = slowAlterations("a flipped bit in each 16 bytes", "a replay");

// The set-up takes longest and has its own file, ot-state.slow.test.ts.
describeCheating(
  "every message of preprocessing altered",
  ["commitment", "coins", "extension", "randoms", "inputMasks", "triples", "squares", "bits"],
  { squares: few, bits: few },
);
