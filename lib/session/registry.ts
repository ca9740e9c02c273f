import type { Costs } from "./costs";
import { host } from "./host";
import { noteCosts } from "./show-costs";

/** The interfaces open in this process, so that a kernel can settle a cell and leave no socket behind. */

/** What the registry needs of an interface. */
export interface Registered {
  settled(): Promise<void>;
  /** What a cell cost, if it ran operations. */
  costsOf(cell: string): Costs | undefined;
  close(): Promise<void>;
}

const open = new Set<Registered>();

export function register(item: Registered): void {
  open.add(item);
}

export function unregister(item: Registered): void {
  open.delete(item);
}

/**
 * Waits for every operation of every open interface, and then says what the cell cost if that is wanted.
 *
 * @throws the first failure, after all have ended
 */
export async function settleAll(): Promise<void> {
  const results = await Promise.allSettled([...open].map((item) => item.settled()));
  const cell = host().cell();
  if (cell !== undefined) for (const item of open) noteCosts(cell, item.costsOf(cell));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Closes every open interface. */
export async function closeAll(): Promise<void> {
  await Promise.allSettled([...open].map((item) => item.close()));
}
