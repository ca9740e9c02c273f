import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Pair } from "zeromq";
import { TransportError } from "../../errors";
import type { Address } from "../address";
import type { Party } from "../channel";
import type { Identity } from "../keys/keys";
import { type Datagram, HEADER_BYTES, MAX_BODY_BYTES } from "../link/frame";
import type { Port, PortListener } from "../link/port";
import { MemoryGuard } from "./memory-guard";
import { type Admission, admit, context } from "./zap";

/** How much to read before letting other events run. */
const TURN_BYTES = 4 * 2 ** 20;
/** How much a part counts in addition to its bytes, so that many small parts let other events run too. */
const PART_WEIGHT = 512;

/** CURVE and ZMTP add at most this much to a message. */
const OVERHEAD_BYTES = 256;

/** After a protocol error ZeroMQ does not reconnect. If it has not begun to by then, make a new socket. */
const REVIVE_MS = 1000;

/** A connection that has not completed its handshake by then is dropped. */
const HANDSHAKE_MS = 5000;
/**
 * How many connections may be open. ZeroMQ neither reports nor closes a connection that it has no pipe for, so when
 * there are too many, replace the socket.
 */
const MAX_CONNECTIONS = 64;
/** Errors of accepting a connection that mean that descriptors or memory have run out. */
const SCARCE = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);
/** A new connection that accepts no message within this time has no pipe. */
const PIPE_MS = 300;
/** How often to check memory. */
const GUARD_MS = 100;
/** How long a replaced socket may take to bind its address again. */
const REBIND_MS = 10_000;

/** Addresses that a socket of this process is about to free. */
const releases = new Map<string, Promise<void>>();

export interface ZeroMqPortOptions {
  readonly party: Party;
  readonly address: Address;
  /** How long a connection may be silent before it is dropped. */
  readonly silenceMs: number;
  /** Keys to encrypt with. */
  readonly identity: Identity | undefined;
}

/** A PAIR socket as a port: party 0 binds, party 1 connects and reconnects. */
export class ZeroMqPort implements Port {
  readonly #options: ZeroMqPortOptions;
  readonly #party: Party;
  readonly intact: boolean;
  #endpoint: string;
  #socket: Pair | undefined;
  #listener: PortListener | undefined;
  #busy = false;
  /** How many messages have been read, and how many ZeroMQ has accepted. */
  #received = 0;
  #sent = 0;
  /** The reader is waiting: all messages that have arrived are read. */
  #idle = false;
  #guarding: NodeJS.Timeout | undefined;

  constructor(options: ZeroMqPortOptions) {
    this.#options = options;
    this.#party = options.party;
    this.#endpoint = options.address.text;
    this.intact = options.identity !== undefined;
  }

  get address(): string {
    return this.#endpoint;
  }

  get writable(): boolean {
    return this.#socket !== undefined && !this.#busy;
  }

  /** A CURVE server admits nobody else. And the last send completed, so there is a connection. */
  get holdsPeer(): boolean {
    return this.intact && this.#party === 0 && this.writable;
  }

  open(listener: PortListener): void {
    this.#listener = listener;
    const released = releases.get(this.#options.address.text);
    if (this.#party === 0 && released) void released.then(() => this.#bind());
    else if (this.#party === 0) this.#bind();
    else this.#start();
  }

  /** Send one message at a time: a second send before the first is accepted would fail. */
  send(datagram: Datagram): void {
    const socket = this.#socket!;
    this.#busy = true;
    const free = () => {
      if (socket !== this.#socket) return;
      this.#busy = false;
      this.#sent++;
      this.#listener?.ready();
    };
    socket.send(datagram.length === 1 ? datagram[0]! : [...datagram]).then(free, free);
  }

  reset(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.linger = 0;
    void this.#closeSocket(socket).then(() => this.#start(Date.now() + REBIND_MS));
  }

  /** Drop all connections and tell the listener. */
  #drop(): void {
    this.reset();
    this.#listener?.down(true);
  }

  async close(lingerMs: number): Promise<void> {
    this.#listener = undefined;
    clearInterval(this.#guarding);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.linger = lingerMs;
      const { text } = this.#options.address;
      const released = this.#closeSocket(socket).finally(() => {
        if (releases.get(text) === released) releases.delete(text);
      });
      // A port that the system chooses is a different one each time.
      if (this.#party === 0 && !text.endsWith(":*")) releases.set(text, released);
      await released;
    }
  }

  #bind(): void {
    const { path } = this.#options.address;
    if (path !== undefined) void this.#openIpc(path);
    else this.#start();
  }

  /** ZeroMQ takes over an ipc path even if somebody is listening there, so check first. */
  async #openIpc(path: string): Promise<void> {
    if (await isServed(path)) this.#listener?.failed(inUse(this.#endpoint));
    else this.#start();
  }

