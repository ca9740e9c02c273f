import { afterAll, beforeAll } from "vitest";
import { allModesWith, createDealer } from "../../test/support/modes";
import { describeOperations } from "../../test/support/operation-suite";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

describeOperations(allModesWith(dealer).filter(({ security }) => security === "malicious"));
