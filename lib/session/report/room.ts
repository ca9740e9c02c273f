/**
 * Whether what `prepare` is asked for fits into memory, told before anything is sent.
 *
 * An item that lies ready takes the bytes of its shares (and of their MACs), outside of JavaScript's heap; a kind's layout
 * says how many. Batches are made and used one by one, so the working memory of making them, and the 4 GiB of a WASM
 * memory, do not grow with the number of items. A quarter of the memory that is free is left to that and to the
 * computation itself; in a container what is free is what the container may still take.
 *
 * Each party decides for itself, since machines differ, and before the operation has a number. So a party that refuses is
 * still in step: the other one, if it does not refuse, waits in `prepare` and shows it, until this one runs the same cell
 * (after it has freed memory), or until both agree on less with `resync`.
 */

import os from "node:os";
import type { Kind } from "../../preprocessing/kinds/kinds";
import type { Pool } from "../../preprocessing/pool/pool";
import { formatBytes } from "../../text/figures";

/** What of the free memory may be promised. */
const SHARE = 3 / 4;

/** Something that is to lie ready, by the name that the caller gave it. */
export interface Wanted {
  readonly name: string;
  readonly kind: Kind;
  readonly count: number;
}

/**
 * @param parties - how many parties' items this process holds
 * @throws {RangeError} it does not fit; the message says how much does
 */
export function requireRoom(pool: Pool, wanted: readonly Wanted[], parties: number): void {
  const free = freeMemory();
  const asked = wanted
    .filter(({ count }) => count > 0)
    .map((item) => ({ ...item, unit: pool.bytesOf(item.kind) }));
  // Of kinds of which there is one each, levels name no sizes, and nothing is coming.
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
      `but ${formatBytes(free)} are free${underWay}, a quarter of which is left for computing: at most ` +
      `{ ${fitting.join(", ")} } fit. Nothing was sent. The other party waits in \`prepare\`, unless it refuses too: free ` +
      "memory and run the cell again, or run `await iface.resync()` on both sides and prepare less",
  );
}

/** Bytes that this process may still take. */
function freeMemory(): number {
  // Node 20.13 and later; it knows the limit of a container.
  const free = process.availableMemory?.() ?? os.freemem();
  // macOS counts as used what it would give back at once, so half of the machine is taken for free there.
  if (process.platform !== "darwin") return free;
  return Math.max(free, os.totalmem() / 2 - process.memoryUsage.rss());
}
