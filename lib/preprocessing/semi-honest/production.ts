import { PLAIN } from "../kinds/raw";
import type { Method } from "../production";
import { semiHonestRecipeOf } from "./items";
import { destroySemiHonestMachine, setUpSemiHonestMachine } from "./ot-state";

/**
 * Shares without MACs from oblivious transfer, as long as both parties follow the protocol.
 *
 * @param setUp - another way to a machine, for tests
 */
export function semiHonestMethod(setUp = setUpSemiHonestMachine): Method {
  return {
    name: "semi-honest",
    layout: PLAIN,
    offers: { truncation: "wrap", matrices: false },
    batch: semiHonestRecipeOf,
    cost: semiHonestRecipeOf,
    async open(link, random) {
      const machine = await setUp(link, random);
      return {
        identity: machine.identity,
        alpha: 0n,
        make: (over, kind, count) => semiHonestRecipeOf(kind).make(over, machine, count),
        destroy: () => destroySemiHonestMachine(machine),
      };
    },
  };
}
