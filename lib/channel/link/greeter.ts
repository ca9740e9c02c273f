import { TransportError } from "../../errors";
import type { Party, Settings } from "../channel";
import {
  type Datagram,
  decodePacket,
  Kind,
  malformed,
  NO_SESSION,
  type Packet,
  PROTOCOL_VERSION,
  packetOf,
  versionOf,
} from "./frame";
import {
  decodeHello,
  disagreement,
  drawNonce,
  encodeHello,
  NONCE_BYTES,
  sessionId,
  versionMismatch,
} from "./handshake";

const NO_NONCE = new Uint8Array(NONCE_BYTES);

/** One side of the handshake: what it has sent and received. */
export class Greeter {
  readonly #party: Party;
  readonly #settings: Settings;
  readonly #nonce = drawNonce();
  #peerNonce: Uint8Array = NO_NONCE;
  #session: Uint8Array | undefined;
  #agreed = false;
  /** A peer answered that is still in an earlier session. */
  outdatedPeer = false;

  constructor(party: Party, settings: Settings) {
    this.#party = party;
    this.#settings = settings;
  }

  /** The session's id, once the peer's hello is known. */
  get session(): Uint8Array | undefined {
    return this.#session;
  }

  /** Both sides know each other's nonce and agree on the settings. */
  get agreed(): boolean {
    return this.#agreed;
  }

  /** @param ask - whether the peer is to answer with its own hello */
  hello(ask: boolean): Packet {
    const body = encodeHello({ nonce: this.#nonce, echo: this.#peerNonce, settings: this.#settings });
    return packetOf({ kind: Kind.hello, sender: this.#party, session: NO_SESSION, token: ask ? 1 : 0, body });
  }

  /** Frames arrive from the peer, so it knows the session. */
  confirm(): void {
    this.#agreed = true;
  }

  /**
   * Process the peer's hello.
   *
   * @returns whether it asks for an answer
   * @throws {TransportError} `mismatch` or `restarted`, which end the channel; `malformed`, which a stranger can cause
   */
  hear(datagram: Datagram, intact: boolean): boolean {
    const version = versionOf(datagram);
    if (version !== PROTOCOL_VERSION) {
      if (version === undefined || this.#agreed) throw malformed("not a hello");
      throw versionMismatch(version);
    }
    const packet = decodePacket(datagram, intact);
    if (packet.kind !== Kind.hello) throw malformed("a packet without a session");
    const { nonce, echo, settings } = decodeHello(packet.body);
    if (equal(nonce, this.#nonce) || equal(nonce, NO_NONCE))
      throw malformed("a hello with this party's own nonce, or without one");
    if (this.#agreed && !equal(nonce, this.#peerNonce)) {
      throw new TransportError(
        "restarted",
        "the other party was restarted and no longer has this session. Computations in progress are lost: " +
          "start a new session on both sides.",
      );
    }
    const error = disagreement(
      { party: this.#party, settings: this.#settings },
      { party: packet.sender, settings },
    );
    if (error) throw error;
    const known = equal(echo, this.#nonce);
    if (!known && !equal(echo, NO_NONCE)) {
      // It addresses the interface that was here before; our answer lets it notice.
      this.outdatedPeer = true;
      return true;
    }
    this.#peerNonce = nonce;
    this.#session = sessionId(this.#party, this.#nonce, nonce);
    if (known) this.#agreed = true;
    return packet.token !== 0;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
