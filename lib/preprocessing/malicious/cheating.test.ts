import { slowAlterations } from "../../../test/support/cheating";
import { describeCheating } from "../../../test/support/cheating-suite";

// The set-up has its own file, ot-state.test.ts, because it is slow.
describeCheating(
  "every message of preprocessing altered",
  ["commitment", "coins", "extension", "randoms", "inputMasks", "triples", "squares"],
  { squares: slowAlterations("a flipped bit in each 16 bytes", "a replay") },
);
