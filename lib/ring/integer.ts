/** Integers as callers pass them: native BigInt, or JSBI where there is none. */

import JSBI from "jsbi";

export type Integer = bigint | JSBI;

/** @throws {TypeError} the value is neither a bigint nor a JSBI */
export function toBigInt(value: Integer): bigint {
  if (typeof value === "bigint") return value;
  // Check behaviour instead of class: a program may load two copies of jsbi, one for each module system.
  if (Array.isArray(value) && typeof (value as unknown as { sign?: unknown }).sign === "boolean") {
    const text = value.toString(16);
    return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }
  throw new TypeError(`expected a bigint or a JSBI, got a ${typeof value}`);
}

/** Convert to this library's copy of jsbi. */
export function toJSBI(value: Integer): JSBI {
  return value instanceof JSBI ? value : JSBI.BigInt(toBigInt(value).toString());
}
