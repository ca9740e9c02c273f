/** Integers as callers have them: native, or JSBI's where there is no native BigInt. */

import JSBI from "jsbi";

export type Integer = bigint | JSBI;

/** @throws {TypeError} neither a bigint nor a JSBI */
export function toBigInt(value: Integer): bigint {
  if (typeof value === "bigint") return value;
  // By what it can do, not by its class: a program may hold two copies of jsbi, one of each module system.
  if (Array.isArray(value) && typeof (value as unknown as { sign?: unknown }).sign === "boolean") {
    const text = value.toString(16);
    return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }
  throw new TypeError(`an integer is a bigint or a JSBI, not a ${typeof value}`);
}

/** A JSBI of this library's copy of jsbi. */
export function toJSBI(value: Integer): JSBI {
  return value instanceof JSBI ? value : JSBI.BigInt(toBigInt(value).toString());
}
