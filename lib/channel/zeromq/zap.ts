import { Context, Dealer, Router } from "zeromq";
import { decodeZ85 } from "../keys/z85";

/**
 * CURVE alone admits every client that knows the server's public key. ZeroMQ asks one handler a context whether a
 * client may come in (ZAP, rfc.zeromq.org/spec/27): ours admits, for each socket, the public keys that it was told.
 */

/** The context of all the library's sockets, so that nobody else's handler is in the way. */
export const context = new Context();

const ADDRESS = "inproc://zeromq.zap.01";
/** The keys that each domain admits. */
const admitted = new Map<string, readonly Uint8Array[]>();
let handler: Router | undefined;
let serving = false;
let count = 0;

/** A place in the handler's list. */
export interface Admission {
  /** The `zapDomain` of the socket it is for. */
  readonly domain: string;
  release(): void;
}

/** Lets in the holders of these public keys, in Z85, and nobody else. */
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

/** Answers as long as somebody may be admitted; a socket that nobody reads lets the process end. */
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
    // The process ends; who asks now is not admitted.
  }
  serving = false;
}

/** Wakes the handler up to see that nobody is left: its address is not free at once after a close, so it stays. */
async function rest(): Promise<void> {
  const bell = new Dealer({ context, linger: 0 });
  try {
    bell.connect(ADDRESS);
    await bell.send("");
  } catch {
    // It is not asleep.
  }
  bell.close();
}
