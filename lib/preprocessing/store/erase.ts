/** Destroys a store on disk: overwritten, then deleted. */

import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** A file of this name says that nothing in the folder may be used again. */
const DOOM = "DOOMED";
const DESTROYED = ".destroyed-";
const zeros = new Uint8Array(1024 * 1024);

/** Says, durably when it returns, that nothing in the folder may be used again. Safe while the store is open. */
export function doom(folder: string): void {
  if (!existsSync(folder)) return;
  const file = openSync(join(folder, DOOM), "w", 0o600);
  fsyncSync(file);
  closeSync(file);
  syncFolder(folder);
}

export function isDoomed(folder: string): boolean {
  return existsSync(join(folder, DOOM));
}

/** Overwrites and deletes a store that nobody has open. */
export function wipe(folder: string): void {
  if (!existsSync(folder)) return;
  // Out of everybody's way first; if this is cut off, the next one who opens the path sweeps up.
  const aside = `${folder}${DESTROYED}${randomBytes(4).toString("hex")}`;
  renameSync(folder, aside);
  syncFolder(dirname(folder));
  wipeAside(aside);
}

/** Ends what was cut off. */
export function sweep(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent))
    if (name.startsWith(`${basename(folder)}${DESTROYED}`)) {
      try {
        wipeAside(join(parent, name));
      } catch {
        // Another process is at it.
      }
    }
}

function wipeAside(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { size } = statSync(path);
    const file = openSync(path, "r+");
    for (let at = 0; at < size; at += zeros.length)
      writeSync(file, zeros, 0, Math.min(zeros.length, size - at), at);
    fsyncSync(file);
    closeSync(file);
    unlinkSync(path);
  }
  rmdirSync(folder);
  syncFolder(dirname(folder));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
