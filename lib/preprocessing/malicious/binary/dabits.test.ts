import { expect, test } from "vitest";
import { joinBits } from "../../../../test/support/bits";
import { createLinkPair, runBoth } from "../../../../test/support/links";
import { dealOtStates } from "../../../../test/support/machines";
import { ring128 } from "../../../ring";
import { toShares } from "../../kinds/raw";
import { makePrivateDaBits } from "./dabits";
import { bitKeyOf } from "./random-bits";

test.each([1, 64, 200])(
  "%d private bits of each party are the same in F_2 and in the ring",
  async (count) => {
    const states = dealOtStates(31);
    const [zero, one] = await runBoth(
      createLinkPair(),
      (link) => makePrivateDaBits(link, states[0], count),
      (link) => makePrivateDaBits(link, states[1], count),
    );
    const keys = states.map(bitKeyOf) as [ReturnType<typeof bitKeyOf>, ReturnType<typeof bitKeyOf>];
    const alpha = states[0].keeper.alpha + states[1].keeper.alpha;
    const pairs = [
      { binary: [zero.binary[0], one.binary[1]], ring: [zero.ring[0], one.ring[1]] },
      { binary: [zero.binary[1], one.binary[0]], ring: [zero.ring[1], one.ring[0]] },
    ] as const;
    for (const { binary, ring } of pairs) {
      const bits = joinBits([binary[0], binary[1]], keys);
      const [a, b] = ring.map(toShares);
      const values = ring128.toBigInts(ring128.add(a!.value, b!.value));
      expect(values.map(Number)).toEqual(bits);
      expect(ring128.toBigInts(ring128.add(a!.mac, b!.mac))).toEqual(
        values.map((value) => BigInt.asUintN(128, value * alpha)),
      );
      if (count > 60) expect(new Set(bits).size).toBe(2);
    }
    // Only the owner knows its bits.
    for (const { binary, ring } of [zero, one]) {
      expect(binary[1].own.every((byte) => byte === 0)).toBe(true);
      expect(ring[1].values.every((byte) => byte === 0)).toBe(true);
    }
    for (const { kernels } of states) expect(kernels.mark).toBe(kernels.start);
  },
);
