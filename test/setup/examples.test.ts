import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port";
import { runExample } from "../support/run-example";

describe("the demo as two plain Node programs", () => {
  it("ends with the gradient 6, 6 and the output 12 on both sides", async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const env = { SPDZ_BIND: address, SPDZ_PEER: address };
    for (const { code, out, err } of await Promise.all([
      runExample("model-owner", env),
      runExample("data-owner", env),
    ])) {
      expect(code, err).toBe(0);
      expect(out).toBe(
        "gradient\n 6\n 6\n[FloatTensor of size 2x1]\noutput\n 12\n[FloatTensor of size 1x1]\n",
      );
      expect(err).not.toContain("insecure");
    }
  });
});
