import { expect, test } from "vitest";
import { ownShare } from "../../test/support/own-share";
import { fast, withPair } from "../../test/support/pair";
import { SharedVariable } from "../autograd/shared-variable";
import { LongTensor } from "../tensor/long-tensor";

test("a session without fractional bits prepares triples and multiplies", async () => {
  await withPair(
    async (iface) => {
      expect((await iface.prepare({ triples: 10 })).ready("triples")).toBeGreaterThanOrEqual(10);
      const x = new SharedVariable(ownShare(new LongTensor([6, 7])), iface);
      expect(String(await x.mul(x).reveal())).toContain("144");
      await expect(iface.prepare({ truncations: 5 })).rejects.toThrow(
        "bits to cut off must be from 1 to 62, got 0",
      );
    },
    { ...fast, precision: 0 },
  );
});
