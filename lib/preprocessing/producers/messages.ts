/** Messages between a session's thread and the thread that makes its correlated randomness. */

import type { Party } from "../../channel/channel";
import type { CommittedKind } from "../../crypto/gate";
import {
  CheckError,
  type CheckKind,
  DesyncError,
  SpdzError,
  TransportError,
  type TransportReason,
} from "../../errors";
import type { Kind } from "../kinds/kinds";
import type { RawVector } from "../kinds/raw";
import type { Resumption } from "../producer";
import type { ProductionName } from "./productions";

/** The data that the worker starts with. It begins the set-up at once. */
export interface ProducerWorkerData {
  readonly party: Party;
  readonly production: ProductionName;
  readonly resumption: Resumption | undefined;
}

/** To the worker: a message of the peer that it asked for, permission to open, a batch to make, or the end. */
export type ToWorker =
  | { readonly type: "received"; readonly payload: Uint8Array }
  | { readonly type: "opened"; readonly exchange: number }
  | { readonly type: "make"; readonly kind: Kind; readonly count: number; readonly start: number }
  | { readonly type: "destroy" };

/** The worker's answer to the set-up or to a batch. */
export type Answer =
  | {
      readonly type: "ready";
      readonly session: Uint8Array;
      readonly alpha: bigint;
      readonly delta: Uint8Array | undefined;
      readonly seeds: Uint8Array;
    }
  | { readonly type: "made"; readonly fields: readonly RawVector[] };

/**
 * From the worker: a message for the peer, the state of an exchange of commitments, an answer, or the error instead of
 * one. Messages arrive in the order in which they are posted, so the session's gate knows of a commitment or an
 * opening before its bytes reach the link.
 */
export type FromWorker =
  | { readonly type: "begin"; readonly exchange: number; readonly kind: CommittedKind }
  | { readonly type: "open"; readonly exchange: number }
  | { readonly type: "settle"; readonly exchange: number }
  | { readonly type: "send"; readonly payload: Uint8Array; readonly what: string | undefined }
  | { readonly type: "receive"; readonly length: number; readonly what: string | undefined }
  | Answer
  | { readonly type: "failed"; readonly error: PlainError };

/** An error as data, with what the other thread needs to make it one of our classes again. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** A CheckError's check, or a TransportError's reason. */
  readonly detail?: string;
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message } = error;
  if (!(error instanceof SpdzError)) return { name, message };
  const plain = { name, message, code: error.code };
  if (error instanceof CheckError) return { ...plain, detail: error.check };
  if (error instanceof TransportError) return { ...plain, detail: error.reason };
  return plain;
}

export function fromPlainError({ name, message, code, detail }: PlainError): Error {
  switch (name) {
    case "CheckError":
      return new CheckError(detail as CheckKind, message);
    case "TransportError":
      return new TransportError(detail as TransportReason, message);
    case "DesyncError":
      return new DesyncError(message);
    case "TypeError":
      return new TypeError(message);
    case "RangeError":
      return new RangeError(message);
    default:
      return code === undefined ? new Error(message) : new SpdzError(code, message);
  }
}

/**
 * Return the same bytes alone in a buffer that can move to another thread. If that takes a copy, overwrite the original
 * bytes.
 */
export function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength)
    return bytes as Uint8Array<ArrayBuffer>;
  const moved = new Uint8Array(bytes);
  bytes.fill(0);
  return moved;
}

/** Return the buffers of movable arrays, each once. */
export function buffersOf(...arrays: readonly Uint8Array[]): ArrayBuffer[] {
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}
