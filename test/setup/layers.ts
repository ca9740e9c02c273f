/** The order of the house: each room imports only from itself and from those before it in its folder. */
import { posix } from "node:path";
import ts from "@tslab/typescript-for-tslab";

/** Rooms of each folder, files and folders alike, in the order in which they build on one another. */
const HOUSE: Readonly<Record<string, readonly string[]>> = {
  "": ["lib", "kernel", "cli"],
  lib: [
    ...[
      "errors",
      "files",
      "debug",
      "eventual",
      "text",
      "ring",
      "tensor",
      "channel",
      "crypto",
      "sharing",
      "preprocessing",
    ],
    ...["protocol", "session", "primitives", "autograd", "ops", "nn", "optim", "data", "index"],
  ],
  "lib/channel": ["channel", "operation-link", "address", "version", "link", "keys", "zeromq", "memory"],
  "lib/preprocessing": [
    ...["wasm", "kinds", "producer", "production", "ot", "store", "pool", "malicious", "semi-honest"],
    ...["lattice", "producers", "factory", "dealer"],
  ],
  "lib/preprocessing/malicious/binary": [
    ...["random-bits", "leaky-ands", "buckets", "and-triples", "dabits", "joint-dabits", "mask-bits"],
  ],
  "lib/preprocessing/factory": ["wire", "nats", "worker", "notebook"],
  "lib/preprocessing/dealer": ["wire", "dealing", "desk", "party"],
  "lib/protocol": [
    ...[
      "demand",
      "matrix-masks",
      "protocol",
      "leading-bit-places",
      "scheme",
      "close",
      "sharing-session",
      "additive",
    ],
    ...["authenticated", "plain", "step", "steps"],
  ],
  "lib/session": [
    ...["host", "lockstep", "options", "report", "executor", "registry", "session", "plan", "ranges"],
    ...["distributed-interface", "insecure-cheat", "simulate", "plain"],
  ],
  "lib/primitives": [
    ...["shared-tensor", "no-grad", "issue", "align", "scale", "rescale", "public-factor", "add", "multiply"],
    ...[
      "square",
      "matmul",
      "layout",
      "compare",
      "bits",
      "leading-bit",
      "weigh",
      "reduce",
      "reveal",
      "input-header",
      "input",
      "swap-shares",
    ],
    ...["saved-file", "save", "load"],
  ],
  "lib/ops": [
    ...[
      "ramp",
      "term",
      "constant",
      "signature",
      "call",
      "shadow",
      "define",
      "moves",
      "public-integers",
      "zip",
      "approximate",
      "one-hot",
      "secret-index",
      "layout",
      "reduce",
      "arithmetic",
      "compare",
      "sort",
      "logic",
      "bits",
      "math",
      "loss",
    ],
    ...["all", "methods", "rows", "plain-methods", "top-level", "mathjs-own", "mathjs"],
  ],
  "lib/nn": [
    ...[
      "module",
      "parameter",
      "layer",
      "transposed",
      "activations",
      "linear",
      "sequential",
      "graph",
      "index",
    ],
  ],
  "lib/optim": ["optimizer", "sgd", "index"],
  "lib/data": [
    ...["table", "columns", "csv-column", "csv", "elements", "npy-header", "npy", "lz4", "arrow"],
    ...["named", "npz", "safetensors", "onnx-file", "onnx", "index"],
  ],
  "lib/autograd": ["backward", "variable", "public", "shared-variable", "operand", "input", "leaf", "saving"],
  kernel: [
    ...[
      "node-flags",
      "package",
      "wire",
      "kernel-info",
      "usage",
      "history",
      "cell",
      "display",
      "compile",
      "execute",
    ],
    ...["widgets", "notebook", "prelude", "session", "server", "start"],
  ],
  cli: ["install", "keys", "dealer", "factory", "doctor", "main"],
};

/** Files that only some may import. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  "lib/session/host/host": ["lib/session/", "lib/primitives/input", "kernel/", "cli/"],
};

/**
 * Find the wrong imports of one file.
 *
 * @param path - relative to the checkout, such as `lib/ring/ring.ts`
 */
export function misplacedImports(path: string, text: string): string[] {
  return importsOf(path, text).flatMap((target) => {
    const by = RESERVED[target];
    if (by && !by.some((folder) => path.startsWith(folder)))
      return [`${path} imports ${target}, which is for ${by.join(", ")} only`];
    return misplaced(path, target);
  });
}

/** The imports of a file, types included, as paths in the checkout without an extension. */
export function importsOf(path: string, text: string): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((imported) => imported.startsWith("."))
    .map((imported) => posix.join(posix.dirname(path), imported).replace(/\.(ts|js)$/, ""));
}

/** Import circles, each as its files in order. */
export function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, above: readonly string[]) => {
    const at = above.indexOf(file);
    if (at >= 0) found.push([...above.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...above, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}

function misplaced(path: string, target: string): string[] {
  const own = path.replace(/\.ts$/, "").split("/");
  const other = target.split("/");
  let shared = 0;
  while (own[shared] !== undefined && own[shared] === other[shared]) shared++;
  const order = HOUSE[own.slice(0, shared).join("/")];
  if (!order) return [];
  const [from, to] = [own[shared], other[shared]].map((room) =>
    room === undefined ? 0 : order.indexOf(room),
  );
  if (from! < 0 || to! < 0) return [`${path} imports ${target}, and one of both is in no listed room`];
  return to! > from! ? [`${path} imports ${target}, which lies below it`] : [];
}
