// swapShares claims the openings of earlier operations, so it must check them before it sends its own share.
import { expect, test, vi } from "vitest";
import * as spdz from "../../lib";
import { CheckError } from "../../lib/errors";
import { multiply } from "../../lib/protocol/authenticated/multiply";
import { ring128 } from "../../lib/ring";
import { ownShare } from "../support/own-share";
import { createPair } from "../support/pair";

test("earlier openings are checked before a swap of shares, and a false product is not revealed after it", async () => {
  const pair = createPair({});
  const honest = multiply.run;
  // Party 1 adds one to its share throughout, without a matching MAC.
  const cheat = vi.spyOn(multiply, "run").mockImplementation((ctx, [x, y]) => {
    const other = ctx.link.party === 1 ? { ...x, value: ring128.addScalar(x.value, 1n) } : x;
    return honest(ctx, [other, y]);
  });
  const results = await Promise.allSettled(
    pair.map(async (iface, party) => {
      const x = new spdz.SharedVariable(ownShare(spdz.LongTensor.full([1, 1], party === 0 ? 6 : 0)), iface);
      const y = new spdz.SharedVariable(ownShare(spdz.LongTensor.full([1, 1], party === 0 ? 7 : 0)), iface);
      const product = x.mul(y);
      const swapped = spdz.swapShares(spdz.LongTensor.full([1, 1], 5 + party), iface, { fracBits: 0 });
      await iface.settled();
      void swapped;
      return (await product.reveal()).toString();
    }),
  );
  await Promise.all(pair.map((iface) => iface.close()));
  expect(cheat).toHaveBeenCalled();
  cheat.mockRestore();
  if (results[0]?.status === "fulfilled") expect(results[0].value).toBe("nothing but an error");
  expect(results[0]).toMatchObject({ status: "rejected", reason: { check: "mac" } });
  expect((results[0] as PromiseRejectedResult).reason).toBeInstanceOf(CheckError);
}, 30_000);
