/** The order of lib/: each folder imports only from itself and from those above it. */
import { posix } from "node:path";
import ts from "@tslab/typescript-for-tslab";

const order = [
  "errors",
  "ring",
  "tensor",
  "channel",
  "crypto",
  "sharing",
  "preprocessing",
  "protocol",
  "session",
  "autograd",
  "index",
];

/**
 * What is wrong with the imports of one file.
 *
 * @param path - relative to the checkout, such as `lib/ring/ring.ts`
 */
export function misplacedImports(path: string, text: string): string[] {
  const own = layerOf(path);
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((imported) => imported.startsWith("."))
    .map((imported) => posix.join(posix.dirname(path), imported).replace(/\.(ts|js)$/, ""))
    .flatMap((target) => {
      const layer = layerOf(target);
      if (layer === undefined || own === undefined)
        return [`${path} imports ${target}, which is no part of lib/`];
      if (layer > own) return [`${path} imports ${target}, which lies below it`];
      const session = order.indexOf("session");
      if (target === "lib/session/host" && own !== session) {
        return [`${path} imports ${target}, which is for session/ and the kernel only`];
      }
      return [];
    });
}

function layerOf(path: string): number | undefined {
  const [top, name = ""] = path.split("/");
  const index = order.indexOf(name.replace(/\.ts$/, ""));
  return top === "lib" && index >= 0 ? index : undefined;
}
