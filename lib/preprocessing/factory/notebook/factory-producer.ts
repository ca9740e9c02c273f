import type { NatsConnection } from "@nats-io/transport-node";
import type { Party } from "../../../channel/channel";
import type { Identity } from "../../../channel/keys/keys";
import type { OperationLink } from "../../../channel/operation-link";
import type { Gate } from "../../../crypto/gate";
import { hashLabelled } from "../../../crypto/hash";
import { debug } from "../../../debug";
import { SpdzError } from "../../../errors";
import type { Kind } from "../../kinds/kinds";
import { burn, type RawVector, type ShareLayout } from "../../kinds/raw";
import type {
  BatchSizes,
  Capabilities,
  FactoryStatus,
  Producer,
  ProductionCost,
  Resumption,
  SetUp,
} from "../../producer";
import { differentBatches, PATIENCE_MS } from "../../producers/agree";
import type { NatsAddress } from "../nats/address";
import {
  isFactoryKind,
  isWorthwhile,
  type Job,
  jobSizes,
  joinBatches,
  microsOf,
  split,
  unpackItems,
} from "../wire/job";
import type { Control } from "../wire/messages";
import { readHeader } from "../wire/run";
import { ControlLine, malformed } from "./control-line";
import type { ArrivedChunk, Exchange } from "./exchange";
import { Fleet } from "./fleet";
import { Runs } from "./runs";

/** Where a party's workers are. */
export interface FactoryOptions {
  readonly nats: NatsAddress;
  /** The notebook's keys, and the public key of its workers. */
  readonly identity: Identity;
}

/** How many jobs the workers may have: one in work and one waiting for each pair, and some on their way back. */
const jobsFor = (pairs: number) => 2 * pairs + 2;
/** Batches that the pool may ask for at once: as many as a hundred pairs take. */
const CONCURRENCY = 202;
const WATCH_MS = 1000;
/** How long a job may take beyond its work before it is published again, and how often. */
const LATE_MS = 15_000;
const SLOWER = 5;
const ATTEMPTS = 5;
/** How long jobs wait for a pair when none is left. */
const NO_PAIR_MS = 5000;
/** After so many lost runs the factory is more trouble than help. */
const MOST_LOST = 256;
const GOODBYE_MS = 1000;

type Way = "undecided" | "embedded" | "factory";

interface Wanted extends Job {
  readonly name: string;
  readonly runs: Runs;
  resolve(fields: RawVector[]): void;
  reject(error: Error): void;
  /** The name that the other party gave the batch. */
  theirs?: string;
  way: Way;
  attempts: number;
  publishedAt: number;
  /** Runs that party 1 holds, at party 0. */
  readonly held: Set<string>;
}

/**
 * Has large batches made by workers on many machines, and all others by a producer in this process.
 *
 * Both parties number the batches that their pools ask for. Party 0 decides who makes a batch, and which run of it both
 * use, once, and tells party 1. What NATS delivers twice, late or never can cost time, but cannot make the parties use
 * different items, or one item twice.
 *
 * Security: the embedded producer's, semi-honest. NATS's operator learns kinds, counts, sizes and times.
 */
export class FactoryProducer implements Producer {
  readonly layout: ShareLayout;
  readonly capabilities: Capabilities;
  readonly concurrency = CONCURRENCY;
  readonly #embedded: Producer;
  readonly #options: FactoryOptions;
  #party: Party = 0;
  #line: ControlLine | undefined;
  #nats: NatsConnection | undefined;
  #fleet: Fleet | undefined;
  #exchange: Exchange | undefined;
  #watch: NodeJS.Timeout | undefined;
  readonly #jobs = new Map<number, Wanted>();
  /** Names of batches that only the other party has asked for so far. */
  readonly #early = new Map<number, string>();
  #next = 0;
  /** Batches for the embedded producer, in party 0's order. */
  readonly #queue: number[] = [];
  #embedding = false;
  #pairedAt = Number.NEGATIVE_INFINITY;
  #ended: Error | undefined;
  readonly #counts = { jobs: 0, items: 0, bytes: 0, embedded: 0, retries: 0, refused: 0 };
  #startedAt = performance.now();

