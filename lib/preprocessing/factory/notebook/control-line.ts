import type { OperationLink } from "../../../channel/operation-link";
import { TransportError } from "../../../errors";
import { type Control, readControl } from "../wire/messages";

/** The longest list of messages. */
const MOST_BYTES = 2 ** 18;
const WHAT = "about jobs of the factory";

/** The messages between two notebooks about their workers and jobs, in order, over a link of their own. */
export class ControlLine {
  readonly #link: OperationLink;
  #queue: Control[] = [];
  #over = false;

  /**
   * @param onMessage - called with each message of the peer
   * @param onFailure - called once when the line is unusable
   */
  constructor(link: OperationLink, onMessage: (message: Control) => void, onFailure: (error: Error) => void) {
    this.#link = link;
    void this.#read(onMessage).catch((error: Error) => {
      if (!this.#over) onFailure(error);
      this.#over = true;
    });
  }

  /** Send a message, together with all others of this turn. */
  send(message: Control): void {
    if (this.#over) return;
    if (this.#queue.push(message) === 1) queueMicrotask(() => this.#flush());
  }

  close(): void {
    this.#over = true;
  }

  #flush(): void {
    const text = new TextEncoder().encode(JSON.stringify(this.#queue));
    this.#queue = [];
    if (this.#over) return;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, text.length);
    try {
      this.#link.send(length, WHAT);
      this.#link.send(text, WHAT);
    } catch {
      // The session has ended; the reader gets the reason.
    }
  }

  async #read(onMessage: (message: Control) => void): Promise<void> {
    while (!this.#over) {
      const header = await this.#link.receive(4, WHAT);
      const length = new DataView(header.buffer, header.byteOffset).getUint32(0);
      if (length > MOST_BYTES) throw malformed();
      const text = new TextDecoder().decode(await this.#link.receive(length, WHAT));
      for (const value of parse(text)) {
        const message = readControl(value);
        if (!message) throw malformed();
        if (!this.#over) onMessage(message);
      }
    }
  }
}

function parse(text: string): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw malformed();
  }
  if (!Array.isArray(list)) throw malformed();
  return list;
}

/** The peer's message is none that a party sends. */
export function malformed(): TransportError {
  return new TransportError("malformed", "the other party sent a message about jobs that cannot be read");
}
