import type { SpdzError } from "../errors";
import type { Datagram } from "./frame";

/**
 * Where packets go out and come in. A port may lose what it was given when its connection breaks; what does arrive
 * over one connection arrives whole and in order. `Link` makes a channel of it.
 */
export interface Port {
  /** For messages to people. */
  readonly address: string;
  /** Whether it takes another datagram now; otherwise wait for `ready`. */
  readonly writable: boolean;
  /** Begins; called once. The listener hears nothing before this returns. */
  open(listener: PortListener): void;
  /** Takes one datagram, whose bytes nobody may change any more. */
  send(datagram: Datagram): void;
  /** Drops the connection there is, whoever is at its other end, and makes or awaits another. */
  reset(): void;
  /** Frees the address; what was taken still goes out within `lingerMs`. */
  close(lingerMs: number): Promise<void>;
}

export interface PortListener {
  /** A connection was made, perhaps not the peer's. */
  up(): void;
  /** A connection broke; `sure` when it can only have been the peer's. */
  down(sure: boolean): void;
  /** It takes another datagram. */
  ready(): void;
  datagram(datagram: Datagram): void;
  /** It cannot be used. */
  failed(error: SpdzError): void;
}
