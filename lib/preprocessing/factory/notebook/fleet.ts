import { randomBytes } from "node:crypto";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Party } from "../../../channel/channel";
import type { Identity } from "../../../channel/keys/keys";
import { HELLO, workerSubject } from "../nats/subjects";
import {
  type Answer,
  type Control,
  type Hello,
  MOST_OFFERS,
  type Offer,
  type Request,
  readAnswer,
  readHello,
  type Ticket,
  type WorkerState,
} from "../wire/messages";
import { drawResultKey, FleetSeal } from "../wire/seal";

/** A worker that says nothing for so long is gone. */
const GONE_MS = 8000;
const BEAT_MS = 3000;
const ANSWER_MS = 3000;
/** How long a pair may take to be ready. */
const PAIRING_MS = 30_000;
const MOST_WORKERS = 1000;

interface KnownWorker {
  readonly hello: Hello;
  readonly heardAt: number;
}

interface KnownPair {
  readonly name: string;
  readonly worker: string;
  /** The other party's worker, at party 0. */
  readonly partner: string | undefined;
  readonly since: number;
  /** This party's worker said that it is ready. */
  mine: boolean;
  /** So did the other party's. */
  theirs: boolean;
}

/** What a fleet tells the producer. */
export interface FleetEvents {
  /** Send a message to the other notebook. */
  send(message: Control): void;
  /** The number of pairs that are ready has changed. */
  changed(): void;
}

/**
 * One party's workers, and the pairs that they form with the other party's. Party 0 forms the pairs: its worker listens,
 * and the other party's worker connects.
 */
