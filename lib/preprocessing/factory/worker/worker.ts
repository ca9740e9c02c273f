import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { type JetStreamClient, type JsMsg, jetstream } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { type Identity, Keys } from "../../../channel/keys/keys";
import { connectZeroMq } from "../../../channel/zeromq/zeromq-channel";
import { SpdzError } from "../../../errors";
import type { NatsAddress } from "../nats/address";
import { connectNats } from "../nats/connect";
import { HELLO, JOBS, resultSubject, workerSubject } from "../nats/subjects";
import { type Job, readJob } from "../wire/job";
import {
  type Answer,
  type Hello,
  readRequest,
  readTicket,
  type Ticket,
  type WorkerState,
} from "../wire/messages";
import { FleetSeal } from "../wire/seal";
import { ChannelLink } from "./channel-link";
import { Pair, type SealedRun } from "./pair";

/** How a worker is reached, and whom it believes. */
export interface WorkerOptions {
  readonly nats: NatsAddress;
  /** The fleet's keys, and the notebook's public key. */
  readonly identity: Identity;
  /** The interface to listen at for a partner, at party 0. */
  readonly bind: string;
  /** The name under which the partner reaches it. */
  readonly advertise: string;
  /** The first and the last port to listen at. */
  readonly ports: readonly [number, number];
  /** Called with each event; none holds a secret. */
  readonly onEvent?: (event: WorkerEvent) => void;
  /** How long the partner may be silent, and the notebook, in milliseconds. */
  readonly silenceMs?: number;
  readonly beatMs?: number;
}

export interface WorkerEvent {
  readonly event: string;
  readonly [detail: string]: string | number;
}

/** The figures of one worker; see WorkerFigures. */
export interface Counters {
  jobs: number;
  items: number;
  bytes: number;
  seconds: number;
  lost: number;
  refused: number;
}

const HELLO_MS = 2000;
/** How long to wait for a job at a time, so that a pair that ends is noticed. */
const PULL_MS = 2000;
const WORKING_MS = 3000;
/** How long the notebook may be silent before all secrets are overwritten. */
const BEAT_MS = 10_000;
/** How long a partner may be silent. */
const SILENCE_MS = 3000;
/** How long NATS may refuse a result before the pair gives up. */
const HAND_OVER_MS = 60_000;
const RETRY_MS = 500;

/**
 * One worker of an organisation: it waits for a ticket of its notebook, meets the other organisation's worker that the
 * ticket names, and makes jobs with it until either notebook is gone. It is a half of one pair at a time.
 */
