import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { OperationLink } from "../../channel/operation-link";
import { type Exchange, type Gate, OPEN_GATE } from "../../crypto/gate";
import { createIdentity } from "../../crypto/identity";
import { SpdzError } from "../../errors";
import type { Kind } from "../kinds/kinds";
import type { Layout, RawVector } from "../kinds/raw";
import type { BatchSizes, Offers, Producer, ProductionCost, Resumption, SetUp } from "../producer";
import { type Answer, type FromWorker, fromPlainError, type ToWorker, type WorkerData } from "./messages";
import { METHODS, type MethodName } from "./productions";

/** What a worker may take to overwrite its secrets at the end: its longest step, on a busy machine. */
const GRACE_MS = 10_000;

/** The built script lies beside this file in dist/, also when the tests run from source. */
function locate(): string {
  const file = "worker.js";
  const places = [join(__dirname, file), join(__dirname, "../../../dist/lib/preprocessing/producers", file)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error(`${file} is not built: run npm run build (looked for ${places.join(" and ")})`);
  return found;
}

/**
 * Makes correlated randomness in a thread of its own, so that this one stays free. The machine lives there; its
 * messages to the peer pass through here, where the connection is.
 *
 * The thread starts with the set-up. It keeps the process alive while it computes, as computing here would, but not
 * while it waits for the peer or for work.
 */
export class WorkerProducer implements Producer {
  readonly layout: Layout;
  readonly offers: Offers;
  readonly concurrency = 1;
  readonly #method: MethodName;
  #link: OperationLink | undefined;
  #gate = OPEN_GATE;
  /** The thread's exchanges of commitments that are not settled. */
  readonly #exchanges = new Map<number, Exchange>();
  #worker: Worker | undefined;
  #asked: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  #failure: Error | undefined;
  /** Settles when the thread has ended, or at once while it has not begun. */
  #gone: Promise<void> = Promise.resolve();

  /** @param script - another one than ours, for tests */
  constructor(
    method: MethodName,
    readonly script = locate(),
  ) {
    this.layout = METHODS[method].layout;
    this.offers = METHODS[method].offers;
    this.#method = method;
  }

  batch(kind: Kind): BatchSizes {
    return METHODS[this.#method].batch(kind);
  }

  cost(kind: Kind): ProductionCost {
    return METHODS[this.#method].cost(kind);
  }

  async setUp(link: OperationLink, resumption?: Resumption, gate: Gate = OPEN_GATE): Promise<SetUp> {
    if (this.#failure) throw this.#failure;
    this.#link = link;
    this.#gate = gate;
    const workerData: WorkerData = { party: link.party, method: this.#method, resumption };
    // It shares the machine with the session's own threads, and wants no team of its own.
    const env = { ...process.env, SPDZLAB_THREADS: "1" };
    const worker = new Worker(this.script, { workerData, env, execArgv: [], stdin: false });
    worker.on("message", (message: FromWorker) => this.#hear(message));
    worker.on("error", (error) => this.#die(error));
    this.#gone = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#die(`exit code ${code}`);
        resolve();
      });
    });
    this.#worker = worker;
    const answer = await this.#answer();
    if (answer.type !== "ready") throw unexpected(answer);
    const identity = createIdentity(link.party, answer.session, undefined, gate);
    return { identity, alpha: answer.alpha, seeds: answer.seeds };
  }

  async make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    if (this.#failure) throw this.#failure;
    const answer = this.#answer();
    this.#post({ type: "make", kind, count, start });
    const made = await answer;
    if (made.type !== "made") throw unexpected(made);
    return [...made.fields];
  }

  destroy(error: Error): Promise<void> {
    this.#fail(error);
    this.#post({ type: "end" });
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
        this.#orFail(() => this.#link!.send(message.payload, message.what));
        break;
      case "begin":
        this.#orFail(() => this.#exchanges.set(message.exchange, this.#gate.begin(message.kind)));
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
        this.#fail(fromPlainError(message.error));
        break;
      default: {
        const asked = this.#asked;
        this.#asked = undefined;
        this.#worker?.unref();
        asked?.resolve(message);
      }
    }
  }

  /** The gate knows that the thread opens its share, durably where that matters, before the share gets here. */
  #open(exchange: number): void {
    // The gate refused it, and everything has failed.
    if (!this.#exchanges.has(exchange)) return;
    this.#exchanges
      .get(exchange)!
      .open()
      .then(
        () => this.#post({ type: "opened", exchange }),
        (error: Error) => this.#fail(error),
      );
  }

  #orFail(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #receive(length: number, what: string | undefined): void {
    this.#worker?.unref();
    this.#link!.receive(length, what).then(
      (payload) => {
        if (this.#failure) return;
        this.#worker?.ref();
        // A copy alone in its buffer: what came may lie in one with other messages, or in one that cannot move.
        const moved = new Uint8Array(payload);
        this.#post({ type: "received", payload: moved }, moved.buffer);
      },
      (error: Error) => this.#fail(error),
    );
  }

  #post(message: ToWorker, ...moved: readonly ArrayBuffer[]): void {
    this.#worker?.postMessage(message, moved);
  }

  #die(cause: unknown): void {
    this.#fail(
      new SpdzError(
        "worker",
        "the thread that makes correlated randomness ended unexpectedly; make a new DistributedInterface on both sides",
        { cause },
      ),
    );
  }

  /** Everything fails from now on; the first error stays. */
  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#worker?.unref();
    this.#asked?.reject(error);
    this.#asked = undefined;
  }
}

function unexpected({ type }: Answer): SpdzError {
  return new SpdzError("internal", `the thread that makes correlated randomness answered "${type}"`);
}
