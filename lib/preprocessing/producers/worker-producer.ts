import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { OperationLink } from "../../channel/operation-link";
import { type Exchange, type Gate, OPEN_GATE } from "../../crypto/gate";
import { createIdentity } from "../../crypto/identity";
import { debug } from "../../debug";
import { SpdzError } from "../../errors";
import type { Kind } from "../kinds/kinds";
import type { RawVector, ShareLayout } from "../kinds/raw";
import type { BatchSizes, Capabilities, Producer, ProductionCost, Resumption, SetUp } from "../producer";
import {
  type Answer,
  type FromWorker,
  fromPlainError,
  type ProducerWorkerData,
  type ToWorker,
} from "./messages";
import { PRODUCTIONS, type ProductionName } from "./productions";

/** How long a worker may take to overwrite its secrets at the end: its longest step on a busy machine. */
const GRACE_MS = 10_000;

/** Find the built script: beside this file in dist/, even when the tests run from source. */
function locate(): string {
  const file = "worker.js";
  const places = [join(__dirname, file), join(__dirname, "../../../dist/lib/preprocessing/producers", file)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error(`${file} is not built: run npm run build (looked for ${places.join(" and ")})`);
  return found;
}

/**
 * Makes correlated randomness in a thread of its own, so that this one stays free. All secret state lives in that
 * thread; its messages to the peer pass through this one, which has the connection.
 *
 * The set-up starts the thread. The thread keeps the process alive while it computes, as computing here would, but not
 * while it waits for the peer or for work.
 */
export class WorkerProducer implements Producer {
  readonly layout: ShareLayout;
  readonly capabilities: Capabilities;
  readonly concurrency = 1;
  readonly #production: ProductionName;
  #link: OperationLink | undefined;
  #gate = OPEN_GATE;
  /** Exchanges of commitments that the thread has begun and not settled. */
  readonly #exchanges = new Map<number, Exchange>();
  #worker: Worker | undefined;
  #asked: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  #failure: Error | undefined;
  /** Settles when the thread has ended, or at once if it was never started. */
  #gone: Promise<void> = Promise.resolve();

  /** @param script - for tests. Default: the built worker. */
  constructor(
    production: ProductionName,
    readonly script = locate(),
  ) {
    this.layout = PRODUCTIONS[production].layout;
    this.capabilities = PRODUCTIONS[production].capabilities;
    this.#production = production;
  }

  batch(kind: Kind): BatchSizes {
    return PRODUCTIONS[this.#production].batch(kind);
  }

  cost(kind: Kind): ProductionCost {
    return PRODUCTIONS[this.#production].cost(kind);
  }

  async setUp(link: OperationLink, resumption?: Resumption, gate: Gate = OPEN_GATE): Promise<SetUp> {
    if (this.#failure) throw this.#failure;
    this.#link = link;
    this.#gate = gate;
    const workerData: ProducerWorkerData = { party: link.party, production: this.#production, resumption };
    // The session's own threads use the cores already, so the worker gets no team of threads.
    const env = { ...process.env, SPDZLAB_THREADS: "1" };
    const worker = new Worker(this.script, { workerData, env, execArgv: [], stdin: false });
    worker.on("message", (message: FromWorker) => this.#hear(message));
    worker.on("error", (error) => this.#abortUnexpectedly(error));
    this.#gone = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#abortUnexpectedly(`exit code ${code}`);
        resolve();
      });
    });
    this.#worker = worker;
    const answer = await this.#answer();
    if (answer.type !== "ready") throw unexpected(answer);
    const identity = createIdentity(link.party, answer.session, undefined, gate);
    return { identity, alpha: answer.alpha, delta: answer.delta, seeds: answer.seeds };
  }

  async make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    if (this.#failure) throw this.#failure;
    const answer = this.#answer();
    this.#post({ type: "make", kind, count, start });
    const made = await answer;
    if (made.type !== "made") throw unexpected(made);
    debug("producer: made %d items of %s", count, kind);
    return [...made.fields];
  }

  destroy(error: Error): Promise<void> {
    this.#abort(error);
    this.#post({ type: "destroy" });
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker) {
      const timer = setTimeout(() => void worker.terminate(), GRACE_MS).unref();
      worker.once("exit", () => clearTimeout(timer));
    }
    return this.#gone;
  }

  #answer(): Promise<Answer> {
    this.#worker?.ref();
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
    });
  }

  #hear(message: FromWorker): void {
    if (this.#failure) return;
    switch (message.type) {
      case "send":
        this.#orAbort(() => this.#link!.send(message.payload, message.what));
        break;
      case "begin":
        this.#orAbort(() => this.#exchanges.set(message.exchange, this.#gate.begin(message.kind)));
        break;
      case "open":
        this.#open(message.exchange);
        break;
      case "settle":
        this.#exchanges.get(message.exchange)?.settle();
        this.#exchanges.delete(message.exchange);
        break;
      case "receive":
        this.#receive(message.length, message.what);
        break;
      case "failed":
        this.#abort(fromPlainError(message.error));
        break;
      default: {
        const asked = this.#asked;
        this.#asked = undefined;
        this.#worker?.unref();
        asked?.resolve(message);
      }
    }
  }

  /** Tell the gate, durably where that matters, that the thread opens its share, before the share gets here. */
  #open(exchange: number): void {
    // The gate refused the exchange, and this producer was aborted.
    if (!this.#exchanges.has(exchange)) return;
    this.#exchanges
      .get(exchange)!
      .open()
      .then(
        () => this.#post({ type: "opened", exchange }),
        (error: Error) => this.#abort(error),
      );
  }

  #orAbort(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#abort(error as Error);
    }
  }

  #receive(length: number, what: string | undefined): void {
    this.#worker?.unref();
    this.#link!.receive(length, what).then(
      (payload) => {
        if (this.#failure) return;
        this.#worker?.ref();
        // Copy it alone into a buffer: it may share one with other messages, or lie in one that cannot move.
        const moved = new Uint8Array(payload);
        this.#post({ type: "received", payload: moved }, moved.buffer);
      },
      (error: Error) => this.#abort(error),
    );
  }

  #post(message: ToWorker, ...moved: readonly ArrayBuffer[]): void {
    this.#worker?.postMessage(message, moved);
  }

  #abortUnexpectedly(cause: unknown): void {
    this.#abort(
      new SpdzError(
        "worker",
        "the thread that makes correlated randomness ended unexpectedly; make a new DistributedInterface on both sides",
        { cause },
      ),
    );
  }

  /** Reject everything from now on with the first error. */
  #abort(error: Error): void {
    if (this.#failure) return;
    debug("producer: ends, %s", error.name);
    this.#failure = error;
    this.#worker?.unref();
    this.#asked?.reject(error);
    this.#asked = undefined;
  }
}

function unexpected({ type }: Answer): SpdzError {
  return new SpdzError("internal", `the thread that makes correlated randomness answered "${type}"`);
}
