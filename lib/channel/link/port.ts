import type { SpdzError } from "../../errors";
import type { Datagram } from "./frame";

/**
 * Where packets leave and arrive. A port may lose packets when its connection breaks, but what does arrive over one
 * connection arrives whole and in order. `Link` turns a port into a channel.
 */
export interface Port {
  /** For messages to people. */
  readonly address: string;
  /** Whether bytes arrive unchanged or not at all, even if somebody on the path tries to change them. */
  readonly intact: boolean;
  /** Whether the port accepts another datagram now. If not, wait for `ready`. */
  readonly writable: boolean;
  /** Whether there is a connection and it can only be the peer's (which may be busy). */
  readonly holdsPeer: boolean;
  /** Start the port. Call it once. It does not call the listener before it returns. */
  open(listener: PortListener): void;
  /** Send one datagram. Its bytes must not change any more. */
  send(datagram: Datagram): void;
  /** Drop the current connection, whoever is at its other end, and make or await another. */
  reset(): void;
  /** Free the address. What was accepted is still sent, for at most `lingerMs`. */
  close(lingerMs: number): Promise<void>;
}

export interface PortListener {
  /** A connection was made, but it may not be the peer's. */
  up(): void;
  /** A connection broke. `sure` if it can only have been the peer's, or if none is left. */
  down(sure: boolean): void;
  /** The port accepts another datagram. */
  ready(): void;
  datagram(datagram: Datagram): void;
  /** Memory grows and no message arrives. Unless one arrives soon, the port drops the connection. */
  flooded(): void;
  /** Somebody who is not the peer was turned away. */
  stranger(): void;
  /** The port cannot be used. */
  failed(error: SpdzError): void;
}
