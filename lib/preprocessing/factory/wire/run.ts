import type { Party } from "../../../channel/channel";
import { concatBytes } from "../../../crypto/bytes";
import { hashLabelled } from "../../../crypto/hash";
import type { Job } from "./job";
import { deriveKey, seal, unseal } from "./seal";

/**
 * A run is what one pair of workers made for a job. Each party's half travels to its own notebook in sealed chunks. A job
 * that is delivered twice, or published again, leads to another run with other randomness; the notebooks choose one.
 */

/** Below NATS's largest message, 1 MiB by default, with room for headers. */
export const CHUNK_BYTES = 960 * 1024;
/** Larger than any job's. */
export const MOST_CHUNKS = 16;

const PAIR = 8;
const CONNECTION = 32;
const RUN = 16;
const NONCE = 12;
const HEADER = PAIR + CONNECTION + RUN + NONCE;

/** Return how many chunks hold so many bytes. */
export const chunksOf = (bytes: number) => Math.max(1, Math.ceil(bytes / CHUNK_BYTES));

/** Who made a run, for whom. */
export interface RunContext {
  /** The party's part of a session, as the subjects name it. */
  readonly sid: string;
  readonly party: Party;
}

/** A chunk's clear part. Nothing in it is believed before the seal is checked. */
export interface ChunkHeader {
  /** The pair of workers, in hex. */
  readonly pair: string;
  /** The name of the run, in hex. */
  readonly run: string;
  readonly connection: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Name the next run of a connection between two workers; both get the same name. */
export function nameRun(connection: Uint8Array, counter: number): string {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(counter));
  return Buffer.from(hashLabelled("factory/run", connection, number).subarray(0, RUN)).toString("hex");
}

/** Seals one worker's halves of runs, each once; a chunk that is sent again is sent as it is. */
export class RunSealer {
  readonly #key: Uint8Array;
  #chunks = 0n;

  /**
   * @param resultKey - the key in the pair's ticket
   * @param connection - names this connection between the two workers; both have drawn a part of it
   */
  constructor(
    readonly context: RunContext,
    readonly pair: string,
    resultKey: Uint8Array,
    readonly connection: Uint8Array,
  ) {
    this.#key = deriveKey("results", resultKey, connection);
  }

  /** Seal a job's items in chunks, and overwrite them. */
  seal(job: Job, run: string, items: Uint8Array): Uint8Array[] {
    const chunks = chunksOf(items.length);
    const sealed = Array.from({ length: chunks }, (_, i) => {
      const nonce = new Uint8Array(NONCE);
      new DataView(nonce.buffer).setBigUint64(4, this.#chunks++);
      const text = items.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
      return concatBytes(
        Buffer.from(this.pair, "hex"),
        this.connection,
        Buffer.from(run, "hex"),
        nonce,
        seal(this.#key, nonce, contextOf(this.context, job, run, i, chunks), text),
      );
    });
    items.fill(0);
    return sealed;
  }

  destroy(): void {
    this.#key.fill(0);
  }
}

/** @returns undefined if the bytes are too short for a chunk */
export function readHeader(bytes: Uint8Array): ChunkHeader | undefined {
  if (bytes.length < HEADER) return undefined;
  const part = (from: number, length: number) => bytes.subarray(from, from + length);
  const hex = (part: Uint8Array) => Buffer.from(part).toString("hex");
  return {
    pair: hex(part(0, PAIR)),
    connection: part(PAIR, CONNECTION),
    run: hex(part(PAIR + CONNECTION, RUN)),
    nonce: part(PAIR + CONNECTION + RUN, NONCE),
    sealed: bytes.subarray(HEADER),
  };
}

/**
 * Open chunk `index` of a job's run.
 *
 * @param resultKey - the key of the pair that the header names
 * @returns undefined if this is not that chunk of a run for that job, this session and this party
 */
export function openChunk(
  context: RunContext,
  resultKey: Uint8Array,
  job: Job,
  { connection, run, nonce, sealed }: ChunkHeader,
  index: number,
  chunks: number,
): Uint8Array | undefined {
  const key = deriveKey("results", resultKey, connection);
  const text = unseal(key, nonce, contextOf(context, job, run, index, chunks), sealed);
  key.fill(0);
  return text;
}

function contextOf(
  { sid, party }: RunContext,
  { job, kind, start, count }: Job,
  run: string,
  index: number,
  chunks: number,
): Uint8Array {
  const text = [sid, party, job, kind, start, count, run, index, chunks].join("/");
  return new TextEncoder().encode(text);
}
