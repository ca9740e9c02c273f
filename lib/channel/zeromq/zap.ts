import { Context, Dealer, Router } from "zeromq";
import { decodeZ85 } from "../keys/z85";

/**
 * CURVE alone admits every client that knows the server's public key. ZeroMQ asks one handler per context whether to
 * admit a client (ZAP, rfc.zeromq.org/spec/27). Ours admits, for each socket, the public keys given to `admit`.
 */

/** The context of all the library's sockets, so that no other code's handler interferes. */
export const context = new Context();

const ADDRESS = "inproc://zeromq.zap.01";
/** The keys that each domain admits. */
const admitted = new Map<string, readonly Uint8Array[]>();
let handler: Router | undefined;
let serving = false;
let count = 0;

/** An entry in the handler's list. */
export interface Admission {
  /** The `zapDomain` of the socket it is for. */
  readonly domain: string;
  release(): void;
}

/** Admit the holders of these public keys (in Z85), and nobody else. */
export function admit(...publicKeys: readonly string[]): Admission {
  const domain = `spdzlab-${++count}`;
  const keys = publicKeys.map(decodeZ85);
  if (!handler) {
    const router = new Router({ context, linger: 0 });
    router.bindSync(ADDRESS);
    handler = router;
  }
  admitted.set(domain, keys);
  if (!serving) void serve(handler);
  return {
    domain,
    release: () => {
      if (admitted.delete(domain) && admitted.size === 0) void rest();
    },
  };
}

/** Answer for as long as somebody may be admitted. While nobody reads from the socket, the process can end. */
async function serve(router: Router): Promise<void> {
  serving = true;
  try {
    while (admitted.size > 0) {
      const [sender, empty, version, request, domain, , , mechanism, key] = await router.receive();
      if (request === undefined) continue;
      const wanted = admitted.get(String(domain));
      const right =
        String(version) === "1.0" &&
        String(mechanism) === "CURVE" &&
        key !== undefined &&
        wanted?.some((each) => Buffer.compare(key, each) === 0) === true;
      const [status, text] = right ? ["200", "OK"] : ["400", "No"];
      await router.send([sender!, empty!, "1.0", request, status!, text!, "", ""]);
    }
  } catch {
    // The process is ending; nobody is admitted any more.
  }
  serving = false;
}

/** Wake the handler so that it notices that nobody is left. Do not close it: its address would not be free at once. */
async function rest(): Promise<void> {
  const bell = new Dealer({ context, linger: 0 });
  try {
    bell.connect(ADDRESS);
    await bell.send("");
  } catch {
    // The handler is awake already.
  }
  bell.close();
}
