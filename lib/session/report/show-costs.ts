import { host } from "../host/host";
import type { Costs } from "./costs";
import { summarize } from "./costs";

let shown = false;

/**
 * Show a line of costs below each cell that computes on shared values: rounds, bytes, triples and time. Off until called.
 *
 * @param visible - false turns it off again. Default: true.
 */
export function showCosts(visible = true): void {
  shown = visible;
}

/** Show the costs of a cell that has ended, if `showCosts` is on and the cell ran operations. */
export function noteCosts(cell: string, costs: Costs | undefined): void {
  if (!shown || !costs) return;
  host().notify({ id: `spdzlab-costs-${cell}`, kind: "note", text: summarize(costs) });
}
