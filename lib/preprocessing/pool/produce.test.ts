import { beforeAll, describe, expect, test } from "vitest";
import { createLinkPair, runBoth } from "../../../test/support/links";
import { dealOtStates } from "../../../test/support/machines";
import { openPrivateBits } from "../../../test/support/private-bits";
import type { OperationLink } from "../../channel/operation-link";
import { concatBytes } from "../../crypto/bytes";
import { createPrivateRandom } from "../../crypto/prg";
import { ring128 } from "../../ring";
import { partsOf } from "../kinds/kinds";
import { AUTHENTICATED, ELEMENT, type RawVector } from "../kinds/raw";
import { type OtState, setUpOtState } from "../malicious/ot-state";
import { makePrivateBits } from "../malicious/private-bits";
import { makeInputMasks, makeRandoms } from "../malicious/randoms";
import { makeSquares } from "../malicious/squares";
import { makeTriples } from "../malicious/triples";
import { extendBoth } from "../ot/extend";
import type { Pads } from "../ot/pads";
import { Stock } from "./stock";

for (const [name, create] of [
  [
    "a set-up between the parties",
    () =>
      runBoth(
        createLinkPair(),
        (l) => setUpOtState(l, createPrivateRandom()),
        (l) => setUpOtState(l, createPrivateRandom()),
      ),
  ],
  ["a dealt set-up", async () => dealOtStates(21)],
] as const) {
  describe(`from ${name}`, () => {
    let states: readonly [OtState, OtState];
    beforeAll(async () => {
      states = await create();
    });
    const both = <T>(make: (link: OperationLink, state: OtState) => Promise<T>) =>
      runBoth(
        createLinkPair(),
        (l) => make(l, states[0]),
        (l) => make(l, states[1]),
      );
    const sum = (x: Uint8Array, y: Uint8Array) =>
      ring128.add(ring128.fromBytes(x, x.length / ELEMENT), ring128.fromBytes(y, y.length / ELEMENT));
    /** The value, once its MAC is seen to be right. */
    const open = (x: RawVector, y: RawVector) => {
      const value = sum(x.values, y.values);
      const alpha = states[0].keeper.alpha + states[1].keeper.alpha;
      expect(ring128.equals(ring128.mulScalar(value, alpha), sum(x.macs, y.macs))).toBe(true);
      return value;
    };

    test("the extension gives the receiver the message its bit names", async () => {
      // More than are hashed at once.
      const count = 2048 + 256;
      const [zero, one] = await both(async (link, state) => {
        const { identity, sender, receiver, kernels } = state;
        await extendBoth(link, identity, sender, receiver, count);
        const bits = kernels.read(receiver.choices, count / 8);
        const pads = { zeros: [] as Uint8Array[], ones: [] as Uint8Array[], got: [] as Uint8Array[] };
        const read = ({ low, count }: Pads) => kernels.read(low, count * 16);
        for (const { zeros, ones } of sender.finish()) {
          pads.zeros.push(read(zeros));
          pads.ones.push(read(ones));
        }
        for (const { pads: some } of receiver.finish()) pads.got.push(read(some));
        return {
          bits,
          zeros: concatBytes(...pads.zeros),
          ones: concatBytes(...pads.ones),
          got: concatBytes(...pads.got),
        };
      });
      for (const [sender, receiver] of [
        [zero, one],
        [one, zero],
      ] as const) {
        for (let i = 0; i < count; i++) {
          const bit = (receiver.bits[i >> 3]! >> (i & 7)) & 1;
          const part = (bytes: Uint8Array) => bytes.subarray(16 * i, 16 * i + 16);
          expect(part(receiver.got)).toEqual(part(bit ? sender.ones : sender.zeros));
          expect(part(receiver.got)).not.toEqual(part(bit ? sender.zeros : sender.ones));
        }
      }
    });

    test("triples multiply and squares square", async () => {
      // The larger number takes several messages for each kind of corrections.
      for (const count of [1, 40, 800]) {
        const [x, y] = await both((link, state) => makeTriples(link, state, count));
        expect(ring128.equals(ring128.mul(open(x.a, y.a), open(x.b, y.b)), open(x.c, y.c))).toBe(true);
      }
      const [s, t] = await both((link, state) => makeSquares(link, state, 3));
      const mod64 = (v: ReturnType<typeof open>) =>
        ring128.toBigInts(v).map((value) => BigInt.asUintN(64, value));
      const r = open(s.r, t.r);
      expect(mod64(open(s.square, t.square))).toEqual(mod64(ring128.mul(r, r)));
    });

    test("random values and input masks are authenticated", async () => {
      const [x, y] = await both((link, state) => makeRandoms(link, state, 5));
      open(x, y);
      const [mine, theirs] = await both((link, state) => makeInputMasks(link, state, 0, 5));
      open(mine, theirs);
      expect(theirs.values.every((byte) => byte === 0)).toBe(true);
    });

    test("private bits have MACs, and the product of the highest ones", async () => {
      for (const count of [1, 40]) {
        const items = await both((link, state) => makePrivateBits(link, state, count));
        const { beta, rho, products } = openPrivateBits(
          items,
          states[0].keeper.alpha + states[1].keeper.alpha,
        );
        const top = (bytes: Uint8Array, i: number) => bytes[8 * i + 7]! >> 7;
        expect(products).toEqual(Array.from({ length: count }, (_, i) => BigInt(top(beta, i) & top(rho, i))));
        for (const bytes of [beta, rho]) expect(bytes.length).toBe(8 * count);
        expect(new Set([...beta, ...rho]).size).toBeGreaterThan(Math.min(10, 8 * count));
      }
    });
  });
}

test("a stock hands out each item once, and erases its bytes first", async () => {
  const stock = new Stock(partsOf("random"), AUTHENTICATED);
  const waiting = stock.take(1, 2);
  const values = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
  stock.add([{ values, macs: values.slice() }], 4);
  const [taken] = await waiting;
  expect([...taken!.values]).toEqual(Array.from({ length: 32 }, (_, i) => i + 17));
  expect(values.subarray(16, 48).every((byte) => byte === 0)).toBe(true);
  stock.destroy(new Error("over"));
  expect(values.every((byte) => byte === 0)).toBe(true);
  await expect(stock.take(0, 1)).rejects.toThrow("over");
});