  /** @param embedded - makes shares without MACs, at both parties in the same way */
  constructor(embedded: Producer, options: FactoryOptions) {
    if (embedded.layout.mac > 0) throw new TypeError("workers make shares without MACs only");
    this.layout = embedded.layout;
    this.capabilities = embedded.capabilities;
    this.#embedded = embedded;
    this.#options = options;
  }

  batch(kind: Kind): BatchSizes {
    return jobSizes(kind, this.#embedded.batch(kind));
  }

  cost(kind: Kind): ProductionCost {
    return this.#embedded.cost(kind);
  }

  async setUp(
    link: OperationLink,
    resumption?: Resumption,
    gate?: Gate,
    control?: OperationLink,
  ): Promise<SetUp> {
    if (!control) throw new SpdzError("internal", "the factory needs a link for its messages");
    const setUp = await this.#embedded.setUp(link, resumption, gate);
    if (this.#ended) throw this.#ended;
    const { party } = link;
    this.#party = party;
    const name = hashLabelled("factory/session", setUp.identity.session, Uint8Array.of(party));
    const sid = Buffer.from(name.subarray(0, 8)).toString("hex");
    this.#line = new ControlLine(
      control,
      (message) => this.#hear(message),
      (error) => this.#fail(error),
    );
    this.#watch = setInterval(() => this.#look(), WATCH_MS).unref();
    this.#sid = sid;
    this.#startedAt = performance.now();
    void this.#meetWorkers(party, sid);
    return setUp;
  }

  #sid = "";

  /** NATS may come later than the session, or never. */
  async #meetWorkers(party: Party, sid: string): Promise<void> {
    try {
      // Sessions without workers need not load NATS's client.
      const [{ connectNats }, { Exchange }] = await Promise.all([
        import("../nats/connect.js"),
        import("./exchange.js"),
      ]);
      const nats = await connectNats(this.#options.nats, `spdzlab notebook ${sid}`);
      if (this.#ended) {
        await nats.close();
        return;
      }
      this.#nats = nats;
      this.#fleet = new Fleet(nats, this.#options.identity, party, sid, {
        send: (message) => this.#line?.send(message),
        changed: () => this.#schedule(),
      });
      this.#exchange = new Exchange(nats, sid, (chunk) => this.#take(chunk));
    } catch (error) {
      debug("factory: NATS cannot be used, %s", (error as Error).name);
    }
  }

  make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (!this.#line) return Promise.reject(new SpdzError("internal", "the producer is not set up yet"));
    const number = this.#next++;
    const job: Job = { job: number, kind, start, count };
    const name = nameOf(job);
    const made = new Promise<RawVector[]>((resolve, reject) => {
      this.#jobs.set(number, {
        ...job,
        name,
        runs: new Runs({ sid: this.#sid, party: this.#party }, job),
        resolve,
        reject,
        way: "undecided",
        attempts: 0,
        publishedAt: 0,
        held: new Set(),
      });
    });
    this.#line.send({ type: "name", job: number, name });
    const early = this.#early.get(number);
    this.#early.delete(number);
    if (early !== undefined) this.#compare(number, early);
    return made;
  }

  /** What workers do for this session. */
  status(): FactoryStatus {
    const jobs = [...this.#jobs.values()];
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return {
      connected: this.#nats !== undefined && !this.#nats.isClosed() && this.#exchange?.open === true,
      workers: this.#fleet?.workers ?? { free: 0, pairing: 0, ready: 0, busy: 0 },
      pairs: this.#fleet?.ready ?? 0,
      underWay: jobs.filter(({ way }) => way === "factory").length,
      waiting: jobs.filter(({ way }) => way !== "factory").length,
      ...this.#counts,
      lost: this.#fleet?.lost ?? 0,
      itemsPerSecond: this.#counts.items / Math.max(seconds, 1e-3),
    };
  }

  destroy(error: Error): Promise<void> {
    this.#end(error);
    return this.#embedded.destroy(error);
  }

  /** Both parties must ask for the same batches. */
  #compare(number: number, theirs: string): void {
    const wanted = this.#jobs.get(number);
    if (!wanted) return;
    wanted.theirs = theirs;
    if (theirs === wanted.name) {
      this.#schedule();
      return;
    }
    // The session finds out meanwhile in which operations the parties differ: its message is clearer.
    setTimeout(() => this.#fail(differentBatches()), PATIENCE_MS).unref();
  }

  #hear(message: Control): void {
    switch (message.type) {
      case "name":
        if (this.#jobs.has(message.job)) this.#compare(message.job, message.name);
        else if (message.job >= this.#next && this.#early.size < CONCURRENCY)
          this.#early.set(message.job, message.name);
        else this.#fail(malformed());
        break;
      case "embed":
      case "ask":
      case "use":
        this.#obey(message);
        break;
      case "have":
        this.#jobs.get(message.job)?.held.add(message.run);
        this.#choose(message.job);
        break;
      default:
        this.#fleet?.receive(message);
        // A message that comes before this party's NATS is repeated, or its pair times out.
        if (!this.#fleet && message.type === "pair") this.#line?.send({ type: "down", pair: message.pair });
    }
  }

  /** At party 1: do as party 0 decided. */
  #obey(message: Extract<Control, { type: "embed" | "ask" | "use" }>): void {
    const wanted = this.#jobs.get(message.job);
    // Party 0 decides only on batches that this party has named, and on each once.
    if (this.#party !== 1 || !wanted) this.#fail(malformed());
    else if (message.type === "embed" && wanted.way !== "embedded") this.#embed(wanted);
    else if (message.type === "ask" && wanted.way === "undecided") wanted.way = "factory";
    else if (message.type === "use" && wanted.way === "factory") this.#use(wanted, message.run);
    else this.#fail(malformed());
  }

  /** At party 0: decide who makes the batches that both parties have named, in order. */
  #schedule(): void {
    if (this.#party !== 0 || this.#ended) return;
    const pairs = this.#useful ? (this.#fleet?.ready ?? 0) : 0;
    if (pairs > 0) this.#pairedAt = performance.now();
    let room = jobsFor(pairs) - [...this.#jobs.values()].filter(({ way }) => way === "factory").length;
    for (const wanted of this.#jobs.values()) {
      if (wanted.way !== "undecided" || wanted.theirs !== wanted.name) continue;
      if (!isFactoryKind(wanted.kind) || !isWorthwhile(wanted)) this.#decideToEmbed(wanted);
      else if (pairs > 0) {
        if (room-- > 0) this.#ask(wanted);
      } else if (!this.#embedding && this.#queue.length === 0) this.#decideToEmbed(wanted);
    }
  }

  get #useful(): boolean {
    return this.#exchange?.open === true && this.#counts.retries < MOST_LOST;
  }

  #ask(wanted: Wanted): void {
    wanted.way = "factory";
    this.#line?.send({ type: "ask", job: wanted.job });
    this.#publish(wanted);
  }

  #publish(wanted: Wanted): void {
    const { job, kind, start, count } = wanted;
    wanted.attempts++;
    wanted.publishedAt = performance.now();
    void this.#exchange?.publish({ job, kind, start, count });
  }

  #decideToEmbed(wanted: Wanted): void {
    if (wanted.way === "factory") this.#exchange?.withdraw(wanted.job);
    this.#line?.send({ type: "embed", job: wanted.job });
    this.#embed(wanted);
  }

  #embed(wanted: Wanted): void {
    wanted.way = "embedded";
    wanted.runs.destroy();
    this.#queue.push(wanted.job);
    void this.#embedNext();
  }

  /** The embedded producer makes one batch after another, at both parties in the same order. */
  async #embedNext(): Promise<void> {
    if (this.#embedding) return;
    this.#embedding = true;
    for (;;) {
      const number = this.#queue.shift();
      const wanted = number === undefined ? undefined : this.#jobs.get(number);
      if (!wanted) break;
      const { kind, count, start } = wanted;
      try {
        const batches = [];
        let from = start;
        for (const part of split(count, this.#embedded.batch(kind).most)) {
          batches.push(await this.#embedded.make(kind, part, from));
          from += part;
        }
        this.#jobs.delete(wanted.job);
        this.#counts.embedded++;
        const fields = joinBatches(batches);
        if (this.#ended) fields.forEach(burn);
        else wanted.resolve(fields);
      } catch (error) {
        this.#fail(error as Error);
        return;
      }
      this.#schedule();
    }
    this.#embedding = false;
    this.#schedule();
  }

  /** A chunk of a run has arrived, or anything else that somebody has put there. */
  #take({ job, run, chunk, chunks, data }: ArrivedChunk): void {
    const wanted = this.#jobs.get(job);
    const header = readHeader(data);
    const key = header && this.#fleet?.resultKey(header.pair);
    const fits = wanted?.way !== "embedded" && header?.run === run;
    if (!wanted || !key || !fits || !wanted.runs.add(key, header, chunk, chunks)) {
      this.#counts.refused++;
      return;
    }
    this.#counts.bytes += data.length;
    if (!wanted.runs.complete.includes(run)) return;
    if (this.#party === 1) this.#line?.send({ type: "have", job, run });
    else this.#choose(job);
  }

  /** At party 0: choose the first run that both parties hold. */
  #choose(number: number): void {
    const wanted = this.#jobs.get(number);
    if (this.#party !== 0 || wanted?.way !== "factory") return;
    const run = wanted.runs.complete.find((name) => wanted.held.has(name));
    if (run === undefined) return;
    this.#line?.send({ type: "use", job: number, run });
    this.#use(wanted, run);
  }

  /** Hand over the items of a run. The job is gone then, so none of its runs is used again. */
  #use(wanted: Wanted, run: string): void {
    const items = wanted.runs.take(run);
    if (!items) {
      this.#fail(malformed());
      return;
    }
    this.#jobs.delete(wanted.job);
    this.#counts.jobs++;
    this.#counts.items += wanted.count;
    debug("factory: has %d items of %s, run %s", wanted.count, wanted.kind, run);
    wanted.resolve(unpackItems(wanted, items));
    this.#schedule();
  }

  /** At party 0: publish again what takes too long, and make here what the workers cannot make. */
  #look(): void {
    if (this.#party !== 0 || this.#ended) return;
    const now = performance.now();
    const gone = (this.#fleet?.ready ?? 0) === 0 && now - this.#pairedAt > NO_PAIR_MS;
    for (const wanted of this.#jobs.values()) {
      if (wanted.way !== "factory") continue;
      const late = now - wanted.publishedAt > LATE_MS + (SLOWER * microsOf(wanted)) / 1000;
      if (gone || (late && wanted.attempts >= ATTEMPTS)) this.#decideToEmbed(wanted);
      else if (late) {
        this.#counts.retries++;
        this.#publish(wanted);
      }
    }
    this.#schedule();
  }

  #fail(error: Error): void {
    const jobs = [...this.#jobs.values()];
    this.#end(error);
    for (const { reject } of jobs) reject(error);
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    clearInterval(this.#watch);
    this.#line?.close();
    for (const { reject, runs } of this.#jobs.values()) {
      runs.destroy();
      reject(error);
    }
    this.#jobs.clear();
    this.#fleet?.close();
    const nats = this.#nats;
    if (!nats) return;
    const patience = new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
    const gone = Promise.resolve(this.#exchange?.close());
    void Promise.race([gone, patience]).then(() => nats.close().catch(() => undefined));
  }
}

/** A hash of what names a batch, in hex. */
function nameOf({ kind, start, count }: Job): string {
  const text = new TextEncoder().encode(`${kind}/${start}/${count}`);
  return Buffer.from(hashLabelled("batch", text).subarray(0, 16)).toString("hex");
}
