import { promises as fs } from "node:fs";
import { cannot } from "../files";
import type { Value } from "../ops/signature";
import type { FloatTensor } from "../tensor/float-tensor";
import type { TensorInput } from "../tensor/input";
import type { LongTensor } from "../tensor/long-tensor";

/** Plain tensors by name, as a file of several holds them. */
export type NamedTensors = Record<string, FloatTensor | LongTensor>;

/** Plain values by name, such as a revealed model's `stateDict()`; secrets are refused. */
export type NamedValues = Readonly<Record<string, Value | LongTensor | TensorInput>>;

export async function readAll(path: string): Promise<Uint8Array> {
  try {
    return await fs.readFile(path);
  } catch (cause) {
    throw cannot("read", path, cause);
  }
}

/** @throws {TypeError} the values are not given by name, or one of them is a secret */
export function namedEntries(values: unknown, what: string): [name: string, value: unknown][] {
  if (typeof values !== "object" || values === null || Array.isArray(values) || "shape" in values)
    throw new TypeError(`${what}: pass the tensors by name, such as { weights, bias }`);
  const entries = Object.entries(values);
  for (const [name, value] of entries)
    if (typeof value === "object" && value !== null && "iface" in value)
      throw new TypeError(
        `${what}: ${JSON.stringify(name)} is secret; reveal it first, or save shares with iface.save`,
      );
  return entries;
}
