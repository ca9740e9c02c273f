import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ownShare } from "../../../test/support/own-share";
import { createPair, fast, withPair } from "../../../test/support/pair";
import { SharedVariable } from "../../autograd/shared-variable";
import { DesyncError } from "../../errors";
import { LongTensor } from "../../tensor/long-tensor";
import { jupyterDisplay } from "../../text/mime";
import type { DistributedInterface } from "../distributed-interface";
import { plan } from "../plan/plan";
import { Store } from "./store";

const secret = (iface: DistributedInterface, length: number) =>
  new SharedVariable(ownShare(LongTensor.zeros(1, length)), iface);

describe.each([
  ["without MACs", fast],
  ["with MACs", { security: "malicious" }],
] as const)("a store %s", (_, options) => {
  test("is filled by prepare, emptied by use, and gives each item once", async () => {
    await withPair(async (iface) => {
      expect(iface.store().lines.filter(({ kind }) => kind === "triples")).toEqual([]);
      const prepared = await iface.prepare({ triples: 100 });
      expect(prepared.ready("triples")).toBeGreaterThanOrEqual(100);
      const before = prepared.lines.find(({ kind }) => kind === "triples")!;
      await secret(iface, 60).mul(secret(iface, 60)).reveal();
      const after = iface.store().lines.find(({ kind }) => kind === "triples")!;
      expect(after.used).toBe(60);
      expect(after.ready + after.coming).toBeGreaterThanOrEqual(before.ready - 60);
      // Items that are ready are not made again.
      const again = await iface.prepare({ triples: 10 });
      expect(again.lines.find(({ kind }) => kind === "triples")!.used).toBe(60);
    }, options);
  });

  test("is filled ahead, once a kind was asked for, up to the limit", async () => {
    const spareAfter = async (ahead: number) => {
      const [spare] = await withPair(
        async (iface) => {
          await secret(iface, 70).mul(secret(iface, 70)).reveal();
          const { pool } = iface.session.sharing;
          await pool.idle();
          return pool.spare("triple");
        },
        { ...options, ahead },
      );
      return spare;
    };
    const [none, some] = [await spareAfter(0), await spareAfter(1)];
    expect(none).toBeLessThan(70);
    expect(some).toBeGreaterThanOrEqual(70);
    expect(some).toBeLessThanOrEqual(3 * 70);
  });
});

describe("prepare", () => {
  test("is one operation of both parties: different amounts are a clear error", async () => {
    const [zero, one] = createPair();
    const errors = await Promise.all(
      [zero.prepare({ triples: 10 }), one.prepare({ triples: 11 })].map((made) =>
        made.catch((error) => error),
      ),
    );
    for (const error of errors) expect(error).toBeInstanceOf(DesyncError);
    await Promise.all([zero, one].map((iface) => iface.close()));
  });

  test("refuses invalid amounts", async () => {
    await withPair(async (iface) => {
      for (const triples of [-1, 1.5, Number.NaN, 2e9])
        await expect(iface.prepare({ triples })).rejects.toBeInstanceOf(RangeError);
    });
  });
});

describe("prepare refuses what does not fit into memory", () => {
  const free = (bytes: number) => vi.spyOn(process, "availableMemory").mockReturnValue(bytes);
  const platform = process.platform;
  afterEach(() => {
    vi.restoreAllMocks();
    Object.defineProperty(process, "platform", { value: platform });
  });

  test("half of a Mac's memory counts as free, although macOS reports almost none", async () => {
    Object.defineProperty(process, "platform", { value: "darwin" });
    free(1000);
    await withPair(async (iface) => {
      expect((await iface.prepare({ triples: 1000 })).ready("triples")).toBeGreaterThanOrEqual(1000);
    });
  });

  test.each([
    [fast, 24, 24],
    [{ security: "malicious" }, 96, 2088],
  ] as const)(
    "%o: it says how much does, before anything is sent, and both stay in step",
    async (options, triple, mask) => {
      await withPair(async (iface) => {
        await iface.settled();
        // Three quarters of it, for two parties, has room for exactly 1,000 triples.
        free((8 / 3) * 1000 * triple);
        const before = iface.costs();
        const refused = await iface.prepare({ triples: 1001 }).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(RangeError);
        expect((refused as Error).message).toMatch(
          /^triples: 1001 would take .*at most { triples: 1,000 } fit\. Nothing was sent/,
        );
        expect(iface.costs().total).toEqual(before.total);
        await expect(iface.prepare({ truncations: 1e6 })).rejects.toThrow(
          `at most { truncations: ${Math.floor((1000 * triple) / mask).toLocaleString("en")} } fit`,
        );
        await expect(iface.prepare({ triples: 1e9, truncations: 1e9 })).rejects.toThrow(RangeError);
        expect((await iface.prepare({ triples: 100 })).ready("triples")).toBeGreaterThanOrEqual(100);
        // Items that are ready need not fit again.
        free(0);
        await iface.prepare({ triples: 100 });
        await expect(iface.prepare({ triples: 1e6 })).rejects.toThrow("at most { triples: ");
      }, options);
    },
  );

  test("if only one party refuses, the other waits and then continues with it", async () => {
    const [zero, one] = createPair();
    await Promise.all([zero, one].map((iface) => iface.settled()));
    const waiting = zero.prepare({ triples: 500 });
    free(1000);
    await expect(one.prepare({ triples: 500 })).rejects.toBeInstanceOf(RangeError);
    expect(await Promise.race([waiting, pause(200, "waiting")])).toBe("waiting");
    free(1e9);
    const stores = await Promise.all([waiting, one.prepare({ triples: 500 })]);
    for (const store of stores) expect(store.ready("triples")).toBeGreaterThanOrEqual(500);
    await Promise.all([zero, one].map((iface) => iface.close()));
  });

  test("and nothing else, whatever was used before", async () => {
    await withPair(async (iface) => {
      // A matrix mask: a kind with a single item.
      await secret(iface, 1).matmul(secret(iface, 1)).reveal();
      expect((await iface.prepare({ triples: 100 })).ready("triples")).toBeGreaterThanOrEqual(100);
      await iface.prepare({ triples: 3000 });
    });
  });

  test("but a plan, which prepares nothing, accepts any amount", async () => {
    const [zero, one] = createPair();
    free(0);
    await plan(async () => {
      await zero.prepare({ triples: 1e9 });
      secret(zero, 2).mul(secret(zero, 2));
    });
    await Promise.all([zero, one].map((iface) => iface.close()));
  });
});

describe("the gauge", () => {
  const store = new Store([
    { kind: "triple", ready: 1000, coming: 24, used: 12, bytes: 96_000 },
    { kind: "product 0 1 2 3 4 5", ready: 1, coming: 0, used: 0, bytes: 64 },
    { kind: "square", ready: 0, coming: 0, used: 0, bytes: 0 },
  ]);

  test("is a bar for each kind, and text elsewhere", () => {
    expect(String(store)).toBe(
      "triples: 1,000 ready (96.0 kB), 24 being made, 12 used\nmatrix triples: 1 ready (64 B), 0 used",
    );
    const html = store[jupyterDisplay]()["text/html"]!;
    expect(html.match(/<tr>/g)).toHaveLength(2);
    expect(html).toContain("width:96.5%");
    expect(String(new Store([]))).toContain("empty");
  });
});
