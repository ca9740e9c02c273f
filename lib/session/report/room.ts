/**
 * Checks whether the items that `prepare` is asked for fit into memory, before anything is sent.
 *
 * A ready item takes the bytes of its shares (and of their MACs), outside JavaScript's heap; a kind's layout says how
 * many. Batches are made and used one by one, so the working memory of making them, and the 4 GiB of a WASM memory, do not
 * grow with the number of items. A quarter of the free memory is left for that and for the computation itself. In a
 * container, free memory is what the container may still take.
 *
 * Each party decides for itself, since machines differ, before the operation takes a number. So a party that refuses is
 * still in step. If the other party does not refuse, it waits in `prepare` and shows it, until this party has freed memory
 * and runs the same cell, or until both agree on less with `resync`.
 */

import os from "node:os";
import type { Kind } from "../../preprocessing/kinds/kinds";
import type { Pool } from "../../preprocessing/pool/pool";
import { formatBytes } from "../../text/figures";

/** The fraction of the free memory that items may take. */
const SHARE = 3 / 4;

/** A requested number of ready items of one kind, by the caller's name for it. */
export interface Wanted {
  readonly name: string;
  readonly kind: Kind;
  readonly count: number;
}

/**
 * Refuse a request that does not fit into memory.
 *
 * @param parties - the number of parties in this process
 * @throws {RangeError} the items do not fit; the message says how many do
 */
export function requireRoom(pool: Pool, wanted: readonly Wanted[], parties: number): void {
  const free = freeMemory();
  const asked = wanted
    .filter(({ count }) => count > 0)
    .map((item) => ({ ...item, unit: pool.bytesOf(item.kind) }));
  // Kinds with a single item each have no sizes in their levels, and are never made ahead.
  const coming = pool
    .levels()
    .filter((level) => level.coming > 0)
    .reduce((sum, { kind, coming }) => sum + coming * pool.bytesOf(kind), 0);
  const added = asked.reduce(
    (sum, { kind, count, unit }) => sum + unit * Math.max(0, count - pool.spare(kind)),
    0,
  );
  const room = Math.max(0, (free * SHARE) / parties - coming);
  if (added === 0 || added <= room) return;
  const fitting = asked.map(({ name, kind, count }) => {
    const spare = Math.min(count, pool.spare(kind));
    return `${name}: ${(spare + Math.floor((count - spare) * (room / added))).toLocaleString("en")}`;
  });
  const both = parties > 1 ? " for each of the parties of this process" : "";
  const underWay = coming > 0 ? `, and ${formatBytes(coming)} of items are being made already` : "";
  throw new RangeError(
    `${asked.map(({ name, count }) => `${name}: ${count}`).join(", ")} would take ${formatBytes(added)} of memory${both}, ` +
      `but only ${formatBytes(free)} are free${underWay}, and a quarter of that is kept for computing: at most ` +
      `{ ${fitting.join(", ")} } fit. Nothing was sent. The other party waits in \`prepare\`, unless it refuses too: free ` +
      "memory and run the cell again, or run `await iface.resync()` on both sides and prepare less",
  );
}

/** Return the bytes that this process may still take. */
function freeMemory(): number {
  // Node 20.13 and later has this function; it knows the limit of a container.
  const free = process.availableMemory?.() ?? os.freemem();
  // macOS counts memory as used that it would release at once, so assume that half of the machine is free.
  if (process.platform !== "darwin") return free;
  return Math.max(free, os.totalmem() / 2 - process.memoryUsage.rss());
}
