import type { OperationLink } from "../../channel/operation-link";
import { TransportError } from "../../errors";
import type { ProductionCost } from "../producer";

/** The two ways to make products of numbers. */
export type Way = "ot" | "lattice";

const WAYS: readonly Way[] = ["ot", "lattice"];
/** Below so many items, transfers take less of everything: lattices make thousands at once. */
const FEW = 2048;
/** How much a new measurement counts. */
const WEIGHT = 0.5;
/** A way that is not measured yet is tried if its estimate is at most so many times the other's measured time. */
const HOPE = 1.5;

/**
 * Chooses, for each batch, the way that took less time for an item in this session, the connection's time included. Party 0
 * measures and decides; it names the way to party 1 before the batch.
 */
export class Choice {
  /** Microseconds for an item, measured, by kind and way. */
  readonly #measured = new Map<string, number>();

  /**
   * Agree on the way for the next batch.
   *
   * @param costs - what each way costs where nothing is measured
   * @param rounded - how many items each way makes for this batch
   * @throws {TransportError} party 0 named no way
   */
  async agree(
    link: OperationLink,
    kind: string,
    count: number,
    costs: Readonly<Record<Way, ProductionCost>>,
    rounded: Readonly<Record<Way, number>>,
  ): Promise<Way> {
    if (count < FEW) return "ot";
    const what = "names the way to make a batch";
    if (link.party === 0) {
      const way = this.choose(kind, costs, rounded);
      link.send(Uint8Array.of(WAYS.indexOf(way)), what);
      return way;
    }
    const [index] = await link.receive(1, what);
    const way = WAYS[index!];
    if (way) return way;
    throw new TransportError("malformed", "party 0 named no known way to make a batch");
  }

  choose(
    kind: string,
    costs: Readonly<Record<Way, ProductionCost>>,
    rounded: Readonly<Record<Way, number>>,
  ): Way {
    const [ot, lattice] = WAYS.map((way) => this.#measured.get(`${kind} ${way}`));
    if (lattice === undefined) return "lattice";
    // The slower of computing and sending, at the pace of the way that was measured.
    const slower = Math.max(costs.ot.micros / costs.lattice.micros, 1);
    const bytes = costs.ot.bytes / costs.lattice.bytes;
    if (ot === undefined) {
      const atLeast = lattice * Math.min(slower, bytes);
      return atLeast * rounded.ot < HOPE * lattice * rounded.lattice ? "ot" : "lattice";
    }
    return ot * rounded.ot < lattice * rounded.lattice ? "ot" : "lattice";
  }

  /** Remember what a batch took. @param made - items, with those that were made beyond the batch */
  learn(kind: string, way: Way, made: number, micros: number): void {
    const name = `${kind} ${way}`;
    const before = this.#measured.get(name);
    const now = micros / made;
    this.#measured.set(name, before === undefined ? now : WEIGHT * now + (1 - WEIGHT) * before);
  }
}
