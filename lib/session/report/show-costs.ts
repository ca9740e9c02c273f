import { host } from "../host/host";
import type { Costs } from "./costs";
import { summarize } from "./costs";

let shown = false;

/**
 * Whether each cell that computes on shared values ends with a line that says what it cost: rounds, bytes, triples,
 * time. Off at the start.
 */
export function showCosts(visible = true): void {
  shown = visible;
}

/** Shows the line of a cell that is done, if it is wanted and the cell cost anything. */
export function noteCosts(cell: string, costs: Costs | undefined): void {
  if (!shown || !costs) return;
  host().notify({ id: `spdzlab-costs-${cell}`, kind: "note", text: summarize(costs) });
}
