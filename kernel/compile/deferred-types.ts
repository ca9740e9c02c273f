/**
 * Types that are read only once a cell needs them.
 *
 * The types of Node and of mathjs are 2.6 MB of text, of which most notebooks use next to nothing. Reading them
 * takes half of the time to the first result and a quarter of the memory. So their files look empty to the compiler
 * until a cell names a module or a global that they declare; and when the checker does not know a name that stands
 * in one of them, everything is read and the cell is checked again.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

type Changed = () => void;

/** Files of Node's types that are always read: the globals that everybody uses. */
const ALWAYS =
  /^(index|globals.*|console|timers|ts5\.\d\/(index|globals.*)|compatibility\/.*|web-globals\/(?!fetch).*)$/;

/** Globals and the modules whose files declare them, or declare the types of their members. */
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

/** Modules whose declarations are spread over more files, or lie in a file of another name. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  buffer: ["buffer", "buffer.buffer", "ts5.6/buffer.buffer"],
  inspector: ["inspector", "inspector.generated"],
  "util/types": ["util"],
  "path/posix": ["path"],
  "path/win32": ["path"],
  "test/reporters": ["test"],
  "inspector/promises": ["inspector", "inspector.generated"],
};

/** Modules from which another takes but one rarely used type; they are not read with it. */
const RARE: Readonly<Record<string, readonly string[]>> = {
  process: ["child_process", "fs", "worker_threads"],
  url: ["http"],
  net: ["dns"],
  buffer: ["crypto"],
  util: ["crypto"],
};

/** Errors about a name that is not known; only these can come from a file that was not read. */
const UNKNOWN_NAME = new Set([2304, 2305, 2307, 2339, 2503, 2551, 2552, 2580, 2582, 2591, 2694, 2724]);

/** Modules whose import needs nothing but what is here already. */
const KNOWN = new Set(["spdz", "spdzlab", "jsbi", "tslab", "mathjs"]);

const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'`]([^"'`\n]+)["'`]/g;
const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*/gs;

/** Decides which type files are read. */
export class DeferredTypes {
  /** Deferred files by path. */
  private readonly waiting = new Map<string, { readonly changed: Set<Changed> }>();
  /** The files of each module. */
  private readonly modules = new Map<string, string[]>();

  /** @param libraryFolder - declarations of the preloaded library, whose own needs are seen to from the start */
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

  /** What the compiler gets to read at `path`: an empty text for a file that nobody needs yet. */
  read(path: string, read: (path: string) => string | undefined): string | undefined {
    if (this.waiting.has(path)) return "";
    const text = read(path);
    if (text !== undefined && path.startsWith(this.libraryFolder)) {
      this.needModules(text.replace(COMMENT, ""), (name) => name !== "mathjs");
    }
    return text;
  }

  /** Remembers whom to tell when `path` is no longer empty; false when it is none of ours. */
  watch(path: string, changed: Changed): boolean {
    const file = this.waiting.get(path);
    file?.changed.add(changed);
    return file !== undefined;
  }

  /** Makes available what `code` needs. */
  need(code: string): void {
    if (this.waiting.size === 0) return;
    for (const [, name] of code.matchAll(IMPORT)) {
      // A file or package of the notebook's own may need anything.
      if (!KNOWN.has(name!) && !this.modules.has(bare(name!))) this.needAll();
    }
    this.needModules(code, () => true);
    for (const word of new Set(code.match(/[A-Za-z_]\w*/g))) this.needWord(word);
  }

  /** Makes available what a name that begins with `prefix` might need, for completion. */
  needPrefix(prefix: string): void {
    if (prefix.length < 2 || this.waiting.size === 0) return;
    for (const word of Object.keys(GLOBALS)) if (word.startsWith(prefix)) this.needWord(word);
  }

  /** Makes everything available; false when it was already. */
  needAll(): boolean {
    if (this.waiting.size === 0) return false;
    for (const path of [...this.waiting.keys()]) this.release(path);
    return true;
  }

  /**
   * Makes everything available when an error could come from a file that was not read.
   *
   * @param code - TypeScript's number of the error
   * @param name - the text that the error is about
   * @returns whether there is more to read now, so that it pays to check again
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

  /** Lets a file be read, and all that it imports. */
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

/** The folder of a package, in which TypeScript finds its types. */
export function packageFolder(name: string): string {
  const path = require.resolve(name);
  const folder = join("node_modules", name);
  return path.slice(0, path.lastIndexOf(folder) + folder.length);
}
