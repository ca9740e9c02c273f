import {
  AckPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ensureStreams } from "../nats/streams";
import { JOBS, jobSubject, jobsOf, RESULTS, readResultSubject, resultsOf, SECOND } from "../nats/subjects";
import type { Job } from "../wire/job";

const RETRY_MS = 1000;
/** A worker says every three seconds that it works. */
const JOB_WAIT = 12 * SECOND;
const RESULT_WAIT = 60 * SECOND;
const INACTIVE = 600 * SECOND;
/** Chunks that may be on their way to the notebook. */
const AHEAD = 32;

/** A chunk as it arrived. */
export interface ArrivedChunk {
  readonly job: number;
  readonly run: string;
  readonly chunk: number;
  readonly chunks: number;
  readonly data: Uint8Array;
}

/** A session's part of its organisation's NATS: the queue of its jobs, and the stream of its results. */
export class Exchange {
  readonly #nats: NatsConnection;
  readonly #sid: string;
  readonly #jetstream: JetStreamClient;
  #manager: JetStreamManager | undefined;
  #closed = false;

  /** @param onChunk - called with each chunk, in any order, perhaps more than once */
  constructor(nats: NatsConnection, sid: string, onChunk: (chunk: ArrivedChunk) => void) {
    this.#nats = nats;
    this.#sid = sid;
    this.#jetstream = jetstream(nats);
    void this.#receive(onChunk);
  }

  /** Whether jobs can be published. */
  get open(): boolean {
    return this.#manager !== undefined && !this.#closed;
  }

  /** Publish a job. @returns false if it is in the queue already, or cannot be published */
  async publish(job: Job): Promise<boolean> {
    try {
      await this.#jetstream.publish(jobSubject(this.#sid, job.job), JSON.stringify(job), { timeout: 3000 });
      return true;
    } catch {
      return false;
    }
  }

  /** Take a job out of the queue, if no worker has it yet. */
  withdraw(job: number): void {
    this.#manager?.streams.purge(JOBS, { filter: jobSubject(this.#sid, job) }).catch(() => undefined);
  }

  /** Remove what is left of the session. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const manager = this.#manager;
    if (!manager || this.#nats.isClosed()) return;
    await Promise.allSettled([
      manager.consumers.delete(JOBS, this.#sid),
      manager.consumers.delete(RESULTS, this.#sid),
      manager.streams.purge(JOBS, { filter: jobsOf(this.#sid) }),
      manager.streams.purge(RESULTS, { filter: resultsOf(this.#sid) }),
    ]);
  }

  async #prepare(): Promise<void> {
    const manager = await ensureStreams(this.#nats);
    const common = { durable_name: this.#sid, ack_policy: AckPolicy.Explicit, inactive_threshold: INACTIVE };
    await manager.consumers.add(JOBS, {
      ...common,
      filter_subject: jobsOf(this.#sid),
      ack_wait: JOB_WAIT,
      max_ack_pending: 256,
    });
    await manager.consumers.add(RESULTS, {
      ...common,
      filter_subject: resultsOf(this.#sid),
      ack_wait: RESULT_WAIT,
      max_ack_pending: 2 * AHEAD,
    });
    this.#manager = manager;
  }

  async #receive(onChunk: (chunk: ArrivedChunk) => void): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#prepare();
        const consumer = await this.#jetstream.consumers.get(RESULTS, this.#sid);
        const messages = await consumer.consume({ max_messages: AHEAD });
        for await (const message of messages) {
          if (this.#closed) break;
          this.#take(message, onChunk);
        }
      } catch {
        // NATS is away, or was set up anew.
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    }
  }

  #take(message: JsMsg, onChunk: (chunk: ArrivedChunk) => void): void {
    const named = readResultSubject(message.subject);
    if (named) onChunk({ ...named, data: message.data });
    message.ack();
  }
}
