import { slowAlterations } from "../../../../test/support/cheating";
import { describeCheating } from "../../../../test/support/cheating-suite";

describeCheating("every message of triples of bits altered", ["andTriples"], {
  andTriples: slowAlterations("a flipped bit in each 16 bytes", "a replay", "an echo", "zeros", "withheld"),
});
