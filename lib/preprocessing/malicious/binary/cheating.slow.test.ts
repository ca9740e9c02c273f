import { slowAlterations } from "../../../../test/support/cheating";
import { describeCheating } from "../../../../test/support/cheating-suite";

const few = slowAlterations("a flipped bit in each 16 bytes", "a replay", "an echo", "zeros", "withheld");

describeCheating("every message of authenticated bits altered", ["andTriples", "daBits"], {
  andTriples: few,
  daBits: few,
});
