import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDealer, modesWith } from "../../test/support/modes";
import { withPair } from "../../test/support/pair";
import { uniform } from "../../test/support/random";
import "../autograd/input";
import { SharedVariable } from "../autograd/shared-variable";
import { matmul } from "../ops/arithmetic/matmul";
import { ring64 } from "../ring";
import { FloatTensor } from "../tensor/float-tensor";
import { longTensor } from "../tensor/long-tensor";
import { divideByWhole } from "./multiply";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

const ULP = 2 ** -16;
const HAIR = 1 + 2 ** -14;

/** A number of random sign and mantissa, from 2^exponent up to twice that. */
const signed = (exponent: number) => (uniform() < 0.5 ? -1 : 1) * (1 + uniform()) * 2 ** exponent;

/** A multiple of 2^-16 of random sign below 2^bits ulps. */
const fixed = (bits: number) => Math.trunc(signed(0) * 2 ** (bits - 1)) * ULP;

describe.each(modesWith(dealer))("public factors, $security $preprocessing", (mode) => {
  it("of every magnitude from 2^-40 to 2^40 keep a product within an ulp and 2^-29", async () => {
    const [xs, cs]: [number[], number[]] = [[], []];
    for (let exponent = -40; exponent < 40; exponent++) {
      for (let bits = 1; bits <= 46; bits += 5) {
        const x = fixed(bits);
        const c = signed(exponent);
        if (Math.abs(x * c) >= 2 ** 30) continue;
        xs.push(x);
        cs.push(c);
      }
    }
    // Each factor alone: the others decide how many limbs a tensor has.
    const byExponent = new Map<number, number[]>();
    cs.forEach((c, i) => {
      const exponent = Math.floor(Math.log2(Math.abs(c)));
      byExponent.set(exponent, [...(byExponent.get(exponent) ?? []), i]);
    });
    const all = [...byExponent.values()].filter((_, i) => mode.runs >= 15 || i % 16 === 5);
    const pick = (list: readonly number[], at: readonly number[]) => at.map((i) => list[i]!);
    const [results] = await withPair(async (iface) => {
      const x = await iface.input(0, () => xs);
      const whole = x.mul(1);
      await whole.reveal();
      const parts = await Promise.all(all.map((at) => iface.input(1, () => pick(xs, at))));
      const products = parts.map((part, i) => part.mul(pick(cs, all[i]!)));
      const together = mode.runs >= 15 ? [x.mul(cs)] : [];
      return Promise.all([...products, ...together].map((each) => each.reveal()));
    }, mode);
    [...all, ...(mode.runs >= 15 ? [xs.map((_, i) => i)] : [])].forEach((at, k) => {
      at.forEach((i, j) => {
        const exact = xs[i]! * cs[i]!;
        const error = Math.abs(results[k]!.values[j]! - exact);
        expect(error, `${xs[i]} · ${cs[i]} = ${exact}`).toBeLessThanOrEqual(
          ULP * HAIR + Math.abs(exact) * 2 ** -29,
        );
      });
    });
  });

  it("a division by a count is within an ulp for sums up to 2^62 and counts up to 2^30", async () => {
    const counts = [1, 2, 3, 7, 1000, 65_535, 65_536, 100_000, 131_072, 999_999, 2 ** 30 - 1, 2 ** 30];
    const some = mode.runs >= 15 ? counts : [3, 100_000, 2 ** 30 - 1];
    const extremes = (n: number) => {
      const most = 2n ** 62n - 1n;
      const largest = BigInt(n) << 46n;
      const limit = largest < most ? largest - 1n : most;
      const random = Array.from({ length: 20 }, () => BigInt(Math.trunc(uniform() * Number(limit))));
      return [limit, -limit, 1n, -1n, 0n, BigInt(n) - 1n, ...random].map((word) =>
        word > limit ? limit : word,
      );
    };
    const words = some.map(extremes);
    const [results] = await withPair(async (iface) => {
      const secrets = await Promise.all(
        words.map((each) => iface.input(0, () => longTensor(ring64.fromBigInts(each), [each.length], 16))),
      );
      const means = secrets.map((each, i) => new SharedVariable(divideByWhole(each.tensor, some[i]!)));
      return Promise.all(means.map(async (each) => (await each.reveal()).values));
    }, mode);
    words.forEach((each, i) => {
      each.forEach((word, j) => {
        // In 2^-20 of an ulp, exactly.
        const got = BigInt(results[i]![j]! * 2 ** 16);
        const error = ((got * BigInt(some[i]!) - word) << 20n) / BigInt(some[i]!);
        expect(error <= 2n ** 20n + 64n && error >= -(2n ** 20n) - 64n, `${word} / ${some[i]} = ${got}`).toBe(
          true,
        );
      });
    });
  });

  it("in matrices on either side, and beside integers, are as exact", async () => {
    const [m, k, n] = [2, 5, 3];
    const draw = (count: number, of: () => number) => Float64Array.from({ length: count }, of);
    for (const spread of mode.runs >= 15 ? [0, 3, 20, 40] : [3]) {
      const c = FloatTensor.from(
        draw(k * n, () => signed(-spread * uniform())),
        [k, n],
      );
      // Rows of less than 2^30 in all.
      const x = FloatTensor.from(
        draw(m * k, () => fixed(1 + Math.floor(43 * uniform()))),
        [m, k],
      );
      const integers = FloatTensor.from(
        draw(m * k, () => Math.trunc(signed(29 * uniform()))),
        [m, k],
      );
      const [results] = await withPair(async (iface) => {
        const secret = await iface.input(0, () => x);
        const whole = await iface.input(1, () => integers, { integers: true });
        const products = [
          secret.matmul(c),
          matmul(c.t(), secret.t()),
          whole.matmul(c),
          whole.mul(c.t().slice([0, m])),
        ];
        for (const { fracBits } of products) expect(fracBits).toBe(16);
        return Promise.all(products.map((each) => each.reveal()));
      }, mode);
      const expected: [FloatTensor, FloatTensor][] = [
        [x.matmul(c), x.abs().matmul(c.abs())],
        [x.matmul(c).t(), x.abs().matmul(c.abs()).t()],
        [integers.matmul(c), integers.abs().matmul(c.abs())],
        [integers.mul(c.t().slice([0, m])), integers.mul(c.t().slice([0, m])).abs()],
      ];
      expected.forEach(([exact, size], i) => {
        exact.values.forEach((value, j) => {
          const error = Math.abs(results[i]!.values[j]! - value);
          const limit = ULP * HAIR + size.values[j]! * 2 ** -29;
          expect(error, `product ${i}, spread ${spread}: ${value}`).toBeLessThanOrEqual(limit);
        });
      });
    }
  });
});
