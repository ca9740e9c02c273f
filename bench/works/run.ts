/** Run a work between two processes, and say how long it took, how wrong it was, and what it sent. */

import type { SharedVariable } from "../../lib/autograd/shared-variable";
import "../../lib/autograd/input";
import type { Party } from "../../lib/channel/channel";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import type { FloatTensor } from "../../lib/tensor/float-tensor";
import { median } from "../harness";
import { WORKS, type Work } from "./works";

export type Figure = "seconds" | "error" | "bytes";

/** Without a dealer, with a dealer that is a process of its own, and with malicious security. */
export const MODES = ["semi-honest", "dealer", "malicious"] as const;
export type Mode = (typeof MODES)[number];

/** The elements of a work in a mode. */
export function amountIn(mode: Mode, { amount, few }: Work): number {
  return mode === "malicious" && few !== undefined ? Math.min(amount, few) : amount;
}

/** @param what - the mode, the work, how often, and the dealer's address, with spaces between */
export async function runWork(party: Party, address: string, what: string): Promise<Record<Figure, number>> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const [mode, name, times, dealer] = what.split(" ") as [Mode, string, string, string];
  const work = WORKS[name]!;
  const where = party === 0 ? { bind: address } : { peer: address };
  const iface = new DistributedInterface(party, {
    ...where,
    security: mode === "malicious" ? "malicious" : "semi-honest",
    ahead: 0,
    ...(mode === "dealer" && { preprocessing: "dealer", dealer }),
  });
  const operands = work.operands.map((each) => less(mode, work, each));
  const secrets: SharedVariable[] = [];
  for (const [i, each] of operands.entries()) secrets.push(await iface.input((i % 2) as Party, () => each));
  const expected = work.compute(...(operands as never[])) as unknown as FloatTensor;
  const seconds: number[] = [];
  let [bytes, error] = [0, 0];
  for (let run = 0; run <= Number(times); run++) {
    await iface.settled();
    const before = iface.costs().total.bytesSent;
    const start = performance.now();
    const result = work.compute(...secrets);
    await iface.settled();
    // The first run warms up.
    if (run > 0) seconds.push((performance.now() - start) / 1000);
    bytes = iface.costs().total.bytesSent - before;
    const { values } = await result.reveal();
    error = values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.values[i]!)), error);
  }
  await iface.close();
  return { seconds: median(seconds), error, bytes };
}

function less(mode: Mode, work: Work, x: FloatTensor): FloatTensor {
  const amount = amountIn(mode, work);
  if (amount === work.amount && work.few === undefined) return x;
  const rows = mode === "malicious" ? Math.min(x.shape[0]!, work.few ?? x.shape[0]!) : x.shape[0]!;
  return rows === x.shape[0] ? x : x.slice([0, rows]);
}