  /** @param retryUntil - until when to retry; an address that this port has just freed may need it */
  #start(retryUntil = 0): void {
    if (!this.#listener) return;
    const { address } = this.#options;
    let socket: Pair | undefined;
    try {
      socket = this.#make(address);
      if (this.#party === 0) socket.bindSync(this.#endpoint);
      else socket.connect(this.#endpoint);
    } catch (error) {
      socket?.close();
      if (Date.now() < retryUntil) setTimeout(() => this.#start(retryUntil), 50);
      else queueMicrotask(() => this.#listener?.failed(explain(error, this.#endpoint)));
      return;
    }
    if (this.#party === 0) this.#endpoint = socket.lastEndpoint ?? this.#endpoint;
    this.#socket = socket;
    this.#busy = false;
    this.#guard(socket);
    void this.#read(socket);
    this.#listener.ready();
  }

  /**
   * Make a socket. Keep ZeroMQ's own heartbeat off: on a connection whose input is stopped it aborts the process
   * (libzmq 4.3.5, stream_engine_base.cpp, out_event). Set no receive limit, because a full pipe stops the input too,
   * and a ping behind it aborts in the same way; `MemoryGuard` bounds memory instead.
   */
  #make(address: Address): Pair {
    const admission = this.#admit();
    try {
      const socket = new Pair({
        context,
        linger: 0,
        ipv6: address.ipv6,
        reconnectInterval: 10,
        reconnectMaxInterval: 500,
        connectTimeout: 5000,
        handshakeInterval: Math.max(HANDSHAKE_MS, this.#options.silenceMs),
        heartbeatInterval: 0,
        receiveHighWaterMark: 0,
        maxMessageSize: HEADER_BYTES + MAX_BODY_BYTES + OVERHEAD_BYTES,
        ...this.#curve(admission),
      });
      // ZeroMQ may ask, and waits for the answer, until nothing is left of a closed socket.
      if (admission) socket.events.on("end", () => admission.release());
      this.#observe(socket);
      return socket;
    } catch (error) {
      admission?.release();
      throw error;
    }
  }

  /**
   * Drop the connection when messages pile up, or when one never ends. Never ask the socket whether it is readable: that
   * consumes the signal for which the reader waits (ZMQ_FD is edge-triggered), and messages would then stay unread until
   * another one arrives.
   */
  #guard(socket: Pair): void {
    const guard = new MemoryGuard(process.memoryUsage.rss());
    clearInterval(this.#guarding);
    let received = this.#received;
    const look = () => {
      if (socket !== this.#socket) return;
      const arrived = received !== this.#received;
      received = this.#received;
      const verdict = guard.look({ bytes: process.memoryUsage.rss(), arrived, waiting: !this.#idle });
      if (verdict === "ask") this.#listener?.flooded();
      else if (verdict === "drop") this.#drop();
    };
    // Let pending messages be read first, in case the thread was busy until now.
    this.#guarding = setInterval(() => setImmediate(look), GUARD_MS).unref();
  }

  /** Decide who may connect to a CURVE server's socket. */
  #admit(): Admission | undefined {
    const { identity } = this.#options;
    return identity && this.#party === 0 ? admit(identity.peerKey) : undefined;
  }

  /** Party 0 is the CURVE server and pins the client by ZAP; party 1 is the client and pins the server. */
  #curve(admission: Admission | undefined): object {
    const { identity } = this.#options;
    if (!identity) return {};
    const { keys, peerKey } = identity;
    const curveSecretKey = keys.revealSecretKey();
    if (!admission) return { curveServerKey: peerKey, curvePublicKey: keys.publicKey, curveSecretKey };
    const { domain } = admission;
    // With the domain enforced, nobody can connect if the handler is gone; otherwise everybody could.
    return { curveServer: true, curveSecretKey, zapDomain: domain, zapEnforceDomain: true };
  }

  #observe(socket: Pair): void {
    const { events } = socket;
    const only = this.#party === 1;
    /** How many connections are open, how many of them have not completed their handshake, and how many are failing. */
    let open = 0;
    let pending = 0;
    let failed = 0;
    let failedAt = 0;
    const tell = (what: (listener: PortListener) => void) => {
      if (socket === this.#socket && this.#listener) what(this.#listener);
    };
    let revival: NodeJS.Timeout | undefined;
    const revive = () => {
      clearTimeout(revival);
      if (only) revival = setTimeout(() => socket === this.#socket && this.#drop(), REVIVE_MS).unref();
    };
    for (const event of ["connect", "connect:delay", "connect:retry"] as const)
      events.on(event, () => clearTimeout(revival));
    const crowded = () => {
      tell((listener) => listener.stranger());
      if (socket === this.#socket) this.#drop();
    };
    events.on("accept", () => {
      pending++;
      if (++open > MAX_CONNECTIONS) crowded();
    });
    events.on("accept:error", ({ error }) => {
      if (SCARCE.has((error as { code?: string }).code ?? "")) crowded();
    });
    events.on("handshake", () => {
      pending = Math.max(0, pending - 1);
      tell((listener) => listener.up());
      if (!only) this.#expectPipe(socket);
    });
    const refused = () => {
      pending = Math.max(0, pending - 1);
      failed++;
      failedAt = performance.now();
      revive();
      tell((listener) => listener.stranger());
    };
    events.on("handshake:error:auth", refused);
    events.on("handshake:error:protocol", refused);
    events.on("handshake:error:other", refused);
    events.on("disconnect", () => {
      revive();
      open = Math.max(0, open - 1);
      if (performance.now() - failedAt > 1000) failed = 0;
      if (failed > 0) failed--;
      // Somebody left before the handshake, as a port scanner does; it may also have been the peer.
      else if (pending > 0) {
        pending--;
        tell((listener) => listener.stranger());
      }
      // ZeroMQ does not say whose it was: a message of the peer's that does not decrypt looks like a stranger's.
      tell((listener) => listener.down(only || open === 0));
    });
  }

  /**
   * A peer that reconnects before its earlier connection has been read to the end gets no pipe, and neither side is told.
   * A greeting that cannot be sent reveals this. Replace the socket then; the peer reconnects by itself.
   */
  #expectPipe(socket: Pair): void {
    const [sent, received] = [this.#sent, this.#received];
    const look = () => {
      const stuck = this.#busy && this.#sent === sent && this.#received === received;
      if (socket === this.#socket && stuck) this.#drop();
    };
    setTimeout(look, PIPE_MS).unref();
  }

  /** The one reader of a socket. */
  async #read(socket: Pair): Promise<void> {
    try {
      let bytes = 0;
      while (socket === this.#socket) {
        this.#idle = true;
        const datagram = await socket.receive();
        if (socket !== this.#socket) return;
        this.#idle = false;
        this.#received++;
        this.#listener?.datagram(datagram);
        for (const part of datagram) bytes += part.length + PART_WEIGHT;
        if (bytes < TURN_BYTES) continue;
        // Messages that have arrived are read without returning to the event loop, where used memory is freed.
        bytes = 0;
        await turn();
      }
    } catch {
      // The socket was closed.
    }
  }

  async #closeSocket(socket: Pair): Promise<void> {
    // Unbinding would cut the connection and lose what lingers.
    if (this.#party === 0) await closeBound(socket);
    else socket.close();
  }
}

/** Close a socket and wait until its address is free. */
function closeBound(socket: Pair): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 1000);
    socket.events.on("close", () => {
      clearTimeout(late);
      resolve();
    });
    socket.close();
  });
}

/** Whether somebody is listening at a Unix socket's path. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

function inUse(address: string): TransportError {
  return new TransportError(
    "address-in-use",
    `${address} is in use by another program on this machine. Perhaps another notebook has an open ` +
      "DistributedInterface(0): close it or restart its kernel, or choose another address with SPDZ_BIND here and " +
      "SPDZ_PEER at the other party.",
  );
}

function explain(error: unknown, address: string): TransportError {
  const code = (error as { code?: string }).code;
  if (code === "EADDRINUSE") return inUse(address);
  const why = error instanceof Error ? error.message : String(error);
  return new TransportError("refused", `${address} cannot be used: ${why}`, { cause: error });
}
