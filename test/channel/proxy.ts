import { connect, createServer, type Server, type Socket } from "node:net";

/** The direction of bytes: `up` is from the connecting party to the binding one. */
export type Way = "up" | "down";

/** Finds where each message ends in one direction of a ZeroMQ connection. */
class Boundaries {
  readonly ends: number[] = [];
  #at = 0;
  #next = 64; // the greeting
  #header: number[] = [];
  #need = 0;

  add(bytes: Uint8Array): void {
    if (this.#at === 0) this.ends.push(64);
    for (let i = 0; i < bytes.length; ) {
      if (this.#at < this.#next) {
        const step = Math.min(this.#next - this.#at, bytes.length - i);
        this.#at += step;
        i += step;
        continue;
      }
      // A frame: flags, then one byte of length or, with flag 2, eight.
      const byte = bytes[i++]!;
      this.#at++;
      this.#next = this.#at;
      this.#header.push(byte);
      if (this.#header.length === 1) this.#need = byte & 2 ? 9 : 2;
      if (this.#header.length < this.#need) continue;
      const length = this.#header.slice(1).reduce((sum, part) => sum * 256 + part, 0);
      this.#header = [];
      this.#next = this.#at + length;
      this.ends.push(this.#next);
    }
  }
}

/** A TCP proxy between the two parties that can cut the connection at a chosen byte and insert bytes. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target = "";
  cuts = 0;
  connections = 0;
  /** How many bytes of the current connection have passed, each way. */
  readonly passed: Record<Way, number> = { up: 0, down: 0 };
  /** Where the messages of the current connection end, each way. */
  boundaries: Record<Way, number[]> = { up: [], down: [] };
  #cutAt: { way: Way; at: number } | undefined;
  #upstream: Socket | undefined;
  /** Changes the bytes in transit. */
  change: (bytes: Buffer, way: Way) => Buffer = (bytes) => bytes;
  /** While set, nobody is accepted. */
  refusing = false;

  private constructor() {
    this.#server = createServer((client) => this.#accept(client));
  }

  /** @param target - `tcp://127.0.0.1:port` of the binding party */
  static async to(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy();
    proxy.#target = target;
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Cut after `at` bytes of the current connection have passed in that direction; the next byte does not pass. */
  cutAt(way: Way, at: number): void {
    this.#cutAt = { way, at };
  }

  /** Cut after this many more bytes have passed in that direction, on this connection or the next. */
  cutAfter(way: Way, bytes: number): void {
    this.cutAt(way, this.passed[way] + bytes);
  }

  cut(): void {
    this.cuts++;
    this.#cutAt = undefined;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  /** End the connection as a crash or a firewall does, with a reset instead of an orderly end. */
  reset(): void {
    this.cuts++;
    this.#cutAt = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  /** Insert bytes into the stream towards the binding party. */
  inject(bytes: Uint8Array): void {
    this.#upstream?.write(bytes);
  }

  async close(): Promise<void> {
    this.refusing = true;
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.refusing) {
      client.destroy();
      return;
    }
    this.connections++;
    const server = connect({ host: "127.0.0.1", port: Number(this.#target.split(":")[2]) });
    this.#upstream = server;
    this.passed.up = 0;
    this.passed.down = 0;
    const boundaries = { up: new Boundaries(), down: new Boundaries() };
    this.boundaries = { up: boundaries.up.ends, down: boundaries.down.ends };
    const forward = (from: Socket, to: Socket, way: Way) => {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => undefined);
      from.on("close", () => {
        to.destroy();
        this.#sockets.delete(from);
      });
      from.on("data", (chunk: Buffer) => {
        boundaries[way].add(chunk);
        const cut = this.#cutAt;
        const room = cut?.way === way ? cut.at - this.passed[way] : Number.POSITIVE_INFINITY;
        const bytes = this.change(chunk.subarray(0, Math.max(0, room)), way);
        this.passed[way] += bytes.length;
        if (chunk.length < room) {
          if (!to.write(bytes)) {
            from.pause();
            to.once("drain", () => from.resume());
          }
          return;
        }
        // Let the last bytes arrive.
        to.write(bytes, () => this.cut());
        this.#cutAt = undefined;
      });
    };
    forward(client, server, "up");
    forward(server, client, "down");
  }
}
