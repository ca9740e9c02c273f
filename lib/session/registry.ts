import { host } from "./host/host";
import type { Costs } from "./report/costs";
import { noteCosts } from "./report/show-costs";

/** The interfaces open in this process, so that a kernel can settle a cell and leave no socket behind. */

/** What the registry needs of an interface. */
export interface Registered {
  readonly party: number;
  readonly address: string;
  /** The other party has come, and neither side has ended the session. */
  readonly connected: boolean;
  /** Waits for the operations of a cell. */
  settleCell(): Promise<void>;
  /** Later cells do not wait for what is under way. */
  letGo(): void;
  /** What a cell cost, if it ran operations. */
  costsOf(cell: string): Costs | undefined;
  close(): Promise<void>;
}

const open = new Set<Registered>();

export function register(item: Registered): void {
  open.add(item);
}

/**
 * Makes room for an interface: one of the same party and address that still waits for the other party is closed, so
 * that a cell which makes it can be run again.
 *
 * @throws {TypeError} there is one that is connected
 */
export function replace(party: number, address: string): void {
  for (const item of open) {
    if (item.party !== party || item.address !== address) continue;
    if (item.connected) {
      throw new TypeError(
        `party ${party} has a session on ${address} already: go on with it, or \`await iface.close()\` first`,
      );
    }
    void item.close();
  }
}

export function unregister(item: Registered): void {
  open.delete(item);
}

/** The person has interrupted a cell: later cells do not wait for what that one began. */
export function letGoAll(): void {
  for (const item of open) item.letGo();
}

/**
 * Waits for every operation of every open interface that was not let go, and then says what the cell cost if that is wanted.
 *
 * @throws the first failure, after all have ended
 */
export async function settleAll(): Promise<void> {
  const results = await Promise.allSettled([...open].map((item) => item.settleCell()));
  const cell = host().cell();
  if (cell !== undefined) for (const item of open) noteCosts(cell, item.costsOf(cell));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Closes every open interface. */
export async function closeAll(): Promise<void> {
  await Promise.allSettled([...open].map((item) => item.close()));
}
