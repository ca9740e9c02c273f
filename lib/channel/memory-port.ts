import type { Datagram } from "./frame";
import type { Port, PortListener } from "./port";

/** One end of a pair within a process: datagrams arrive in a later turn of the event loop, as copies. */
export class MemoryPort implements Port {
  readonly address = "memory";
  #listener: PortListener | undefined;
  #peer: MemoryPort | undefined;
  #inbox: Datagram[] = [];
  #scheduled = false;

  static pair(): [MemoryPort, MemoryPort] {
    const [a, b] = [new MemoryPort(), new MemoryPort()];
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  open(listener: PortListener): void {
    this.#listener = listener;
    setImmediate(() => this.#listener?.up());
  }

  send(datagram: Datagram): boolean {
    this.#peer!.#take(datagram);
    return true;
  }

  reset(): void {}

  async close(): Promise<void> {
    this.#listener = undefined;
  }

  #take(datagram: Datagram): void {
    this.#inbox.push(datagram);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    const datagrams = this.#inbox;
    this.#inbox = [];
    for (const datagram of datagrams) this.#listener?.datagram(datagram.map((part) => new Uint8Array(part)));
  }
}
