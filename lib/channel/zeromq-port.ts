import { connect } from "node:net";
import { Pair } from "zeromq";
import { TransportError } from "../errors";
import type { Address } from "./address";
import type { Party } from "./channel";
import { type Datagram, HEADER_BYTES, MAX_BODY_BYTES } from "./frame";
import type { Port, PortListener } from "./port";

/** A connection that is silent for this long is taken for lost. */
const HEARTBEAT_MS = 1000;
const SILENCE_MS = 3000;

/** A PAIR socket as a port: party 0 binds, party 1 connects and reconnects. */
export class ZeroMqPort implements Port {
  readonly #party: Party;
  readonly #address: Address;
  #endpoint: string;
  #socket: Pair | undefined;
  #listener: PortListener | undefined;
  #busy = false;
  #closed = false;

  constructor(party: Party, address: Address) {
    this.#party = party;
    this.#address = address;
    this.#endpoint = address.text;
  }

  get address(): string {
    return this.#endpoint;
  }

  open(listener: PortListener): void {
    this.#listener = listener;
    if (this.#party === 0 && this.#address.path !== undefined) void this.#bindIpc(this.#address.path);
    else this.#start();
  }

  send(datagram: Datagram): boolean {
    const socket = this.#socket;
    if (!socket || this.#busy) return false;
    this.#busy = true;
    const parts = datagram.length === 1 ? datagram[0]! : [...datagram];
    socket.send(parts).then(
      () => this.#free(socket),
      () => this.#free(socket),
    );
    return true;
  }

  reset(): void {}

  async close(lingerMs: number): Promise<void> {
    this.#closed = true;
    this.#listener = undefined;
    const socket = this.#socket;
    if (!socket || socket.closed) return;
    socket.linger = lingerMs;
    // An unbind would cut the connection off and lose what lingers.
    if (this.#party === 0) await closeBound(socket);
    else socket.close();
  }

  #free(socket: Pair): void {
    if (socket !== this.#socket) return;
    this.#busy = false;
    this.#listener?.ready();
  }

  /** ZeroMQ takes an ipc path over from whoever listens there, so ask first. */
  async #bindIpc(path: string): Promise<void> {
    if (await answers(path)) this.#listener?.failed(inUse(this.#endpoint));
    else if (!this.#closed) this.#start();
  }

  #start(): void {
    const socket = new Pair({
      linger: 0,
      ipv6: this.#address.ipv6,
      reconnectInterval: 100,
      reconnectMaxInterval: 1000,
      heartbeatInterval: HEARTBEAT_MS,
      heartbeatTimeout: SILENCE_MS,
      heartbeatTimeToLive: SILENCE_MS,
      maxMessageSize: HEADER_BYTES + MAX_BODY_BYTES,
    });
    try {
      socket.events.on("handshake", () => this.#listener?.up());
      socket.events.on("disconnect", () => this.#listener?.down(this.#party === 1));
      if (this.#party === 0) {
        socket.bindSync(this.#address.text);
        this.#endpoint = socket.lastEndpoint ?? this.#endpoint;
      } else socket.connect(this.#address.text);
    } catch (error) {
      socket.close();
      const failure = explain(error, this.#address.text);
      queueMicrotask(() => this.#listener?.failed(failure));
      return;
    }
    this.#socket = socket;
    void this.#read(socket);
    this.#listener?.ready();
  }

  async #read(socket: Pair): Promise<void> {
    try {
      while (!socket.closed) {
        const parts = await socket.receive();
        if (socket !== this.#socket) return;
        this.#listener?.datagram(parts);
      }
    } catch {
      // The socket was closed.
    }
  }
}

/** Closes a socket and waits until what it was bound to is free. */
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

/** Whether somebody listens at a Unix socket's path. */
function answers(path: string): Promise<boolean> {
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
    `${address} is taken by another program on this machine. Perhaps another notebook has an open ` +
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
