/**
 * Keeps which signed messages have come in a file beside the connection file, so that a kernel which Jupyter starts again
 * with the same key knows them too. The file holds parts of signatures, names of clients and dates: nothing that
 * anybody could sign with. It is gone when the kernel is shut down for good.
 */

import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** Not the name of the kernel: `jupyter console --existing` looks for connection files by it. */
const NAME = "spdzlab-messages-";
/** A kernel that was killed leaves its file; after so long the next one takes it away. */
const STALE_MS = 30 * 24 * 3600 * 1000;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** Lines of text that outlive the process. Where they cannot be written, nothing is kept and nothing fails. */
export class Memory {
  readonly #file: string;
  #open: number | undefined;
  #broken = false;

  /**
   * @param folder - where the connection file is
   * @param key - the connection's key; the file is found by its hash
   */
  constructor(folder: string, key: string) {
    const hash = createHash("sha256").update(`spdzlab messages ${key}`).digest("hex");
    this.#file = join(folder, `${NAME}${hash.slice(0, 16)}`);
    this.#try(() => sweep(folder));
  }

  /** The lines that an earlier process has kept; none if there was no such process. */
  read(): string[] {
    try {
      if (!lstatSync(this.#file).isFile()) throw new Error("not a file");
      const text = readFileSync(this.#file, "utf8");
      // A line that was cut off has no end.
      return text.split("\n").slice(0, -1);
    } catch {
      return [];
    }
  }

  add(line: string): void {
    this.#try(() => {
      // Left open, so that a slow disk is not asked to open it for each message.
      this.#open ??= openSync(this.#file, APPEND, 0o600);
      writeSync(this.#open, `${line}\n`);
    });
  }

  /** Puts these lines in the place of all before. */
  replace(lines: readonly string[]): void {
    this.#close();
    this.#try(() => {
      const half = `${this.#file}.${process.pid}`;
      rmSync(half, { force: true });
      writeFileSync(half, lines.map((line) => `${line}\n`).join(""), { flag: "wx", mode: 0o600 });
      renameSync(half, this.#file);
    });
  }

  /** Nobody will use the key again. */
  forget(): void {
    this.#close();
    this.#try(() => unlinkSync(this.#file));
    this.#broken = true;
  }

  #close(): void {
    if (this.#open === undefined) return;
    closeSync(this.#open);
    this.#open = undefined;
  }

  #try(write: () => void): void {
    if (this.#broken) return;
    try {
      write();
    } catch (error) {
      this.#broken = (error as { code?: string }).code !== "ENOENT";
    }
  }
}

function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(NAME)) continue;
    const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (found?.isFile() && Date.now() - found.mtimeMs > STALE_MS) unlinkSync(join(folder, name));
  }
}
