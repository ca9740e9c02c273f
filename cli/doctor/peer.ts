/** `spdzlab doctor --peer`: try to connect to party 0, and explain where it fails. */

import { connect, type Socket } from "node:net";
import { type Identity, readIdentity } from "../../lib/channel/keys/keys";
import { type Finding, failure, ok, warning } from "./finding";
import { endpoint } from "./network";

type Result = Omit<Finding, "check">;

const GREETING_BYTES = 64;
/**
 * The signature and the version of ZMTP 3.0 (rfc.zeromq.org/spec/23). The other side then sends its whole greeting. Do not
 * send a mechanism: the other side would disconnect if it is not its own.
 */
const GREETING = Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0);

/** A peer's greeting. Nothing secret has been sent at this point. */
type Greeting =
  | { readonly mechanism: string }
  | { readonly error: NodeJS.ErrnoException }
  | "late"
  | "stranger";

/**
 * Go as far as the pinned keys allow: a TCP connection, ZeroMQ's greeting, the handshake of CURVE. This does not join or
 * disturb a session.
 *
 * @param address - `tcp://host:port` or `ipc://path`
 * @param patienceMs - how long the other side may take for each step
 */
export async function visitPeer(address: string, patienceMs: number): Promise<Result> {
  const place = endpoint(address, false);
  const greeting = await greet(place, patienceMs);
  if (greeting === "stranger") {
    return failure(
      `${address} is reachable, but the program there does not speak ZeroMQ.`,
      "Another program uses that port. Compare the port with SPDZ_BIND of the other party.",
    );
  }
  if (greeting === "late") return filtered(address, patienceMs);
  if ("error" in greeting) return unreachable(address, greeting.error, patienceMs);
  const identity = readIdentity();
  if (greeting.mechanism === "CURVE")
    return identity ? shakeHands(address, place.ipv6, identity, patienceMs) : noKeys(address);
  if (greeting.mechanism !== "NULL") {
    return failure(
      `${address} speaks ZeroMQ, but it is not a peer of spdzlab (it requires ${greeting.mechanism}).`,
      "Compare the address with the other party's.",
    );
  }
  const found = `${address} is reachable and answers without encryption.`;
  if (place.local && !process.env.SPDZ_CONFIG) return ok(`${found} This is correct on one machine.`);
  if (identity) {
    return failure(
      `${address} answers without encryption, while this side has keys.`,
      "The other party needs keys too: run spdzlab keygen and spdzlab pair there, then create its interface again.\n" +
        "Or it is not a peer of spdzlab: compare the address.",
    );
  }
  return warning(
    found,
    "Anyone on the network path can read and change everything. Run spdzlab keygen and spdzlab pair on both sides.",
  );
}

function noKeys(address: string): Result {
  return failure(
    `${address} is reachable and requires an encrypted connection, but this side has no keys or no paired party.`,
    "Run spdzlab keygen, then spdzlab pair LINE with the other party's line. Send your line to the other party.",
  );
}

function filtered(address: string, patienceMs: number): Result {
  return failure(
    `${address} does not answer within ${patienceMs / 1000} s.`,
    "A firewall drops the packets, or the host is off or has another address. Ask the other side to open the port\n(TCP, incoming), and check the address with another program, for example: nc -vz HOST PORT",
  );
}

function unreachable(address: string, error: NodeJS.ErrnoException, patienceMs: number): Result {
  switch (error.code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return failure(
        `${address} refuses the connection: the host is up, but nothing listens on that port.`,
        "Ask the other party to run its DistributedInterface(0) cell or spdzlab doctor --bind tcp://0.0.0.0:PORT.\nA party that listens on 127.0.0.1 is not reachable from elsewhere: it needs SPDZ_BIND=tcp://0.0.0.0:PORT.",
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failure(`The host of ${address} has no address.`, "Check the spelling, or use the IP address.");
    case "ETIMEDOUT":
      return filtered(address, patienceMs);
    default:
      return failure(
        `${address} cannot be reached: ${error.code ?? error.message}`,
        "Check the network and the address. You may need a VPN.",
      );
  }
}

/** Connect, send ZeroMQ's greeting and read the other side's: its first byte, 0xFF, and the name of its mechanism. */
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
      end(ok(`${address} is reachable and is the paired party: the encrypted handshake succeeded.`)),
    );
    events.on("handshake:error:auth", () =>
      end(
        failure(
          `${address} has the paired party's key, but does not accept this party's.`,
          "The other side is paired with another key. Send it your line (spdzlab pair shows it). Ask it to run spdzlab pair\nLINE and to create its interface again.",
        ),
      ),
    );
    const otherKey = () =>
      end(
        failure(
          `${address} does not have the paired party's key: wrong key, wrong machine, or somebody in between.`,
          "Ask the other party to send its line again, run spdzlab pair LINE, and compare the code by voice.",
        ),
      );
    events.on("handshake:error:other", otherKey);
    events.on("handshake:error:protocol", otherKey);
    socket.connect(address);
  });
}
