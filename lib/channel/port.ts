import type { SpdzError } from "../errors";
import type { Datagram } from "./frame";

/**
 * Where packets go out and come in. A port may lose what it was given when a connection breaks, but keeps the
 * order and the bounds of what does arrive. `Link` makes a channel of it.
 */
export interface Port {
  /** For messages to people. */
  readonly address: string;
  /** Begins; called once. Nothing is told before this returns, except through `listener.failed`. */
  open(listener: PortListener): void;
  /** Takes one datagram, whose bytes nobody may change any more; false when it is busy: wait for `ready`. */
  send(datagram: Datagram): boolean;
  /** Drops the connection there is, if any, and waits for the next one. */
  reset(): void;
  /** Frees the address; what was taken still goes out within `lingerMs`. */
  close(lingerMs: number): Promise<void>;
}

export interface PortListener {
  /** A connection was made. */
  up(): void;
  /** A connection broke; `sure` when there was no other than the peer's. */
  down(sure: boolean): void;
  /** It takes another datagram. */
  ready(): void;
  datagram(datagram: Datagram): void;
  /** It cannot be used. */
  failed(error: SpdzError): void;
}
