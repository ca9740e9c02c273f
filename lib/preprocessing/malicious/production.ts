import type { Gate } from "../../crypto/gate";
import type { Settlement } from "../../crypto/settlement";
import { AUTHENTICATED } from "../kinds/raw";
import type { Method } from "../production";
import { recipeOf } from "./kind-makers";
import { destroyMachine, type Machine, setUpMachine } from "./ot-state";
import { resumeMachine, seedsOf } from "./seeds";

/** A machine whose exchanges of commitments pass that gate, also if it was set up without one. */
function within(machine: Machine, gate: Gate | undefined, settlement: Settlement | undefined): Machine {
  const identity = gate ? { ...machine.identity, gate } : machine.identity;
  return { ...machine, identity, ...(settlement && { settlement }) };
}

/**
 * Shares with MACs from oblivious transfer, whatever the other party does.
 *
 * @param setUp - another way to a machine, for tests
 * @param settlement - how the checks of what is made end. Default: at once, over the link that it is made over.
 */
export function maliciousMethod(setUp: typeof setUpMachine = setUpMachine, settlement?: Settlement): Method {
  return {
    name: "malicious",
    layout: AUTHENTICATED,
    offers: { truncation: "mask", matrices: false },
    batch: recipeOf,
    cost: recipeOf,
    async open(link, random, resumption, gate) {
      const resumed = resumption && resumeMachine(link.party, resumption, random, gate);
      const machine = within(resumed?.machine ?? (await setUp(link, random, gate)), gate, settlement);
      return {
        identity: machine.identity,
        alpha: machine.keeper.alpha,
        seeds: resumed?.next ?? seedsOf(machine),
        make: (over, kind, count) => recipeOf(kind).make(over, machine, count),
        destroy: () => destroyMachine(machine),
      };
    },
  };
}
