/** The kernel's description of itself. */

import { packageVersion } from "./package";
import { type Content, PROTOCOL_VERSION } from "./wire/message";

/** The content of a kernel_info_reply. */
export function kernelInfo(): Content {
  const version = packageVersion();
  // Read only the version. The compiler itself takes long to load, and the client is waiting for this reply.
  const compiler = require("@tslab/typescript-for-tslab/package.json") as { version: string };
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "spdzlab",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: compiler.version,
      mimetype: "application/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: "typescript",
      nbconvert_exporter: "script",
    },
    banner: `spdzlab ${version}: TypeScript ${compiler.version} on Node ${process.versions.node}, with secure computation in scope`,
    debugger: false,
    help_links: [
      { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/" },
      { text: "Node.js documentation", url: "https://nodejs.org/docs/latest-v20.x/api/" },
      { text: "math.js documentation", url: "https://mathjs.org/docs/" },
    ],
    supported_features: [],
  };
}
