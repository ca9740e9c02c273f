import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDealer, modesWith } from "../../test/support/modes";
import { ownShare } from "../../test/support/own-share";
import { withPair } from "../../test/support/pair";
import { SharedVariable } from "../autograd/shared-variable";
import { use } from "../protocol/step";
import { multiply } from "../protocol/steps/multiply";
import { truncate } from "../protocol/steps/truncate";
import { plan } from "../session/plan/plan";
import { LongTensor } from "../tensor/long-tensor";
import { issue } from "./issue";
import type { SharedTensor } from "./shared-tensor";

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

/** x·y shifted by 3 bits, plus (x·y)·z shifted by 5: three operands, two widths, four rounds one after another. */
function twice(x: SharedTensor, y: SharedTensor, z: SharedTensor): SharedTensor {
  const { iface, shape } = x;
  const length = 2;
  const uses = {
    products: [use(multiply, { length }), use(multiply, { length })],
    short: use(truncate, { length, bits: 3 }),
    long: use(truncate, { length, bits: 5 }),
  };
  return issue(
    { kind: "twice", iface, operands: [x, y, z], shape, fracBits: 0, uses },
    async ({ scheme }, [a, b, c], steps) => {
      const product = await steps.products[0]!(a!, b!);
      const short = await steps.short(product);
      const long = await steps.long(await steps.products[1]!(product, c!));
      return scheme.linear([short, long], (ring, [s, l]) => ring.add(s!, l!));
    },
  );
}

describe.each(modesWith(dealer))("$security with $preprocessing", (mode) => {
  test("one operation takes three secrets, two truncations of different widths, and several rounds", async () => {
    const results = await withPair(async (iface) => {
      const secret = (values: bigint[]) =>
        new SharedVariable(ownShare(iface.party === 0 ? new LongTensor(values) : LongTensor.zeros(2)), iface)
          .tensor;
      const operands = [secret([80n, -9n]), secret([7n, 1000n]), secret([-3n, 11n])] as const;
      // Let the operands enter first: that is an operation of its own, not counted here.
      await new SharedVariable(twice(...operands)).reveal();
      const planned = plan(() => new SharedVariable(twice(...operands)));
      const before = iface.costs().byKind.find(([kind]) => kind === "twice")![1];
      const value = await new SharedVariable(twice(...operands)).reveal();
      const after = iface.costs().byKind.find(([kind]) => kind === "twice")![1];
      return {
        value: value.toArray() as number[],
        planned: { rounds: planned.rounds, bytes: planned.bytes, triples: planned.triples },
        measured: {
          rounds: after.rounds - before.rounds,
          bytes: after.bytesSent - before.bytesSent,
          triples: after.triples - before.triples,
        },
      };
    }, mode);
    for (const { value, planned, measured } of results) {
      expect(planned).toEqual(measured);
      // A truncation takes two messages, one after the other, if both parties make its items.
      const rounds = mode.security === "malicious" && mode.preprocessing === "ot" ? 6 : 4;
      expect(planned).toMatchObject({ rounds, triples: 4 });
      const exact = [80n * 7n, -9n * 1000n].map((xy, i) =>
        Number((xy >> 3n) + ((xy * [-3n, 11n][i]!) >> 5n)),
      );
      value.forEach((v, i) => {
        expect(v - exact[i]!).toBeGreaterThanOrEqual(0);
        expect(v - exact[i]!).toBeLessThanOrEqual(2);
      });
    }
  });
});
