import { hashLabelled } from "../../crypto/hash";
import { createPrg, SEED_BYTES } from "../../crypto/prg";
import type { ByteSource } from "../../ring";

/** The stream of a seed under a name; streams of different names are independent. */
export function createStream(seed: Uint8Array, name: string): ByteSource {
  const key = hashLabelled("dealing", seed, new TextEncoder().encode(name));
  return createPrg(key.subarray(0, SEED_BYTES));
}
