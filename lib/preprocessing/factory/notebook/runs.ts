import { bytesOfJob, type Job } from "../wire/job";
import { CHUNK_BYTES, type ChunkHeader, chunksOf, openChunk, type RunContext } from "../wire/run";

/** Runs of one job that are held at once; a job is tried again a few times at most. */
const MOST_RUNS = 6;

interface HeldRun {
  readonly items: Uint8Array;
  readonly arrived: Set<number>;
}

/** The runs of one job that have arrived at this notebook. One of them is taken, once; the others are overwritten. */
export class Runs {
  readonly #runs = new Map<string, HeldRun>();
  #over = false;

  constructor(
    readonly context: RunContext,
    readonly job: Job,
  ) {}

  /** The runs that are complete, the first one first. */
  get complete(): string[] {
    return [...this.#runs].filter(([, run]) => this.#isComplete(run)).map(([name]) => name);
  }

  /**
   * Add a chunk.
   *
   * @returns whether it was a new chunk of a run for this job
   */
  add(resultKey: Uint8Array, header: ChunkHeader, index: number, chunks: number): boolean {
    const size = bytesOfJob(this.job);
    if (this.#over || chunks !== chunksOf(size) || index >= chunks) return false;
    const held = this.#runs.get(header.run);
    if (held?.arrived.has(index)) return false;
    const part = openChunk(this.context, resultKey, this.job, header, index, chunks);
    if (!part) return false;
    const at = index * CHUNK_BYTES;
    if (part.length !== Math.min(CHUNK_BYTES, size - at)) return false;
    const run = held ?? { items: new Uint8Array(size), arrived: new Set<number>() };
    if (!held) {
      this.#makeRoom();
      this.#runs.set(header.run, run);
    }
    run.items.set(part, at);
    part.fill(0);
    run.arrived.add(index);
    return true;
  }

  /** Take a run, and overwrite all others. @returns undefined if it is not here, or one was taken before */
  take(name: string): Uint8Array | undefined {
    const run = this.#runs.get(name);
    if (this.#over || !run || !this.#isComplete(run)) return undefined;
    this.#runs.delete(name);
    this.destroy();
    return run.items;
  }

  /** Overwrite everything. */
  destroy(): void {
    this.#over = true;
    for (const { items } of this.#runs.values()) items.fill(0);
    this.#runs.clear();
  }

  #isComplete({ arrived }: HeldRun): boolean {
    return arrived.size === chunksOf(bytesOfJob(this.job));
  }

  /** Drop the oldest run that is not complete, if there are many. */
  #makeRoom(): void {
    if (this.#runs.size < MOST_RUNS) return;
    const [oldest] = [...this.#runs].filter(([, run]) => !this.#isComplete(run));
    const name = oldest?.[0] ?? this.#runs.keys().next().value!;
    this.#runs.get(name)!.items.fill(0);
    this.#runs.delete(name);
  }
}
