import { destroyMachine, setUpMachine } from "./machine";
import type { Method } from "./method";
import { AUTHENTICATED } from "./raw";
import { recipeOf } from "./recipes";
import { resumeMachine, seedsOf } from "./seeds";

/**
 * Shares with MACs from oblivious transfer, whatever the other party does.
 *
 * @param setUp - another way to a machine, for tests
 */
export function maliciousMethod(setUp = setUpMachine): Method {
  return {
    name: "malicious",
    layout: AUTHENTICATED,
    offers: { truncation: "mask", matrices: false },
    batch: recipeOf,
    cost: recipeOf,
    async open(link, random, resumption) {
      const resumed = resumption && resumeMachine(link.party, resumption, random);
      const machine = resumed?.machine ?? (await setUp(link, random));
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
