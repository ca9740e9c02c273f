import { Queue } from "../../../channel/link/queue";

/** The sending side of a ZeroMQ socket. */
interface SendingSocket {
  send(message: Uint8Array[]): Promise<void>;
}

/** Sends one message after another: a ZeroMQ socket accepts the next one only after it has accepted the first. */
export class SocketOutbox {
  readonly #socket: SendingSocket;
  readonly #refused: (message: Uint8Array[]) => void;
  readonly #queue = new Queue<Uint8Array[]>();
  #busy = false;
  #sending: Promise<void> | undefined;

  /** @param refused - called with each message that could not be sent; the others are still sent */
  constructor(socket: SendingSocket, refused: (message: Uint8Array[]) => void = () => undefined) {
    this.#socket = socket;
    this.#refused = refused;
  }

  push(message: Uint8Array[]): void {
    this.#queue.push(message);
    if (!this.#busy) this.#sending = this.#send();
  }

  /** Wait until ZeroMQ has accepted everything. */
  async sent(): Promise<void> {
    while (this.#busy) await this.#sending;
  }

  async #send(): Promise<void> {
    this.#busy = true;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      try {
        await this.#socket.send(message);
      } catch {
        this.#refused(message);
      }
    }
    this.#busy = false;
  }
}
