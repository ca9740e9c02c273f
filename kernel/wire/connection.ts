/** The connection file, which contains the ports to bind and the key to sign with. */

import { readFileSync } from "node:fs";

/** The content of a connection file. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  readonly signature_scheme: string;
  readonly key: string;
}

const ports = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const;

/**
 * Read and check a connection file.
 *
 * @throws {TypeError} the file lacks a field, or asks for a signature other than HMAC-SHA256
 */
export function readConnection(path: string): Connection {
  const file = JSON.parse(readFileSync(path, "utf8")) as Partial<Connection>;
  for (const port of ports) {
    if (typeof file[port] !== "number")
      throw new TypeError(`${path}: ${port} must be a number, got ${JSON.stringify(file[port])}`);
  }
  const scheme = file.signature_scheme ?? "hmac-sha256";
  if (scheme !== "hmac-sha256")
    throw new TypeError(`${path}: signature_scheme must be hmac-sha256, got ${scheme}`);
  return { transport: "tcp", ip: "127.0.0.1", key: "", ...file, signature_scheme: scheme } as Connection;
}

/** The address of one port. `ipc` addresses join with a dash, all others with a colon. */
export function address(connection: Connection, port: number): string {
  const { transport, ip } = connection;
  return transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`;
}
