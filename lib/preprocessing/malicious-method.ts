import type { Gate } from "../crypto/gate";
import { destroyMachine, type Machine, setUpMachine } from "./machine";
import type { Method } from "./method";
import { AUTHENTICATED } from "./raw";
import { recipeOf } from "./recipes";
import { resumeMachine, seedsOf } from "./seeds";

/** A machine whose exchanges of commitments pass that gate, also if it was set up without one. */
function throughGate(machine: Machine, gate: Gate | undefined): Machine {
  if (!gate || machine.identity.gate === gate) return machine;
  return { ...machine, identity: { ...machine.identity, gate } };
}

/**
 * Shares with MACs from oblivious transfer, whatever the other party does.
 *
 * @param setUp - another way to a machine, for tests
 */
export function maliciousMethod(setUp: typeof setUpMachine = setUpMachine): Method {
  return {
    name: "malicious",
    layout: AUTHENTICATED,
    offers: { truncation: "mask", matrices: false },
    batch: recipeOf,
    cost: recipeOf,
    async open(link, random, resumption, gate) {
      const resumed = resumption && resumeMachine(link.party, resumption, random, gate);
      const machine = throughGate(resumed?.machine ?? (await setUp(link, random, gate)), gate);
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
