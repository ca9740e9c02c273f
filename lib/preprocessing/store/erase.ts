/**
 * Destroys a store on disk: overwrites it, then deletes it.
 *
 * It touches only what is certainly ours: a folder that is not a link, whose files all have names that LevelDB or this
 * module uses, each a regular file with no other name. It leaves a folder with anything else in it as it is, before it
 * changes anything. It follows no link.
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

/** A file of this name marks a folder of which nothing may be used again. */
const DOOM = "DOOMED";
const DESTROYED = ".destroyed-";
/** The names of LevelDB's files, and of our mark. */
const OURS = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp)|DOOMED)$/;
const zeros = new Uint8Array(1024 * 1024);

/** Mark, durably when this returns, that nothing in the folder may be used again. Safe while the store is open. */
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
 * Check that a folder holds nothing but a store.
 *
 * @throws {StoreError} something in the folder is not part of a store; the message says what to do
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
 * Overwrite and delete a store that nobody has open.
 *
 * @throws {StoreError} the folder is a link, or something in it is not part of a store; nothing has changed then
 */
export function wipe(folder: string): void {
  const found = look(folder);
  if (!found) return;
  requireFolder(folder, found);
  requireOurs(folder);
  // Rename it first. If this is interrupted, the next session that opens the path finishes it.
  const aside = `${folder}${DESTROYED}${randomBytes(4).toString("hex")}`;
  renameSync(folder, aside);
  syncFolder(dirname(folder));
  wipeAside(aside);
}

/** Finish destroying stores where an earlier attempt was interrupted. */
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
      // Another process is destroying it, or it is not ours and stays as it is.
    }
  }
}

/**
 * Check that a path can be a store.
 *
 * @throws {StoreError} it is a link, or not a folder
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

/** Look at a path itself, without following a link; undefined if there is nothing. */
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

/** Overwrite a file, after checking the opened file itself, which nobody can replace meanwhile. */
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
