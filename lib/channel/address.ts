import { BlockList, isIP, isIPv6 } from "node:net";
import type { Party } from "./channel";

export const DEFAULT_ADDRESS = "tcp://127.0.0.1:29500";

/** Where a party binds or connects. */
export interface Address {
  /** As ZeroMQ takes it. */
  readonly text: string;
  readonly transport: "tcp" | "ipc";
  /** Nobody can connect from another machine. */
  readonly local: boolean;
  readonly ipv6: boolean;
  /** The path, for ipc. */
  readonly path: string | undefined;
}

/**
 * Choose a party's address: from its option, or else the environment, or else the default.
 *
 * @throws {TypeError | RangeError} the address is not `tcp://host:port` or `ipc://path`
 */
export function chooseAddress(
  party: Party,
  options: { bind?: string | undefined; peer?: string | undefined },
): Address {
  const [option, variable] =
    party === 0 ? (["bind", "SPDZ_BIND"] as const) : (["peer", "SPDZ_PEER"] as const);
  const given = options[option];
  if (given !== undefined) return parseAddress(given, option, party === 0);
  return parseAddress(process.env[variable] || DEFAULT_ADDRESS, variable, party === 0);
}

/** @param name - the option or variable that sets it, for the error */
export function parseAddress(text: unknown, name: string, bind: boolean): Address {
  if (typeof text !== "string")
    throw new TypeError(`${name}: the address must be a string, got ${typeof text}`);
  const wrong = (why: string) =>
    new RangeError(
      `${name}: ${JSON.stringify(text)} ${why}; use an address like ${DEFAULT_ADDRESS} or ipc:///home/me/.spdzlab/line`,
    );
  const ipc = /^ipc:\/\/(.+)$/.exec(text);
  if (ipc) {
    // The system limits a Unix socket's path to 107 bytes.
    if (Buffer.byteLength(ipc[1]!) > 100) throw wrong("has too long a path (at most 100 bytes)");
    return { text, transport: "ipc", local: true, ipv6: false, path: ipc[1]! };
  }
  const tcp = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+|\*):(\d{1,5}|\*)$/.exec(text);
  if (!tcp) throw wrong("is not an address");
  const host = tcp[1]!.replace(/^\[|\]$/g, "");
  const port = tcp[2]!;
  if (!bind && (host === "*" || port === "*")) throw wrong("must name the host and port to connect to");
  if (port !== "*" && (Number(port) < 1 || Number(port) > 65535))
    throw wrong("must have a port from 1 to 65535");
  if (tcp[1]!.startsWith("[") && !isIPv6(host)) throw wrong("is not an address");
  return { text, transport: "tcp", local: isLocal(host), ipv6: isIPv6(host), path: undefined };
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLocal(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host === "localhost" : loopback.check(host, version === 6 ? "ipv6" : "ipv4");
}
