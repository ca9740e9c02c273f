/**
 * Destroys a store on disk: overwritten, then deleted.
 *
 * Only what is certainly ours is touched: a folder that is not a link, with files in it that LevelDB or this module names
 * so, each a regular file with no other name. A folder with anything else in it is left as it is, before anything in it
 * has changed. No link is followed.
 */

import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { StoreError } from "../../errors";

/** A file of this name says that nothing in the folder may be used again. */
const DOOM = "DOOMED";
const DESTROYED = ".destroyed-";
/** What LevelDB names its files, and our mark. */
const OURS = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp)|DOOMED)$/;
const zeros = new Uint8Array(1024 * 1024);

/** Says, durably when it returns, that nothing in the folder may be used again. Safe while the store is open. */
export function doom(folder: string): void {
  if (!isFolder(folder)) return;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = openSync(join(folder, DOOM), flags, 0o600);
  fsyncSync(file);
  closeSync(file);
  syncFolder(folder);
}

export function isDoomed(folder: string): boolean {
  return isFolder(folder) && look(join(folder, DOOM)) !== undefined;
}

/**
 * @throws {StoreError} there is something in the folder that is not part of a store; the message says what to do
 */
export function requireOurs(folder: string): void {
  for (const name of readdirSync(folder)) {
    const found = look(join(folder, name));
    if (!found) continue;
    if (OURS.test(name) && found.isFile() && found.nlink === 1) continue;
    const what = found.isSymbolicLink()
      ? "a link"
      : OURS.test(name) && found.isFile()
        ? "a file with another name elsewhere"
        : "not part of a store";
    throw new StoreError(
      "foreign",
      `${folder} holds ${JSON.stringify(name)}, ${what}, and is left as it is: move that elsewhere, or name another ` +
        "path for the store",
    );
  }
}

/**
 * Overwrites and deletes a store that nobody has open.
 *
 * @throws {StoreError} the folder is a link, or holds what is not part of a store; nothing in it has changed
 */
export function wipe(folder: string): void {
  const found = look(folder);
  if (!found) return;
  requireFolder(folder, found);
  requireOurs(folder);
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
  const begun = `${basename(folder)}${DESTROYED}`;
  for (const name of readdirSync(parent)) {
    const aside = join(parent, name);
    if (!name.startsWith(begun) || !/^[0-9a-f]+$/.test(name.slice(begun.length)) || !isFolder(aside))
      continue;
    try {
      requireOurs(aside);
      wipeAside(aside);
    } catch {
      // Another process is at it; or it is not ours, and stays as it is.
    }
  }
}

/**
 * @throws {StoreError} a store cannot be there, since it is a link or no folder
 */
export function requireFolder(folder: string, found: Stats): void {
  if (found.isSymbolicLink())
    throw new StoreError(
      "foreign",
      `${folder} is a link, and a store is not looked for behind one: name the folder itself`,
    );
  if (!found.isDirectory())
    throw new StoreError("foreign", `${folder} is a file, and a store is a folder: name another path`);
}

/** What is at a path itself, link or not; undefined if there is nothing. */
export function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function isFolder(path: string): boolean {
  return look(path)?.isDirectory() ?? false;
}

function wipeAside(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    overwrite(path);
    unlinkSync(path);
  }
  rmdirSync(folder);
  syncFolder(dirname(folder));
}

/** Looks again at what was opened, which nobody can replace by something else. */
function overwrite(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const found = fstatSync(file);
    if (!found.isFile() || found.nlink !== 1)
      throw new StoreError("foreign", `${path} is not a store's own file any more: move it elsewhere`);
    for (let at = 0; at < found.size; at += zeros.length)
      writeSync(file, zeros, 0, Math.min(zeros.length, found.size - at), at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
