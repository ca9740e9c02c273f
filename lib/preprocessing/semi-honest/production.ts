import { PLAIN } from "../kinds/raw";
import type { Production } from "../production";
import { semiHonestMakerOf } from "./items";
import { destroySemiHonestOtState, setUpSemiHonestOtState } from "./ot-state";

/**
 * Make shares without MACs by oblivious transfer, with semi-honest security.
 *
 * @param setUp - another way to a state, for tests
 */
export function semiHonestProduction(setUp = setUpSemiHonestOtState): Production {
  return {
    name: "semi-honest",
    layout: PLAIN,
    capabilities: { truncation: "wrap", comparison: "carry", matrices: false },
    batch: semiHonestMakerOf,
    cost: semiHonestMakerOf,
    async open(link, random) {
      const state = await setUp(link, random);
      return {
        identity: state.identity,
        alpha: 0n,
        make: (over, kind, count) => semiHonestMakerOf(kind).make(over, state, count),
        destroy: () => destroySemiHonestOtState(state),
      };
    },
  };
}
