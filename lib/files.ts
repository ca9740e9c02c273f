/** Files that are written as a whole or not at all, and what to say about files that cannot be opened. */
import { randomBytes } from "node:crypto";
import { constants, promises as fs, lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A file that appears under its path only once it is complete. */
export class WholeFile {
  private constructor(
    readonly path: string,
    readonly temporary: string,
    readonly handle: fs.FileHandle,
  ) {}

  /**
   * Begin a file beside the one that it replaces.
   *
   * @param mode - its permissions, from the first byte on
   * @throws {RangeError} the path is a link or not a file, or its folder cannot be written to
   */
  static async begin(path: string, mode: number): Promise<WholeFile> {
    const whole = resolve(path);
    refuseOdd(whole);
    const temporary = `${whole}.${randomBytes(6).toString("hex")}.tmp`;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    try {
      return new WholeFile(whole, temporary, await fs.open(temporary, flags, mode));
    } catch (cause) {
      throw cannot("write", whole, cause);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += (await this.handle.write(bytes, at)).bytesWritten;
    } catch (cause) {
      throw cannot("write", this.path, cause);
    }
  }

  /** Write everything to the disk, under the temporary name. */
  async finish(): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
    } catch (cause) {
      throw cannot("write", this.path, cause);
    }
  }

  /** Give a finished file its name, in place of an earlier file of that name. */
  async appear(): Promise<void> {
    refuseOdd(this.path);
    try {
      await fs.rename(this.temporary, this.path);
      const folder = await fs.open(dirname(this.path), "r");
      await folder.sync().finally(() => folder.close());
    } catch (cause) {
      throw cannot("write", this.path, cause);
    }
  }

  /** Remove it; an earlier file of that name stays. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await fs.rm(this.temporary, { force: true }).catch(() => undefined);
  }
}

/** Write a file as a whole. */
export async function writeWhole(path: string, chunks: Iterable<Uint8Array>, mode = 0o666): Promise<void> {
  const file = await WholeFile.begin(path, mode);
  try {
    for (const chunk of chunks) await file.write(chunk);
    await file.finish();
    await file.appear();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Say why a file cannot be read or written, and what to do. */
export function cannot(what: "read" | "write", path: string, cause: unknown): RangeError {
  const whole = resolve(path);
  const { code, message } = cause as NodeJS.ErrnoException;
  const working = path === whole ? "" : ` (the working folder is ${process.cwd()})`;
  const text = () => {
    if (code === "ENOENT" && what === "read")
      return `there is no file ${whole}${working}: check the name, or name the whole path`;
    if (code === "ENOENT")
      return `there is no folder ${dirname(whole)}${working}: create it, or name another path`;
    if (code === "EISDIR") return `${whole} is a folder: name a file`;
    if (code === "EACCES" || code === "EPERM")
      return `${whole} cannot be ${what === "read" ? "read" : "written"} by this user: change its permissions, or name another path`;
    if (code === "ENOSPC")
      return `${whole} cannot be written, because the disk is full: free some space, and try again`;
    return `${whole} cannot be ${what === "read" ? "read" : "written"} (${message}): name another path`;
  };
  return new RangeError(text(), { cause });
}

/** @throws {RangeError} the path is a link, or something else than a file */
function refuseOdd(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found || found.isFile()) return;
  const what = found.isSymbolicLink() ? "a link" : found.isDirectory() ? "a folder" : "not a file";
  throw new RangeError(`${path} is ${what}, and is left as it is: name the file itself`);
}
