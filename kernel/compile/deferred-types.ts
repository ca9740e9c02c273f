/**
 * Read types only when a cell needs them.
 *
 * The types of Node and of mathjs are large, and most notebooks use almost none of them. Reading them all would make
 * the first result slow and take much memory. So present their files to the compiler as empty until a cell uses a
 * module or a global that they declare. If the checker reports an unknown name that occurs in one of them, read all
 * files and check the cell again.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

type Changed = () => void;

/** Always read these files of Node's types: they declare the common globals. */
const ALWAYS =
  /^(index|globals.*|console|timers|ts5\.\d\/(index|globals.*)|compatibility\/.*|web-globals\/(?!fetch).*)$/;

/** Globals, and the modules whose files declare them or the types of their members. */
const GLOBALS: Readonly<Record<string, readonly string[]>> = {
  process: ["process", "tty", "net", "stream", "events"],
  Buffer: ["buffer"],
  Blob: ["buffer"],
  File: ["buffer"],
  atob: ["buffer"],
  btoa: ["buffer"],
  URL: ["url"],
  URLSearchParams: ["url"],
  TextEncoder: ["util"],
  TextDecoder: ["util"],
  dir: ["util"],
  performance: ["perf_hooks"],
  crypto: ["crypto"],
  require: ["module"],
  module: ["module"],
  fetch: ["web-globals/fetch", "undici-types"],
  Request: ["web-globals/fetch", "undici-types"],
  Response: ["web-globals/fetch", "undici-types"],
  Headers: ["web-globals/fetch", "undici-types"],
  FormData: ["web-globals/fetch", "undici-types"],
  WebSocket: ["web-globals/fetch", "undici-types"],
  ReadableStream: ["stream/web"],
  WritableStream: ["stream/web"],
  TransformStream: ["stream/web"],
  MessageChannel: ["worker_threads"],
  MessagePort: ["worker_threads"],
  BroadcastChannel: ["worker_threads"],
  structuredClone: ["worker_threads"],
  NodeJS: ["process", "tty", "net", "stream", "events", "module"],
  math: ["mathjs"],
};

/** Modules with declarations in several files, or in a file of another name. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  buffer: ["buffer", "buffer.buffer", "ts5.6/buffer.buffer"],
  inspector: ["inspector", "inspector.generated"],
  "util/types": ["util"],
  "path/posix": ["path"],
  "path/win32": ["path"],
  "test/reporters": ["test"],
  "inspector/promises": ["inspector", "inspector.generated"],
};

/** For a module, the imports that it needs only for one rarely used type. Do not read them with it. */
const RARE: Readonly<Record<string, readonly string[]>> = {
  process: ["child_process", "fs", "worker_threads"],
  url: ["http"],
  net: ["dns"],
  buffer: ["crypto"],
  util: ["crypto"],
};

/** Errors about an unknown name. Only these can be caused by an unread file. */
const UNKNOWN_NAME = new Set([2304, 2305, 2307, 2339, 2503, 2551, 2552, 2580, 2582, 2591, 2694, 2724]);

/** Modules whose import needs no further files. */
const KNOWN = new Set(["spdz", "spdzlab", "jsbi", "tslab", "mathjs"]);

const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'`]([^"'`\n]+)["'`]/g;
const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*/gs;

/** Decides which type files the compiler reads. */
export class DeferredTypes {
  /** Deferred files by path. */
  private readonly waiting = new Map<string, { readonly changed: Set<Changed> }>();
  /** The files of each module. */
  private readonly modules = new Map<string, string[]>();

  /** @param libraryFolder - the declarations of the preloaded library. The files that they need are read at once. */
  constructor(private readonly libraryFolder: string) {
    const node = dirname(require.resolve("@types/node/package.json"));
    for (const entry of readdirSync(node, { recursive: true, encoding: "utf8" })) {
      if (!entry.endsWith(".d.ts")) continue;
      const name = entry.slice(0, -".d.ts".length).replaceAll("\\", "/");
      if (!ALWAYS.test(name)) this.add(name, join(node, entry));
    }
    for (const [module, names] of Object.entries(FILES)) {
      this.modules.set(
        module,
        names.map((name) => join(node, `${name}.d.ts`)),
      );
    }
    this.add(
      "undici-types",
      join(dirname(require.resolve("undici-types/package.json", { paths: [node] })), "index.d.ts"),
    );
    this.add("mathjs", join(packageFolder("mathjs"), "types/index.d.ts"));
  }

