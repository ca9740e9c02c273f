import { expect, test } from "vitest";
import { seedOf } from "../../../test/support/machines";
import { FixedKeyCipher } from "../../crypto/block-hash";
import { drawBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { OtKernels } from "../wasm/kernels";
import { PadHash } from "./pads";

const random = createPrg(seedOf(3));

test("a pad is π(y) ⊕ y for the row plus its own multiple of a public coin", () => {
  const kernels = new OtKernels();
  const count = 5;
  const rows = drawBytes(random, count * 16);
  const coins = drawBytes(createPrg(seedOf(4)), 48);
  const hash = new PadHash(kernels, createPrg(seedOf(4)), true);
  const at = hash.allocate(3);
  const little = (bytes: Uint8Array) => bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  let tweak = little(coins.subarray(0, 16));
  let next = 0;
  // The second call continues where the first ended.
  for (const size of [3, 2]) {
    const from = kernels.put(rows.subarray(next * 16, (next + size) * 16));
    hash.tweak(from, size);
    const { low, top } = hash.hash(from, size, at);
    for (let i = 0; i < size; i++) {
      const y = little(rows.subarray((next + i) * 16, (next + i + 1) * 16)) ^ tweak;
      tweak = ((tweak << 1n) & ((1n << 128n) - 1n)) ^ (tweak >> 127n ? 0x87n : 0n);
      const bytes = Uint8Array.from({ length: 16 }, (_, j) => Number((y >> BigInt(8 * j)) & 255n));
      for (const [pads, key] of [
        [low, coins.subarray(16, 32)],
        [top, coins.subarray(32, 48)],
      ] as const) {
        const permuted = new FixedKeyCipher(key).permute(bytes);
        expect(kernels.read(pads + 16 * i, 16)).toEqual(bytes.map((byte, j) => byte ^ permuted[j]!));
      }
    }
    next += size;
  }
});
