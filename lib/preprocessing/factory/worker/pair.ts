import type { OperationLink } from "../../../channel/operation-link";
import { createPrivateRandom, type Prg } from "../../../crypto/prg";
import { TransportError } from "../../../errors";
import type { ProducerState } from "../../production";
import { semiHonestMakers } from "../../semi-honest/items";
import { semiHonestProduction } from "../../semi-honest/production";
import { isFactoryKind, type Job, joinBatches, packItems, readJob, split } from "../wire/job";
import type { Ticket } from "../wire/messages";
import { nameRun, RunSealer } from "../wire/run";

/** A worker's half of a run, sealed for its notebook. */
export interface SealedRun {
  readonly job: Job;
  readonly run: string;
  readonly chunks: readonly Uint8Array[];
}

/** The longest name of a job. */
const NAME_BYTES = 1024;
const DONE = 1;

/**
 * One of two workers that make runs together. Its state is drawn for this connection by both of them, and each run goes on
 * where the last one ended. So no two runs share any randomness, however often a job is delivered.
 */
export class Pair {
  readonly #link: OperationLink;
  readonly #state: ProducerState;
  readonly #random: Prg;
  readonly #sealer: RunSealer;
  #runs = 0;

  private constructor(link: OperationLink, state: ProducerState, random: Prg, sealer: RunSealer) {
    this.#link = link;
    this.#state = state;
    this.#random = random;
    this.#sealer = sealer;
  }

  /** Set up base transfers with the partner. */
  static async open(link: OperationLink, ticket: Ticket): Promise<Pair> {
    const random = createPrivateRandom();
    const resultKey = new Uint8Array(Buffer.from(ticket.resultKey, "hex"));
    try {
      const state = await semiHonestProduction().open(link, random);
      const sealer = new RunSealer(ticket, ticket.pair, resultKey, state.identity.session);
      return new Pair(link, state, random, sealer);
    } catch (error) {
      random.destroy();
      throw error;
    } finally {
      resultKey.fill(0);
    }
  }

  /** At party 0: make a job together with the partner. */
  lead(job: Job): Promise<SealedRun> {
    const name = new TextEncoder().encode(JSON.stringify(job));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, name.length);
    this.#link.send(length);
    this.#link.send(name);
    return this.#make(job);
  }

  /** At party 1: wait until the partner names a job, and make it. @param onJob - called before it is made */
  async follow(onJob: (job: Job) => void): Promise<SealedRun> {
    const header = await this.#link.receive(4);
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0);
    if (length > NAME_BYTES) throw new TransportError("malformed", "the partner named no job");
    const name = new TextDecoder().decode(await this.#link.receive(length));
    const job = parseJob(name);
    if (!job) throw new TransportError("malformed", "the partner named no job");
    onJob(job);
    return this.#make(job);
  }

  /** At party 1: tell the partner that this half is handed over. */
  sayDone(): void {
    this.#link.send(Uint8Array.of(DONE));
  }

  /** At party 0: wait for it. */
  async partnerDone(): Promise<void> {
    await this.#link.receive(1);
  }

  /** Overwrite all secrets. */
  destroy(): void {
    this.#state.destroy();
    this.#random.destroy();
    this.#sealer.destroy();
  }

  async #make(job: Job): Promise<SealedRun> {
    const { kind, count } = job;
    if (!isFactoryKind(kind)) throw new TypeError(kind);
    const run = nameRun(this.#sealer.connection, this.#runs++);
    const batches = [];
    for (const part of split(count, semiHonestMakers[kind].most))
      batches.push(await this.#state.make(this.#link, kind, part));
    const items = packItems(joinBatches(batches));
    return { job, run, chunks: this.#sealer.seal(job, run, items) };
  }
}

function parseJob(text: string): Job | undefined {
  try {
    return readJob(JSON.parse(text));
  } catch {
    return undefined;
  }
}
