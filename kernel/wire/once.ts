/**
 * Check that a signed message arrives for the first time, on any socket.
 *
 * A signature covers the header, with its msg_id and date, and all else that decides what a message does, so two messages
 * with one signature are one message sent twice. No client sends one twice: jupyter_client and JupyterLab give every
 * message an id of its own and leave delivery to ZeroMQ, and jupyter_client's own Session refuses a signature that it has
 * seen (`digest_history`, at most 65,536 of them, of which it forgets a tenth at random; read in 8.10). A message that
 * arrives again was therefore recorded and sent by somebody else.
 *
 * Memory is bounded and nothing is forgotten unsafely: the latest 65,536 to 131,072 signatures are remembered, and of
 * those before them, for each client, the latest date. A message that its client dated no later than that is refused. The
 * dates compared are of one client and its one clock, so clocks need not agree. A client that sets its clock back beyond
 * its last 65,536 messages gets no answer until it starts a new session, as reloading the page does. Of more than 1,024
 * clients the dates of the oldest are kept as one date, which then counts for every client that is not known.
 *
 * Jupyter restarts a kernel with the same key and the same ports, so what is remembered is also written beside the
 * connection file (memory.ts), and read by the kernel that comes after. Where that folder cannot be written, a message that
 * was recorded before a restart can run once more after it, as with Jupyter's own kernels.
 */

import type { Header } from "./header";
import type { Memory } from "./memory";

/** How many signatures a generation has; two generations are remembered. */
export const GENERATION = 2 ** 16;
const MOST_CLIENTS = 1024;
/** Characters of a signature that tell it from others: 128 bits. */
const TELLING = 32;

interface Generation {
  readonly signatures: Set<string>;
  /** The latest date of each client's messages. */
  readonly latest: Map<string, number>;
}

/** The head of a file: everything that was remembered when the file was begun. */
interface State {
  readonly generations: readonly [signatures: string[], latest: [string, number][]][];
  readonly forgotten: readonly [string, number][];
  /** Null for none. */
  readonly floor: number | null;
}

const begin = (): Generation => ({ signatures: new Set(), latest: new Map() });

/** Remembers which messages have arrived. */
export class Once {
  #current = begin();
  #previous = begin();
  /** Of what is forgotten, the latest date of each client; the client that sent last comes last. */
  #forgotten = new Map<string, number>();
  /** The same of all clients that are not in it. */
  #floor = Number.NEGATIVE_INFINITY;

  /**
   * @param size - signatures of a generation
   * @param memory - what an earlier process remembered, and the next one shall
   */
  constructor(
    private readonly size = GENERATION,
    private readonly memory?: Memory,
  ) {
    const [state, ...messages] = memory?.read() ?? [];
    if (state === undefined) return;
    try {
      this.#restore(JSON.parse(state));
      for (const line of messages) this.#remember(...(JSON.parse(line) as [string, string, number | null]));
    } catch {
      // Somebody else wrote to the file: keep what could be read.
    }
    this.#begin();
  }

  /**
   * @param signature - right for the message
   * @returns false if the message has come before, or may have
   */
  admit(signature: string, { session, date }: Partial<Header>): boolean {
    const telling = signature.slice(0, TELLING);
    if (this.#current.signatures.has(telling) || this.#previous.signatures.has(telling)) return false;
    const client = String(session);
    // A client that dates nothing is remembered by its signatures alone.
    const time = Date.parse(String(date));
    if (time <= (this.#forgotten.get(client) ?? this.#floor)) return false;
    if (this.#current.signatures.size + this.#previous.signatures.size === 0) this.#begin();
    this.memory?.add(JSON.stringify([telling, client, time]));
    if (this.#remember(telling, client, time)) this.#begin();
    return true;
  }

  /** @returns whether a generation is full */
  #remember(telling: string, client: string, time: number | null): boolean {
    this.#current.signatures.add(telling);
    if (time !== null && !Number.isNaN(time))
      this.#current.latest.set(client, Math.max(time, this.#current.latest.get(client) ?? time));
    if (this.#current.signatures.size < this.size) return false;
    this.#turn();
    return true;
  }

  /** Begins the file anew with what is remembered. */
  #begin(): void {
    if (this.memory === undefined) return;
    const state: State = {
      generations: [this.#previous, this.#current].map(({ signatures, latest }) => [
        [...signatures],
        [...latest],
      ]),
      forgotten: [...this.#forgotten],
      floor: Number.isFinite(this.#floor) ? this.#floor : null,
    };
    this.memory.replace([JSON.stringify(state)]);
  }

  #restore({ generations, forgotten, floor }: State): void {
    const [previous, current] = generations.map(([signatures, latest]) => ({
      signatures: new Set(signatures),
      latest: new Map(latest),
    }));
    this.#previous = previous ?? begin();
    this.#current = current ?? begin();
    this.#forgotten = new Map(forgotten);
    this.#floor = floor ?? Number.NEGATIVE_INFINITY;
  }

  /** Forgets the older generation but for its dates. */
  #turn(): void {
    for (const [client, time] of this.#previous.latest) {
      const before = this.#forgotten.get(client) ?? this.#floor;
      this.#forgotten.delete(client);
      this.#forgotten.set(client, Math.max(before, time));
    }
    for (const [client, time] of this.#forgotten) {
      if (this.#forgotten.size <= MOST_CLIENTS) break;
      this.#forgotten.delete(client);
      this.#floor = Math.max(this.#floor, time);
    }
    this.#previous = this.#current;
    this.#current = begin();
  }
}
