import { host } from "./host/host";
import type { Costs } from "./report/costs";
import { noteCosts } from "./report/show-costs";

/** The open interfaces of this process, so that a kernel can settle a cell and close every socket. */

/** The part of an interface that the registry uses. */
export interface Registered {
  readonly party: number;
  readonly address: string;
  /** The other party has connected, and the session has not ended. */
  readonly connected: boolean;
  /** Wait for a cell's operations. */
  settleCell(): Promise<void>;
  /** Stop waiting for running operations at the end of later cells. */
  release(): void;
  /** Tell the other party that a cell has failed here. */
  tellFailed(cell: string, error: string): void;
  /** Return what a cell cost, if it ran operations. */
  costsOf(cell: string): Costs | undefined;
  close(): Promise<void>;
}

const open = new Set<Registered>();

export function register(item: Registered): void {
  open.add(item);
}

/**
 * Close an interface of the same party and address that is still waiting for the other party, so that the cell that
 * makes it can be run again.
 *
 * @throws {TypeError} such an interface is connected
 */
export function replace(party: number, address: string): void {
  for (const item of open) {
    if (item.party !== party || item.address !== address) continue;
    if (item.connected) {
      throw new TypeError(
        `party ${party} already has a session on ${address}: continue with it, or run \`await iface.close()\` first`,
      );
    }
    void item.close();
    // Nobody waits for it any more, so its end is no failure of a cell.
    open.delete(item);
  }
}

/**
 * Return an interface of the same party and address that the user has stopped waiting for and that was not used, so that
 * the cell that made it can be run again although the other party has come meanwhile.
 */
export function interrupted<T extends Registered>(
  party: number,
  address: string,
  fits: (item: Registered) => item is T,
): T | undefined {
  for (const item of open) if (item.party === party && item.address === address && fits(item)) return item;
  return undefined;
}

export function unregister(item: Registered): void {
  open.delete(item);
}

/** After the user interrupts a cell, stop waiting for its operations at the end of later cells. */
export function releaseAll(): void {
  for (const item of open) item.release();
}

/** Tell the other parties that a cell has failed: its name and the class of its error. */
export function tellFailed(cell: string, error: string): void {
  for (const item of open) item.tellFailed(cell, error);
}

/**
 * Wait for every operation of every open interface that was not released, then show what the cell cost if `showCosts` is
 * on.
 *
 * @throws the first failure, once all have ended
 */
export async function settleAll(): Promise<void> {
  const results = await Promise.allSettled([...open].map((item) => item.settleCell()));
  const cell = host().cell();
  if (cell !== undefined) for (const item of open) noteCosts(cell, item.costsOf(cell));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Close every open interface. */
export async function closeAll(): Promise<void> {
  await Promise.allSettled([...open].map((item) => item.close()));
}
