/**
 * The group ristretto255 (RFC 9496), computed by libsodium in WebAssembly, without branches or table look-ups that depend
 * on secrets. Elements and scalars are their 32 bytes. Call `ready` before anything else.
 *
 * libsodium copies what it is given into its own memory and does not overwrite it there: each thread has such a memory,
 * and it ends with the thread.
 */
import sodium from "libsodium-wrappers-sumo";
import type { ByteSource } from "../ring";
import { concatBytes, drawBytes, wipe } from "./bytes";
import { hashLabelled } from "./hash";

export const ELEMENT_BYTES = 32;
/** Bytes from which a uniform element or scalar is made. */
const UNIFORM_BYTES = 64;

/** Wait until libsodium is loaded. */
export function ready(): Promise<void> {
  return sodium.ready;
}

/** Draw a uniform scalar. The caller overwrites it. */
export function drawScalar(source: ByteSource): Uint8Array {
  const bytes = drawBytes(source, UNIFORM_BYTES);
  const scalar = sodium.crypto_core_ristretto255_scalar_reduce(bytes);
  wipe(bytes);
  return scalar;
}

/** Draw a uniform element whose logarithm nobody knows. */
export function drawElement(source: ByteSource): Uint8Array {
  return sodium.crypto_core_ristretto255_from_hash(drawBytes(source, UNIFORM_BYTES));
}

/** Hash byte strings to an element. Two labels stand for the two halves of the 64 bytes that the group's map wants. */
export function hashToElement(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const halves = ["low", "high"].map((half) => hashLabelled(`${label}/${half}`, ...parts));
  return sodium.crypto_core_ristretto255_from_hash(concatBytes(...halves));
}

/** Whether bytes that were received are the one encoding of an element other than the neutral one. */
export function isElement(bytes: Uint8Array): boolean {
  return !isNeutral(bytes) && sodium.crypto_core_ristretto255_is_valid_point(bytes);
}

export function isNeutral(element: Uint8Array): boolean {
  return element.every((byte) => byte === 0);
}

export function add(a: Uint8Array, b: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_add(a, b);
}

export function subtract(a: Uint8Array, b: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_sub(a, b);
}

/** Multiply the group's generator by a scalar other than zero. */
export function multiplyBase(scalar: Uint8Array): Uint8Array {
  return sodium.crypto_scalarmult_ristretto255_base(scalar);
}

/** Multiply an element other than the neutral one by a scalar other than zero. */
export function multiply(scalar: Uint8Array, element: Uint8Array): Uint8Array {
  return sodium.crypto_scalarmult_ristretto255(scalar, element);
}
