import { slowAlterations } from "../../test/cheating";
import { describeCheating } from "../../test/cheating-suite";

describeCheating("every message of the set-up altered", ["setUp"], {
  setUp: slowAlterations("a flipped bit in each 16 bytes"),
});
