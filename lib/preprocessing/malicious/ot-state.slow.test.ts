import { slowAlterations } from "../../../test/support/cheating";
import { describeCheating } from "../../../test/support/cheating-suite";

describeCheating("every message of the set-up altered", ["setUp"], {
  setUp: slowAlterations("a flipped bit in each 16 bytes"),
});