export class Fleet {
  readonly #nats: NatsConnection;
  readonly #seal: FleetSeal;
  readonly #party: Party;
  readonly #sid: string;
  readonly #events: FleetEvents;
  readonly #workers = new Map<string, KnownWorker>();
  readonly #pairs = new Map<string, KnownPair>();
  /** The results of a pair may arrive after its end. */
  readonly #keys = new Map<string, Uint8Array>();
  /** The other party's free workers. */
  #offers: Offer[] = [];
  #offered = "";
  #beats = 0;
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  constructor(nats: NatsConnection, identity: Identity, party: Party, sid: string, events: FleetEvents) {
    this.#nats = nats;
    this.#seal = new FleetSeal(identity);
    this.#party = party;
    this.#sid = sid;
    this.#events = events;
    nats.subscribe(HELLO, { callback: (_, message) => this.#hear(message.data) });
    this.#timer = setInterval(() => this.#tick(), BEAT_MS).unref();
  }

  /** Pairs that can make jobs. */
  get ready(): number {
    return [...this.#pairs.values()].filter(({ mine, theirs }) => mine && (theirs || this.#party === 1))
      .length;
  }

  /** How many of this party's workers are in each state. */
  get workers(): Readonly<Record<WorkerState, number>> {
    const count = { free: 0, pairing: 0, ready: 0, busy: 0 };
    for (const { hello } of this.#workers.values()) count[hello.state]++;
    return count;
  }

  /** Runs that this party's workers began and did not hand over. */
  get lost(): number {
    return [...this.#workers.values()].reduce((sum, { hello }) => sum + hello.figures.lost, 0);
  }

  /** The key of a pair's results, if it is one of this session. */
  resultKey(pair: string): Uint8Array | undefined {
    return this.#keys.get(pair);
  }

  /** A message of the other notebook. */
  receive(message: Control): void {
    switch (message.type) {
      case "offer":
        this.#offers = [...message.offers];
        this.#match();
        break;
      case "pair":
        if (this.#party === 1) void this.#join(message);
        break;
      case "up": {
        const pair = this.#pairs.get(message.pair);
        if (pair) pair.theirs = true;
        this.#events.changed();
        break;
      }
      case "down":
        this.#drop(message.pair, false);
    }
  }

  /** End all pairs, and overwrite the keys. */
  close(): void {
    if (this.#closed) return;
    for (const pair of [...this.#pairs.keys()]) this.#drop(pair, false);
    this.#closed = true;
    clearInterval(this.#timer);
    for (const key of this.#keys.values()) key.fill(0);
    this.#keys.clear();
    this.#seal.destroy();
  }

  #hear(data: Uint8Array): void {
    if (this.#closed || data.length > 2048) return;
    const text = this.#seal.verify("hello", data);
    const hello = text === undefined ? undefined : readHello(text);
    if (!hello || (this.#workers.size >= MOST_WORKERS && !this.#workers.has(hello.id))) return;
    this.#workers.set(hello.id, { hello, heardAt: performance.now() });
    for (const pair of this.#pairs.values()) if (pair.worker === hello.id) this.#follow(pair, hello);
    this.#match();
  }

  /** See what a worker's hello says about its pair. */
  #follow(pair: KnownPair, { state, pair: named }: Hello): void {
    const age = performance.now() - pair.since;
    const up = named === pair.name && (state === "ready" || state === "busy");
    if (up && !pair.mine) {
      pair.mine = true;
      if (this.#party === 1) this.#events.send({ type: "up", pair: pair.name });
      this.#events.changed();
    } else if (!up && (pair.mine || age > PAIRING_MS || (named !== pair.name && age > ANSWER_MS)))
      this.#drop(pair.name, true);
  }

  #tick(): void {
    const now = performance.now();
    for (const [id, { heardAt }] of this.#workers) if (now - heardAt > GONE_MS) this.#workers.delete(id);
    for (const { name, worker } of [...this.#pairs.values()]) {
      if (this.#workers.has(worker))
        this.#request(worker, { type: "beat", pair: name, count: ++this.#beats });
      else this.#drop(name, true);
    }
    // A worker whose pair did not come about is offered again.
    this.#offered = "";
    this.#match();
  }

  #free(): Hello[] {
    const taken = new Set([...this.#pairs.values()].map(({ worker }) => worker));
    return [...this.#workers.values()]
      .map(({ hello }) => hello)
      .filter(({ id, state }) => state === "free" && !taken.has(id));
  }

  /** Party 1 offers its free workers; party 0 takes one for each of its own. */
  #match(): void {
    if (this.#closed) return;
    const free = this.#free();
    if (this.#party === 1) {
      const offers = free.slice(0, MOST_OFFERS).map(({ id, key }) => ({ id, key }));
      const text = JSON.stringify(offers);
      if (text === this.#offered || (this.#offered === "" && offers.length === 0)) return;
      this.#offered = text;
      this.#events.send({ type: "offer", offers });
      return;
    }
    for (const mine of free) {
      const theirs = this.#offers.find(
        ({ id }) => ![...this.#pairs.values()].some((pair) => pair.partner === id),
      );
      if (!theirs) return;
      void this.#form(mine, theirs);
    }
  }

  async #form(mine: Hello, theirs: Offer): Promise<void> {
    const pair = randomBytes(8).toString("hex");
    const answer = await this.#invite(mine, pair, theirs.key, undefined, theirs.id);
    if (!answer?.address) return;
    const { id } = theirs;
    this.#events.send({ type: "pair", pair, id, key: mine.key, address: answer.address });
  }

  async #join({ pair, id, key, address }: Extract<Control, { type: "pair" }>): Promise<void> {
    const mine = this.#free().find((hello) => hello.id === id);
    const answer = mine && (await this.#invite(mine, pair, key, address));
    if (!answer) this.#events.send({ type: "down", pair });
  }

  /** Give a worker its ticket. @returns its answer, if it agrees */
  async #invite(
    { id, ticketKey }: Hello,
    pair: string,
    peerKey: string,
    address: string | undefined,
    partner?: string,
  ): Promise<Answer | undefined> {
    if (this.#keys.has(pair)) return undefined;
    const resultKey = drawResultKey();
    this.#keys.set(pair, resultKey);
    const since = performance.now();
    this.#pairs.set(pair, { name: pair, worker: id, partner, since, mine: false, theirs: false });
    const ticket: Ticket = {
      pair,
      sid: this.#sid,
      party: this.#party,
      resultKey: Buffer.from(resultKey).toString("hex"),
      peerKey,
      address,
    };
    const sealed = this.#seal.sealTicket(ticketKey, `${id} ${pair}`, JSON.stringify(ticket));
    const request = { type: "ticket", pair, sealed: Buffer.from(sealed).toString("base64") } as const;
    let answer: Answer | undefined;
    try {
      const message = await this.#nats.request(workerSubject(id), this.#sign(id, request), {
        timeout: ANSWER_MS,
      });
      const text = this.#closed ? undefined : this.#seal.verify(`answer ${pair}`, message.data);
      answer = text === undefined ? undefined : readAnswer(text);
    } catch {
      // The worker is gone, or NATS is away.
    }
    if (answer?.ok && !this.#closed) return answer;
    this.#drop(pair, false);
    return undefined;
  }

  #drop(name: string, tell: boolean): void {
    const pair = this.#pairs.get(name);
    if (!pair) return;
    this.#pairs.delete(name);
    this.#request(pair.worker, { type: "drop", pair: name, count: ++this.#beats });
    if (tell) this.#events.send({ type: "down", pair: name });
    this.#events.changed();
  }

  #sign(id: string, request: Request): Uint8Array {
    return this.#seal.sign(`request ${id}`, JSON.stringify(request));
  }

  #request(id: string, request: Request): void {
    try {
      this.#nats.publish(workerSubject(id), this.#sign(id, request));
    } catch {
      // NATS is away, or closed.
    }
  }
}