  /** Read the file at `path` for the compiler. Return an empty text if no cell needs the file yet. */
  read(path: string, read: (path: string) => string | undefined): string | undefined {
    if (this.waiting.has(path)) return "";
    const text = read(path);
    if (text !== undefined && path.startsWith(this.libraryFolder)) {
      this.needModules(text.replace(COMMENT, ""), (name) => name !== "mathjs");
    }
    return text;
  }

  /** Call `changed` when `path` is no longer empty. Return false if the file is not a deferred one. */
  watch(path: string, changed: Changed): boolean {
    const file = this.waiting.get(path);
    file?.changed.add(changed);
    return file !== undefined;
  }

  /** Make the types available that `code` needs. */
  need(code: string): void {
    if (this.waiting.size === 0) return;
    for (const [, name] of code.matchAll(IMPORT)) {
      // The notebook's own files and packages may need any type.
      if (!KNOWN.has(name!) && !this.modules.has(bare(name!))) this.needAll();
    }
    this.needModules(code, () => true);
    for (const word of new Set(code.match(/[A-Za-z_]\w*/g))) this.needWord(word);
  }

  /** Make the types available that a name with this prefix may need, for completion. */
  needPrefix(prefix: string): void {
    if (prefix.length < 2 || this.waiting.size === 0) return;
    for (const word of Object.keys(GLOBALS)) if (word.startsWith(prefix)) this.needWord(word);
  }

  /** Make all types available. Return false if they already were. */
  needAll(): boolean {
    if (this.waiting.size === 0) return false;
    for (const path of [...this.waiting.keys()]) this.release(path);
    return true;
  }

  /**
   * Make all types available if an error may be caused by an unread file.
   *
   * @param code - TypeScript's number of the error
   * @param name - the text that the error is about
   * @returns whether more types are available now, so that the cell must be checked again
   */
  needFor(code: number, name: string): boolean {
    if (!UNKNOWN_NAME.has(code) || this.waiting.size === 0) return false;
    const word = new RegExp(`\\b${name.replace(/\W/g, "\\$&")}\\b`);
    for (const path of this.waiting.keys()) {
      if (word.test(readFileSync(path, "utf8").replace(COMMENT, ""))) return this.needAll();
    }
    return false;
  }

  private needWord(word: string): void {
    if (Object.hasOwn(GLOBALS, word)) for (const module of GLOBALS[word]!) this.needModule(module);
  }

  private needModules(code: string, wanted: (name: string) => boolean): void {
    for (const [, name] of code.matchAll(/["'`]((?:node:)?[\w/-]+)["'`]/g)) {
      if (wanted(name!)) this.needModule(bare(name!));
    }
  }

  private needModule(name: string): void {
    for (const path of this.modules.get(name) ?? []) this.release(path);
  }

  /** Make a file available, and everything that it imports. */
  private release(path: string): void {
    const file = this.waiting.get(path);
    if (file === undefined) return;
    this.waiting.delete(path);
    for (const changed of file.changed) changed();
    const text = readFileSync(path, "utf8").replace(COMMENT, "");
    const rare = RARE[basename(path, ".d.ts")];
    for (const [, name] of text.matchAll(/\bfrom\s*["']([^"']+)["']/g)) {
      if (!rare?.includes(bare(name!))) this.needModule(bare(name!));
    }
  }

  private add(module: string, path: string): void {
    if (!existsSync(path)) return;
    this.waiting.set(path, { changed: new Set() });
    this.modules.set(module, [path]);
  }
}

function bare(module: string): string {
  return module.replace(/^node:/, "");
}

/** Return the folder of a package, where TypeScript finds its types. */
export function packageFolder(name: string): string {
  const path = require.resolve(name);
  const folder = join("node_modules", name);
  return path.slice(0, path.lastIndexOf(folder) + folder.length);
}
