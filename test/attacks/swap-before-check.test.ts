// swapShares claims what earlier operations opened; so it must check it before its own share leaves.
import { expect, test } from "vitest";
import * as spdz from "../../lib";
import { CheckError } from "../../lib/errors";
import { multiply } from "../../lib/protocol/authenticated/multiply";
import { ring128 } from "../../lib/ring";
import { createPair } from "../support/pair";

test("what was opened before a swap of shares is checked, and a false product is not revealed after it", async () => {
  const pair = createPair({});
  const results = await Promise.allSettled(
    pair.map(async (iface, party) => {
      if (party === 1) {
        // It computes with one more than its share all along, without the MAC of that.
        const table = iface.session.scheme.protocols as unknown as { multiply: typeof multiply };
        table.multiply = {
          ...multiply,
          run: (ctx, [x, y]) => multiply.run(ctx, [{ ...x, value: ring128.addScalar(x.value, 1n) }, y]),
        };
      }
      const x = new spdz.SharedVariable(spdz.LongTensor.full([1, 1], party === 0 ? 6 : 0), iface);
      const y = new spdz.SharedVariable(spdz.LongTensor.full([1, 1], party === 0 ? 7 : 0), iface);
      const product = x.mul(y);
      const swapped = spdz.swapShares(spdz.LongTensor.full([1, 1], 5 + party), iface, { fracBits: 0 });
      await iface.settled();
      void swapped;
      return (await product.reveal()).toString();
    }),
  );
  await Promise.all(pair.map((iface) => iface.close()));
  if (results[0]?.status === "fulfilled") expect(results[0].value).toBe("nothing but an error");
  expect(results[0]).toMatchObject({ status: "rejected", reason: { check: "mac" } });
  expect((results[0] as PromiseRejectedResult).reason).toBeInstanceOf(CheckError);
}, 30_000);
