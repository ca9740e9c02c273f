import type { Gate } from "../../crypto/gate";
import type { Settlement } from "../../crypto/settlement";
import { AUTHENTICATED } from "../kinds/raw";
import type { Production } from "../production";
import { bitKeyOf } from "./binary/random-bits";
import { makerOf } from "./kind-makers";
import { destroyOtState, type OtState, setUpOtState } from "./ot-state";
import { resumeOtState, seedsOf } from "./seeds";

/** Return the state with that gate for its exchanges of commitments, even if it was set up without one. */
function within(state: OtState, gate: Gate | undefined, settlement: Settlement | undefined): OtState {
  const identity = gate ? { ...state.identity, gate } : state.identity;
  return { ...state, identity, ...(settlement && { settlement }) };
}

/**
 * Make shares with MACs by oblivious transfer, with malicious security.
 *
 * @param setUp - another way to a state, for tests
 * @param settlement - how the checks of the items are settled. Default: at once, over the link of production.
 */
export function maliciousProduction(
  setUp: typeof setUpOtState = setUpOtState,
  settlement?: Settlement,
): Production {
  return {
    name: "malicious",
    layout: AUTHENTICATED,
    capabilities: { truncation: "bits", comparison: "private", matrices: false },
    batch: makerOf,
    cost: makerOf,
    async open(link, random, resumption, gate) {
      const resumed = resumption && resumeOtState(link.party, resumption, random, gate);
      const state = within(resumed?.state ?? (await setUp(link, random, gate)), gate, settlement);
      return {
        identity: state.identity,
        alpha: state.keeper.alpha,
        delta: bitKeyOf(state).delta,
        seeds: resumed?.next ?? seedsOf(state),
        make: (over, kind, count) => makerOf(kind).make(over, state, count),
        destroy: () => destroyOtState(state),
      };
    },
  };
}