export class FactoryWorker {
  readonly id = randomBytes(8).toString("hex");
  readonly counters: Counters = { jobs: 0, items: 0, bytes: 0, seconds: 0, lost: 0, refused: 0 };
  readonly #options: WorkerOptions;
  readonly #seal: FleetSeal;
  #ticketKeys = Keys.generate();
  #keys = Keys.generate();
  #nats: NatsConnection | undefined;
  #jetstream: JetStreamClient | undefined;
  #state: WorkerState = "free";
  #paired: Paired | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#seal = new FleetSeal(options.identity);
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Connect to NATS, and serve until `stop`. */
  async start(): Promise<void> {
    const nats = await connectNats(this.#options.nats, `spdzlab worker ${this.id}`);
    this.#nats = nats;
    this.#jetstream = jetstream(nats);
    nats.subscribe(workerSubject(this.id), { callback: (_, message) => void this.#hear(message) });
    this.#timer = setInterval(() => this.#tick(), HELLO_MS);
    this.#hello();
    this.#tell({ event: "started", worker: this.id });
  }

  /** Finish the run in progress, then leave. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#state !== "busy") this.#end(new SpdzError("closed", "the worker stops"));
    await this.#running;
    clearInterval(this.#timer);
    await this.#nats?.close();
    this.#seal.destroy();
    this.#tell({ event: "stopped", worker: this.id });
  }

  #tick(): void {
    const paired = this.#paired;
    if (paired && performance.now() - paired.beatAt > (this.#options.beatMs ?? BEAT_MS))
      this.#end(new SpdzError("timeout", "the notebook is gone"));
    this.#hello();
  }

  #hello(): void {
    const { jobs, items, bytes, seconds, lost } = this.counters;
    const hello: Hello = {
      id: this.id,
      state: this.#state,
      ticketKey: this.#ticketKeys.publicKey,
      key: this.#keys.publicKey,
      pair: this.#paired?.ticket.pair,
      figures: { jobs, items, bytes, seconds, lost },
    };
    if (this.#stopping) return;
    try {
      this.#nats?.publish(HELLO, this.#seal.sign("hello", JSON.stringify(hello)));
    } catch {
      // NATS is away; it will hear the next one.
    }
  }

  async #hear(message: Msg): Promise<void> {
    const text = this.#seal.verify(`request ${this.id}`, message.data);
    const request = text === undefined ? undefined : readRequest(text);
    if (!request) {
      this.counters.refused++;
      return;
    }
    if (request.type === "ticket") {
      const answer = await this.#admit(request.pair, Buffer.from(request.sealed, "base64"));
      message.respond(this.#seal.sign(`answer ${request.pair}`, JSON.stringify(answer)));
      return;
    }
    const paired = this.#paired;
    if (paired?.ticket.pair !== request.pair || request.count <= paired.count) return;
    paired.count = request.count;
    if (request.type === "beat") paired.beatAt = performance.now();
    else this.#end(new SpdzError("closed", "the notebook ended the pair"));
  }

  /** Become a half of a pair. A ticket fits the key of this moment only, so it serves once. */
  async #admit(pair: string, sealed: Uint8Array): Promise<Answer> {
    if (this.#state !== "free" || this.#stopping) return { ok: false };
    const text = this.#seal.openTicket(this.#ticketKeys, `${this.id} ${pair}`, sealed);
    const ticket = text === undefined ? undefined : readTicket(text);
    if (ticket?.pair !== pair || (ticket.party === 1 && ticket.address === undefined)) {
      this.counters.refused++;
      return { ok: false };
    }
    this.#state = "pairing";
    this.#ticketKeys = Keys.generate();
    try {
      const { bind, advertise, ports } = this.#options;
      const port = ticket.party === 0 ? await freePort(bind, ports) : 0;
      if (this.#stopping) throw new SpdzError("closed", "the worker stops");
      const silenceMs = this.#options.silenceMs ?? SILENCE_MS;
      const channel = connectZeroMq(ticket.party, {
        ...(ticket.party === 0 ? { bind: `tcp://${bind}:${port}` } : { peer: ticket.address }),
        identity: { keys: this.#keys, peerKey: ticket.peerKey },
        settings: { pair: ticket.pair },
        timeoutMs: 5 * silenceMs,
        resumeMs: silenceMs,
        silenceMs,
      });
      const link = new ChannelLink(channel);
      const paired = { ticket, link, beatAt: performance.now(), count: 0 };
      this.#paired = paired;
      this.#running = this.#serve(paired);
      return { ok: true, address: ticket.party === 0 ? `tcp://${advertise}:${port}` : undefined };
    } catch (error) {
      this.#tell({ event: "not paired", pair, why: codeOf(error) });
      this.#free();
      return { ok: false };
    }
  }

  async #serve(paired: Paired): Promise<void> {
    const { ticket, link } = paired;
    let pair: Pair | undefined;
    try {
      await link.channel.connected;
      pair = await Pair.open(link, ticket);
      this.#become("ready");
      this.#tell({ event: "paired", pair: ticket.pair, sid: ticket.sid });
      if (ticket.party === 0) await this.#lead(paired, pair);
      else while (!this.#stopping) await this.#follow(paired, pair);
      throw new SpdzError("closed", "the worker stops");
    } catch (error) {
      this.#tell({ event: "unpaired", pair: ticket.pair, why: codeOf(error) });
      link.fail(error as Error);
    } finally {
      pair?.destroy();
      this.#free();
    }
  }

  /** Pull jobs, name them to the partner, and make them. */
  async #lead({ ticket, link }: Paired, pair: Pair): Promise<void> {
    const consumer = await this.#jetstream!.consumers.get(JOBS, ticket.sid);
    while (!link.failure && !this.#stopping) {
      const pulling = this.#pull(consumer);
      const message = await Promise.race([pulling, link.ended]);
      if (message instanceof Error) {
        // A job that arrives as the pair ends goes to another.
        void pulling.then((late) => late?.nak());
        throw message;
      }
      if (!message) continue;
      const job = jobOf(message);
      if (!job) {
        message.term();
        this.counters.refused++;
        continue;
      }
      if (link.failure) {
        message.nak();
        break;
      }
      const working = setInterval(() => message.working(), WORKING_MS);
      try {
        await this.#make(ticket, job, () => pair.lead(job));
        await pair.partnerDone();
        message.ack();
      } catch (error) {
        message.nak();
        throw error;
      } finally {
        clearInterval(working);
      }
      this.#become("ready");
    }
    if (link.failure) throw link.failure;
  }

  async #pull(consumer: { next(options: { expires: number }): Promise<JsMsg | null> }) {
    try {
      return await consumer.next({ expires: PULL_MS });
    } catch {
      // NATS is away. The notebook ends the pair if it stays so.
      await later(RETRY_MS);
      return null;
    }
  }

  async #follow({ ticket, link }: Paired, pair: Pair): Promise<void> {
    const making = pair.follow((job) => this.#begin(job));
    const made = await Promise.race([making, link.ended]);
    if (made instanceof Error) throw made;
    await this.#handOver(ticket, made);
    pair.sayDone();
    this.#become("ready");
  }

  async #make(ticket: Ticket, job: Job, make: () => Promise<SealedRun>): Promise<void> {
    this.#begin(job);
    await this.#handOver(ticket, await make());
  }

  #begin(job: Job): void {
    this.#become("busy");
    this.#begun = performance.now();
    this.#tell({ event: "job", job: job.job, kind: job.kind, count: job.count });
  }

  #begun = 0;

  /** Publish a run. What is sent again is the same bytes: nothing is sealed twice. */
  async #handOver({ sid, pair }: Ticket, { job, run, chunks }: SealedRun): Promise<void> {
    await Promise.all(
      chunks.map((chunk, i) => this.#publish(resultSubject(sid, job.job, run, i, chunks.length), chunk)),
    );
    const { counters } = this;
    counters.jobs++;
    counters.items += job.count;
    counters.bytes += chunks.reduce((sum, { length }) => sum + length, 0);
    counters.seconds += (performance.now() - this.#begun) / 1000;
    this.#tell({ event: "made", pair, job: job.job, run, kind: job.kind, count: job.count });
  }

  async #publish(subject: string, chunk: Uint8Array): Promise<void> {
    const until = performance.now() + HAND_OVER_MS;
    for (;;) {
      try {
        await this.#jetstream!.publish(subject, chunk, { msgID: subject, timeout: 5000 });
        return;
      } catch (error) {
        if (!this.#paired || performance.now() > until) throw error;
        await later(RETRY_MS);
      }
    }
  }

  #become(state: WorkerState): void {
    this.#state = state;
    if (state === "ready") this.#hello();
  }

  #free(): void {
    if (this.#state === "busy") this.counters.lost++;
    this.#paired = undefined;
    this.#keys = Keys.generate();
    this.#become("free");
    this.#hello();
  }

  #end(error: Error): void {
    this.#paired?.link.fail(error);
  }

  #tell(event: WorkerEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** The pair that a worker belongs to. */
interface Paired {
  readonly ticket: Ticket;
  readonly link: ChannelLink;
  /** When the notebook was last heard. */
  beatAt: number;
  /** The highest count of its messages. */
  count: number;
}

function jobOf(message: JsMsg): Job | undefined {
  try {
    return readJob(message.json());
  } catch {
    return undefined;
  }
}

/** The stable code of an error, which never holds a secret. */
function codeOf(error: unknown): string {
  return error instanceof SpdzError ? error.code : ((error as Error).name ?? "unknown");
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Find a port of the range that is free, from a random one on. */
async function freePort(host: string, [first, last]: readonly [number, number]): Promise<number> {
  const ports = last - first + 1;
  const start = randomBytes(2).readUInt16BE() % ports;
  for (let i = 0; i < ports; i++) {
    const port = first + ((start + i) % ports);
    if (await isFree(host, port)) return port;
  }
  throw new SpdzError("ports", `no port from ${first} to ${last} is free`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
