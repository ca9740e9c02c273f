/** `spdzlab doctor --peer`: how far one gets on the way to party 0, and why not further. */

import { connect, type Socket } from "node:net";
import { type Identity, readIdentity } from "../../lib/channel/keys/keys";
import { type Finding, failure, ok, warning } from "./finding";
import { endpoint } from "./network";

type Result = Omit<Finding, "check">;

const GREETING_BYTES = 64;
/**
 * The signature and the version of ZMTP 3.0 (rfc.zeromq.org/spec/23). The other side then says the whole of its
 * greeting; it would hang up on hearing a mechanism that is not its own.
 */
const GREETING = Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0);

/** What was heard from a peer before anything secret is said. */
type Greeting =
  | { readonly mechanism: string }
  | { readonly error: NodeJS.ErrnoException }
  | "late"
  | "stranger";

/**
 * Goes as far as the pinned keys allow: a TCP connection, ZeroMQ's greeting, the handshake of CURVE. Takes part in
 * no session and disturbs none.
 *
 * @param address - `tcp://host:port` or `ipc://path`
 * @param patienceMs - how long the other side may take for each step
 */
export async function visitPeer(address: string, patienceMs: number): Promise<Result> {
  const place = endpoint(address, false);
  const greeting = await greet(place, patienceMs);
  if (greeting === "stranger") {
    return failure(
      `${address} is reached, but what answers there does not speak ZeroMQ.`,
      "Another program has that port. Compare the port with the SPDZ_BIND of the other party.",
    );
  }
  if (greeting === "late") return filtered(address, patienceMs);
  if ("error" in greeting) return unreachable(address, greeting.error, patienceMs);
  const identity = readIdentity();
  if (greeting.mechanism === "CURVE")
    return identity ? shakeHands(address, place.ipv6, identity, patienceMs) : noKeys(address);
  if (greeting.mechanism !== "NULL") {
    return failure(
      `${address} speaks ZeroMQ, but it is no peer of spdzlab (it wants ${greeting.mechanism}).`,
      "Compare the address with the other party's.",
    );
  }
  const found = `${address} is reached and answers without encryption.`;
  if (place.local && !process.env.SPDZ_CONFIG) return ok(`${found} On one machine that is right.`);
  if (identity) {
    return failure(
      `${address} answers without encryption, while this side has keys.`,
      "The other party needs keys too: spdzlab keygen and spdzlab pair there; then it makes its interface again.\n" +
        "Or it is no peer of spdzlab: compare the address.",
    );
  }
  return warning(
    found,
    "Anybody on the way could read and change everything: spdzlab keygen and spdzlab pair on both sides.",
  );
}

function noKeys(address: string): Result {
  return failure(
    `${address} is reached and wants an encrypted connection, but this side has no keys or no paired party.`,
    "spdzlab keygen, then spdzlab pair LINE with the other party's line; send it yours",
  );
}

function filtered(address: string, patienceMs: number): Result {
  return failure(
    `${address} does not answer within ${patienceMs / 1000} s.`,
    "A firewall drops what is sent there, or the host is off or at another address. Let the other side open the port\n(TCP, incoming), and check the address from another program, for example: nc -vz HOST PORT",
  );
}

function unreachable(address: string, error: NodeJS.ErrnoException, patienceMs: number): Result {
  switch (error.code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return failure(
        `${address} refuses: the host is there, but nothing listens on that port.`,
        "Let the other party run its DistributedInterface(0) cell or spdzlab doctor --bind tcp://0.0.0.0:PORT.\nA party that listens on 127.0.0.1 is not reached from elsewhere: it needs SPDZ_BIND=tcp://0.0.0.0:PORT.",
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failure(
        `The host of ${address} has no address.`,
        "Check the spelling, or write the IP address.",
      );
    case "ETIMEDOUT":
      return filtered(address, patienceMs);
    default:
      return failure(
        `${address} cannot be reached: ${error.code ?? error.message}`,
        "Check the network and the address; a VPN may be needed.",
      );
  }
}

/** Connects, says ZeroMQ's greeting and reads the other's: its first byte, 0xFF, and its mechanism's name. */
function greet({ host, port, path }: ReturnType<typeof endpoint>, patienceMs: number): Promise<Greeting> {
  return new Promise((resolve) => {
    const socket: Socket = path === undefined ? connect({ host, port }) : connect({ path });
    let heard = Buffer.alloc(0);
    let connected = false;
    const end = (greeting: Greeting) => {
      clearTimeout(late);
      socket.destroy();
      resolve(greeting);
    };
    const late = setTimeout(() => end(connected ? "stranger" : "late"), patienceMs);
    socket.on("connect", () => {
      connected = true;
      socket.write(GREETING);
    });
    socket.on("error", (error) => end(connected ? "stranger" : { error }));
    socket.on("close", () => end("stranger"));
    socket.on("data", (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
      if (heard[0] !== 0xff || (heard.length > 9 && (heard[9]! & 1) === 0)) end("stranger");
      else if (heard.length >= GREETING_BYTES) {
        end({ mechanism: heard.toString("latin1", 12, 32).replace(/[^A-Z]/g, "") });
      }
    });
  });
}

function shakeHands(address: string, ipv6: boolean, identity: Identity, patienceMs: number): Promise<Result> {
  const { Pair } = require("zeromq") as typeof import("zeromq");
  const { context } =
    require("../../lib/channel/zeromq/zap") as typeof import("../../lib/channel/zeromq/zap");
  const { keys, peerKey } = identity;
  const socket = new Pair({
    context,
    linger: 0,
    ipv6,
    reconnectInterval: -1,
    curveServerKey: peerKey,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.revealSecretKey(),
  });
  return new Promise((resolve) => {
    const end = (result: Result) => {
      clearTimeout(late);
      socket.close();
      resolve(result);
    };
    const late = setTimeout(() => end(filtered(address, patienceMs)), patienceMs);
    const { events } = socket;
    events.on("handshake", () =>
      end(ok(`${address} is reached and is the paired party: the encrypted handshake succeeded.`)),
    );
    events.on("handshake:error:auth", () =>
      end(
        failure(
          `${address} has the paired party's key, but does not accept this party's.`,
          "The other side is paired with another key. Send it your line (spdzlab pair shows it); it runs spdzlab pair LINE\nand makes its interface again.",
        ),
      ),
    );
    const otherKey = () =>
      end(
        failure(
          `${address} has another key than the paired party's: wrong key, wrong machine, or somebody in between.`,
          "Let the other party send its line again and compare the code by voice: spdzlab pair LINE",
        ),
      );
    events.on("handshake:error:other", otherKey);
    events.on("handshake:error:protocol", otherKey);
    socket.connect(address);
  });
}
