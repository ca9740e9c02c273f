import type { SpdzError } from "../../errors";
import type { Datagram } from "./frame";

/**
 * Where packets go out and come in. A port may lose what it was given when its connection breaks; what does arrive
 * over one connection arrives whole and in order. `Link` makes a channel of it.
 */
export interface Port {
  /** For messages to people. */
  readonly address: string;
  /** Whether bytes arrive as they were sent or not at all, even if somebody on the way wants it otherwise. */
  readonly intact: boolean;
  /** Whether it takes another datagram now; otherwise wait for `ready`. */
  readonly writable: boolean;
  /** Whether there is a connection and it can only be the peer's, who may be busy. */
  readonly holdsPeer: boolean;
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
  /** A connection broke; `sure` when it can only have been the peer's, or none is left. */
  down(sure: boolean): void;
  /** It takes another datagram. */
  ready(): void;
  datagram(datagram: Datagram): void;
  /** Memory grows and no message comes: unless one comes soon, the port drops the connection. */
  flooded(): void;
  /** Somebody who is not the peer was turned away. */
  stranger(): void;
  /** It cannot be used. */
  failed(error: SpdzError): void;
}
