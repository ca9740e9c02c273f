import type { Party } from "../../lib/channel/channel";
import type { OperationLink } from "../../lib/channel/operation-link";
import { TransportError } from "../../lib/errors";

/** A message in transit, which a test can read or change. */
export interface Passing {
  readonly from: Party;
  /** Its index among the messages of its sender. */
  readonly index: number;
  /** A description of the message. */
  readonly what: string | undefined;
  payload: Uint8Array;
  /** Set it to drop the message. */
  withheld?: boolean;
  /** Set it to deliver the message twice. */
  doubled?: boolean;
  /** Set it to deliver the message after the sender's next one. */
  overtaken?: boolean;
  /** Delay in milliseconds; set it for all messages of a link or for none. Default: one turn of the event loop. */
  delayMs?: number;
}

/** Called with every message before delivery; the contents of `payload` afterwards are delivered. */
export type Tap = (message: Passing) => void;

class MemoryLink implements OperationLink {
  peer!: MemoryLink;
  readonly #arrived: Uint8Array[] = [];
  #waiting: { resolve(payload: Uint8Array): void; reject(error: Error): void } | undefined;
  #sent = 0;
  #delayed: Promise<unknown> = Promise.resolve();
  #overtaken: Uint8Array<ArrayBuffer> | undefined;
  #gone: TransportError | undefined;

  constructor(
    readonly party: Party,
    readonly tap: Tap | undefined,
  ) {}

  send(payload: Uint8Array, what?: string): void {
    const message: Passing = { from: this.party, index: this.#sent++, what, payload };
    this.tap?.(message);
    if (message.withheld) return;
    const copy = message.payload.slice();
    const { delayMs } = message;
    if (message.overtaken) {
      this.#overtaken = copy;
      return;
    }
    if (delayMs === undefined) {
      const copies = message.doubled ? [copy, copy.slice()] : [copy];
      if (this.#overtaken) copies.push(this.#overtaken);
      this.#overtaken = undefined;
      for (const each of copies) setImmediate(() => this.peer.#deliver(each));
    } else {
      // In order, for any delays.
      const before = this.#delayed;
      const delay = new Promise((resolve) => setTimeout(resolve, delayMs));
      this.#delayed = Promise.all([before, delay]).then(() => this.peer.#deliver(copy));
    }
  }

  async receive(length: number): Promise<Uint8Array> {
    const payload = this.#arrived.shift() ?? (await this.#next());
    if (payload.length !== length)
      throw new TransportError(
        "malformed",
        `received a message of ${payload.length} bytes, expected ${length}`,
      );
    return payload;
  }

  exchange(payload: Uint8Array, what?: string): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload, what);
    return this.receive(length);
  }

  /** The other party will send nothing more. */
  end(): void {
    this.#gone = new TransportError("closed", "the other party closed its interface");
    this.#waiting?.reject(this.#gone);
  }

  #deliver(payload: Uint8Array): void {
    if (this.#waiting) this.#waiting.resolve(payload);
    else this.#arrived.push(payload);
  }

  async #next(): Promise<Uint8Array> {
    if (this.#gone) throw this.#gone;
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    } finally {
      this.#waiting = undefined;
    }
  }
}

/** Two ends of one operation in this process. */
export function createLinkPair(tap?: Tap): [OperationLink, OperationLink] {
  const zero = new MemoryLink(0, tap);
  const one = new MemoryLink(1, tap);
  zero.peer = one;
  one.peer = zero;
  return [zero, one];
}

/** End both parties' waits, in tests in which one party has given up. */
export function endLink(link: OperationLink): void {
  (link as MemoryLink).end();
}

/** Run both parties at once, each on its end. If one fails, the other gets an error that its peer has left. */
export async function runBoth<A, B>(
  links: readonly [OperationLink, OperationLink],
  zero: (link: OperationLink) => Promise<A>,
  one: (link: OperationLink) => Promise<B>,
): Promise<[A, B]> {
  const guard = async <T>(
    own: OperationLink,
    other: OperationLink,
    body: (link: OperationLink) => Promise<T>,
  ) => {
    try {
      return await body(own);
    } catch (error) {
      setImmediate(() => endLink(other));
      throw error;
    }
  };
  const results = await Promise.allSettled([guard(links[0], links[1], zero), guard(links[1], links[0], one)]);
  const [first, second] = results;
  if (first.status === "rejected" || second.status === "rejected") {
    const reasons = results.map((r) => (r.status === "rejected" ? r.reason : undefined));
    // The error of the party that failed first says more than the other's "peer has left".
    throw (
      reasons.find((e) => e && !(e instanceof TransportError && e.reason === "closed")) ??
      reasons.find(Boolean)
    );
  }
  return [first.value, second.value];
}
