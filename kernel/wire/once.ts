/**
 * Check that a signed message arrives for the first time, on any socket.
 *
 * A signature covers the header, with its msg_id and date, and everything else that decides what a message does. Two
 * messages with the same signature are therefore one message, sent twice. Clients do not do that: jupyter_client and
 * JupyterLab give every message its own id and leave delivery to ZeroMQ. jupyter_client's Session also refuses a
 * signature that it has seen (`digest_history`, at most 65,536 of them, of which it forgets a tenth at random; as of
 * version 8.10). A message that arrives again was therefore recorded and sent by somebody else.
 *
 * Memory is bounded, and forgetting is safe. Remember the latest 65,536 to 131,072 signatures. Of older messages,
 * remember the latest date of each client, and refuse a message from that client with the same or an earlier date. This
 * compares only dates from the clock of one client, so clocks need not agree. If a client sets its clock back beyond
 * its last 65,536 messages, it gets no reply until it starts a new session, for example by reloading the page. If there
 * are more than 1,024 clients, merge the dates of the oldest ones into one date, which applies to every unknown client.
 *
 * Jupyter restarts a kernel with the same key and the same ports. Signatures and dates are therefore also written to a
 * file beside the connection file (memory.ts), which the restarted kernel reads. If that folder is not writable, a
 * message recorded before a restart can run once more after it, as in Jupyter's own kernels.
 */

import type { Header } from "./header";
import type { Memory } from "./memory";

/** How many signatures a generation has. Two generations are remembered. */
export const GENERATION = 2 ** 16;
const MOST_CLIENTS = 1024;
/** How many characters of a signature to compare: 128 bits. */
const TELLING = 32;

interface Generation {
  readonly signatures: Set<string>;
  /** The latest date of each client's messages. */
  readonly latest: Map<string, number>;
}

/** The first line of the file: everything that was remembered when the file was started. */
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
  /** The latest date of each client's forgotten messages, in the order in which the clients sent last. */
  #forgotten = new Map<string, number>();
  /** The latest date of the forgotten messages of all other clients. */
  #floor = Number.NEGATIVE_INFINITY;

  /**
   * @param size - signatures of a generation
   * @param memory - stores signatures and dates for the next process
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
      // Somebody else wrote to the file. Keep the part that was readable.
    }
    this.#begin();
  }

  /**
   * Remember a message.
   *
   * @param signature - must be the correct one for the message
   * @returns false if the message has arrived before, or may have
   */
  admit(signature: string, { session, date }: Partial<Header>): boolean {
    const telling = signature.slice(0, TELLING);
    if (this.#current.signatures.has(telling) || this.#previous.signatures.has(telling)) return false;
    const client = String(session);
    // If a client sends no dates, remember its signatures only.
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

  /** Start the file again with everything that is remembered. */
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

  /** Forget the signatures of the older generation, and keep its dates. */
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
