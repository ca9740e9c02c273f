import { describe, expect, it } from "vitest";
import { createPair } from "../../../test/support/pair";
import "../../autograd/input";
import type { DistributedInterface } from "../distributed-interface";
import { setHost } from "../host/host";
import { simulate } from "../simulate";

let cell: string | undefined;

describe("checkRanges", () => {
  it("compares a simulated pair's values with the clear ones, in each security", async () => {
    setHost({ cell: () => cell, notify: () => undefined });
    const firstParty = { preprocessing: "insecureFirstPartyDealer" } as const;
    for (const options of [firstParty, { security: "malicious" } as const]) {
      const pair = simulate(options);
      const run = async (iface: DistributedInterface) => {
        const x = await iface.input(0, () => [1.5, -2.25, 1000]);
        await x.neg().reveal();
        return x;
      };
      try {
        const xs = await Promise.all(pair.map(run));
        await Promise.all(pair.map((iface) => iface.settled()));
        expect(pair[0].report().lines).toEqual([]);
        pair[0].checkRanges();
        cell = "In [4]";
        for (const x of xs) x.mul(0.3).add(x.square());
        await Promise.all(pair.map((iface) => iface.settled()));
        expect(pair[1].report()).toEqual(pair[0].report());
        const lines = pair[0].report().lines;
        expect(lines.map(({ cell, operation, calls }) => [cell, operation, calls])).toEqual([
          ["In [4]", "mul", 1],
          ["In [4]", "square", 1],
          ["In [4]", "add", 1],
        ]);
        const [mul, square, add] = lines;
        expect(mul!.rounding).toBeLessThanOrEqual(1);
        expect(mul!.error).toBeGreaterThan(0);
        expect(square!.magnitude).toBe(1e6);
        expect(add!.error).toBe(0);
        expect(pair[0].report().overflow).toBeUndefined();
        cell = "In [5]";
        for (const x of xs) x.relu().gt(1);
        await Promise.all(pair.map((iface) => iface.settled()));
        const relu = pair[0].report().lines.find(({ operation }) => operation === "relu")!;
        expect(relu).toMatchObject({ cell: "In [5]", calls: 1, error: 0, magnitude: 1000 });
        expect(pair[0].report().overflow).toBeUndefined();
        for (const x of xs) x.mul(x.mul(2 ** 20));
        await Promise.all(pair.map((iface) => iface.settled()));
        expect(pair[0].report().overflow).toMatch(/^In \[5\] mul: the value at \[2\]/);
      } finally {
        cell = undefined;
        await Promise.all(pair.map((iface) => iface.close()));
      }
    }
  });

  it("is refused where the other party is in another process", async () => {
    const pair = createPair();
    expect(() => pair[0].checkRanges(true)).toThrow(/only where both parties are in one process/);
    expect(() => pair[0].report()).toThrow(/spdz\.plain\(\)/);
    await Promise.all(pair.map((iface) => iface.close()));
  });
});
