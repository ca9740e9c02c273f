/**
 * Record which signed messages have arrived in a file beside the connection file, so that a kernel which Jupyter
 * restarts with the same key knows them too. The file contains parts of signatures, names of clients and dates: nothing
 * to sign with. It is removed when the kernel shuts down for good.
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
/** A killed kernel leaves its file behind; a later kernel removes it after this time. */
const STALE_MS = 30 * 24 * 3600 * 1000;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** Lines of text that outlive the process. If they cannot be written, nothing is stored and nothing fails. */
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

  /** Return the lines that an earlier process stored, or none. */
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

  /** Replace all lines by these. */
  replace(lines: readonly string[]): void {
    this.#close();
    this.#try(() => {
      const half = `${this.#file}.${process.pid}`;
      rmSync(half, { force: true });
      writeFileSync(half, lines.map((line) => `${line}\n`).join(""), { flag: "wx", mode: 0o600 });
      renameSync(half, this.#file);
    });
  }

  /** Remove the file: nobody will use the key again. */
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
