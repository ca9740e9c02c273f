import { describe, expect, test } from "vitest";
import { ownShare } from "../../../test/support/own-share";
import { fast, withPair } from "../../../test/support/pair";
import { SharedVariable } from "../../autograd/shared-variable";
import { Variable } from "../../autograd/variable";
import { reconstruct, share } from "../../sharing/share";
import "../../autograd/input";
import { swapShares } from "../../primitives/swap-shares";
import { encode } from "../../tensor/fixed-point";
import { FloatTensor } from "../../tensor/float-tensor";
import { LongTensor } from "../../tensor/long-tensor";
import { jupyterDisplay } from "../../text/mime";
import { DistributedInterface } from "../distributed-interface";
import { plan } from "./plan";

const secret = (iface: DistributedInterface, rows: number, columns: number, requiresGrad = false) => {
  const zeros = requiresGrad ? encode(FloatTensor.zeros(rows, columns)) : LongTensor.zeros(rows, columns);
  return new SharedVariable(new Variable(ownShare(zeros), { requiresGrad }), iface);
};

type Computation = (iface: DistributedInterface) => () => unknown;

const computations: Record<string, Computation> = {
  "products of numbers": (iface) => {
    const [x, y] = [secret(iface, 3, 4), secret(iface, 3, 4)];
    return () => x.mul(y).mul(x).add(y).reveal();
  },
  "a product of matrices, back and forth": (iface) => {
    const [x, w] = [secret(iface, 2, 3, true), secret(iface, 3, 2, true)];
    return () => {
      const output = x.matmul(w);
      output.backward(LongTensor.zeros(2, 2));
      return output.reveal();
    };
  },
  "one weight matrix for three batches": (iface) => {
    const w = secret(iface, 3, 2);
    const batches = [1, 2, 3].map(() => secret(iface, 4, 3));
    return () => Promise.all(batches.map((x) => x.matmul(w).reveal()));
  },
};

describe.each([
  ["without MACs", fast],
  ["with MACs", { security: "malicious" }],
] as const)("a plan %s", (_, options) => {
  test.each(Object.entries(computations))(
    "of %s matches what running it takes",
    async (_name, computation) => {
      const results = await withPair(async (iface) => {
        const compute = computation(iface);
        const planned = await plan(async () => {
          await compute();
        });
        await iface.settled();
        const before = iface.costs().total;
        await compute();
        await iface.settled();
        const after = iface.costs();
        return { planned, after: after.total, byKind: after.byKind, before };
      }, options);
      for (const { planned, before, after, byKind } of results) {
        expect(before.operations).toBe(0);
        expect({ operations: planned.operations, triples: planned.triples, rounds: planned.rounds }).toEqual({
          operations: after.operations,
          triples: after.triples,
          rounds: after.rounds,
        });
        // Bytes for making correlated randomness are counted apart from the operations.
        const operations = byKind.filter(([kind]) => kind !== "preparation");
        expect(planned.bytes).toBe(operations.reduce((sum, [, { bytesSent }]) => sum + bytesSent, 0));
        expect(planned.wanMs).toBeGreaterThan(planned.lanMs);
        expect(planned.items.every(({ needed, ready }) => needed >= ready)).toBe(true);
      }
    },
  );

  test("reports less to make once some items are ready", async () => {
    const [{ first, second }] = await withPair(async (iface) => {
      const [x, y] = [secret(iface, 2, 2), secret(iface, 2, 2)];
      const compute = () => x.mul(y);
      const first = plan(compute);
      await iface.prepare({ triples: 10, truncations: 0 });
      return { first, second: plan(compute) };
    }, options);
    const triples = (of: typeof first) => of.items.find(({ kind }) => kind === "triples");
    expect(triples(first)).toMatchObject({ needed: 4, ready: 0 });
    expect(triples(second)).toMatchObject({ needed: 4, ready: 4, bytes: 0 });
    expect(second.preparationBytes).toBeLessThan(first.preparationBytes);
    expect(second.lanMs).toBeLessThan(first.lanMs);
  });
});

describe("planning", () => {
  test("changes nothing: no operation, no gradient, no share that has entered", async () => {
    await withPair(
      async (iface) => {
        const x = secret(iface, 1, 2, true);
        plan(() => x.mul(x).sum?.().backward());
        plan(() => x.matmul(x.t()).backward(new LongTensor([[1]])));
        expect(x.grad).toBeUndefined();
        expect(iface.costs().total.operations).toBe(0);
        const value = await x.add(1).reveal();
        expect(value.toArray()).toEqual([[1, 1]]);
      },
      { security: "malicious" },
    );
  });

  test("continues through swaps, reveals and awaits, with zeros", async () => {
    await withPair(async (iface) => {
      let seen: unknown;
      const planned = await plan(async () => {
        const [mine, theirs] = share(encode(new FloatTensor([[1, 2]])));
        const got = swapShares(theirs, iface);
        const x = new SharedVariable(mine.add(got), iface);
        seen = (await x.mul(x).reveal()).toArray();
      });
      expect(seen).toEqual([[0, 0]]);
      expect(planned).toMatchObject({ operations: 3, triples: 0, squares: 2, rounds: 4 });
    });
  });

  test.each([
    ["without MACs", fast],
    ["with MACs", { security: "malicious" }],
  ] as const)(
    "gives values that nothing is computed from, and the session goes on, %s",
    async (_, options) => {
      const results = await withPair(async (iface) => {
        const x = secret(iface, 1, 2);
        let kept: SharedVariable | undefined;
        // Only one party makes the mistake.
        if (iface.party === 0) {
          plan(() => {
            kept = x.mul(x);
          });
          expect(() => kept!.reveal()).toThrow("exists only within spdz.plan");
          expect(() => kept!.mul(x)).toThrow("exists only within spdz.plan");
        }
        await iface.settled();
        return (await x.add(1).reveal()).toArray();
      }, options);
      expect(results).toEqual([[[1, 1]], [[1, 1]]]);
    },
  );

  test("does not touch gradients computed while it waits, and keeps its own separate", async () => {
    const results = await withPair(async (iface) => {
      const x = secret(iface, 1, 2, true);
      let go: (() => void) | undefined;
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      const upstream = LongTensor.full([1, 2], iface.party);
      const planned = plan(async () => {
        x.mul(2).backward(upstream);
        await gate;
        expect(x.grad).toBeDefined();
        x.mul(2).backward(upstream);
      });
      expect(x.grad).toBeUndefined();
      x.mul(2).backward(upstream);
      go!();
      await planned;
      return (await x.grad!.reveal()).toArray();
    });
    expect(results).toEqual([[[2, 2]], [[2, 2]]]);
  });

  test("has ended for code that was started in it and still runs", async () => {
    await withPair(async (iface) => {
      const x = secret(iface, 1, 2);
      let go: (() => void) | undefined;
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      const later: Promise<unknown>[] = [];
      const steps: (() => unknown)[] = [
        () => x.mul(x),
        () => x.reveal(),
        () => swapShares(LongTensor.zeros(1), iface),
        () => new SharedVariable(ownShare(LongTensor.zeros(1)), iface),
        () => iface.input(0, () => [1]),
        () => iface.prepare({ triples: 1 }),
        () => iface.resync(),
        () => iface.close(),
        () => x.grad,
      ];
      plan(() => {
        x.mul(x);
        for (const step of steps) later.push(gate.then(step));
      });
      go!();
      for (const each of later)
        await expect(each).rejects.toMatchObject({
          code: "planned",
          message: expect.stringContaining("started within spdz.plan"),
        });
      await iface.settled();
      expect(iface.costs().total.operations).toBe(0);
      expect((await x.add(1).reveal()).toArray()).toEqual([[1, 1]]);
    });
  });

  test.each([
    ["without MACs", fast],
    ["with MACs", { security: "malicious" }],
  ] as const)("makes nothing that can be taken for real when it is over, %s", async (_, options) => {
    await withPair(async (iface) => {
      const x = secret(iface, 1, 2);
      const made: Record<string, { use(): unknown }> = {};
      const open = new Promise<void>((resolve) => {
        setTimeout(resolve, 20);
      });
      const planned = plan(async () => {
        const z = x.mul(x);
        const revealed = await z.reveal();
        const swapped = swapShares(z.data, iface);
        const received = swapShares(LongTensor.zeros(1, 2), iface);
        const input = await iface.input(0, () => [[1, 2]], { shape: [1, 2] });
        const wrapped = new SharedVariable(ownShare(LongTensor.zeros(1, 2)), iface);
        Object.assign(made, {
          result: { use: () => z.add(x) },
          "its share": { use: () => z.data },
          "its share, swapped": { use: () => swapShares(z.data, iface) },
          "what was revealed": { use: () => revealed.toArray() },
          "what was revealed, encoded": { use: () => encode(revealed) },
          "what was swapped": { use: () => swapped.toArray() },
          "a sum of it": { use: () => swapped.add(swapped).toArray() },
          "a value made of it": { use: () => new SharedVariable(received, iface) },
          "an input": { use: () => input.reveal() },
          "a value that was made in it": { use: () => wrapped.mul(wrapped) },
        });
        for (const { use } of Object.values(made)) await use();
        await open;
      });
      // Neither while the plan still runs elsewhere, nor after it has ended.
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const when of ["while it runs", "when it is over"]) {
        expect(Object.keys(made)).toHaveLength(10);
        for (const [name, { use }] of Object.entries(made))
          await expect(Promise.resolve().then(use), `${name}, ${when}`).rejects.toMatchObject({
            code: "planned",
          });
        await planned;
      }
      await iface.settled();
      expect((await x.add(1).reveal()).toArray()).toEqual([[1, 1]]);
    }, options);
  });

  test("reads the share of a real value as it is", async () => {
    await withPair(
      async (iface) => {
        const x = secret(iface, 1, 2);
        const z = x.add([[3, 4]]);
        let read: LongTensor | undefined;
        plan(() => {
          read = z.data;
          x.mul(x);
        });
        const theirs = swapShares(read!, iface);
        await iface.settled();
        // The swap is checked, although the share was read within a plan.
        expect(iface.costs().byKind.find(([kind]) => kind === "swapShares")![1].rounds).toBeGreaterThan(1);
        expect(reconstruct([read!, theirs]).toArray()).toEqual([[3n, 4n]]);
      },
      { security: "malicious" },
    );
  });

  test("cannot end or start a session", async () => {
    await withPair(async (iface) => {
      const x = secret(iface, 1, 2);
      const refused: (() => unknown)[] = [
        () => iface.close(),
        () => iface.resync(),
        () => iface.reconnect(),
        () => new DistributedInterface(0, fast),
      ];
      await plan(async () => {
        x.mul(x);
        for (const each of refused)
          await expect(Promise.resolve().then(each)).rejects.toMatchObject({ code: "planned" });
      });
      expect(iface.open).toBe(true);
      expect((await x.add(1).reveal()).toArray()).toEqual([[1, 1]]);
    });
  });

  test("prepares nothing", async () => {
    await withPair(async (iface) => {
      const x = secret(iface, 1, 2);
      const planned = await plan(async () => {
        await iface.prepare({ triples: 1000 });
        x.mul(x);
      });
      expect(planned).toMatchObject({ operations: 1, triples: 0, squares: 2 });
      await iface.settled();
      expect(iface.store().lines).toEqual([]);
    });
  });

  test("is refused for a function without operations, and fails as the computation does", async () => {
    expect(() => plan(() => 7)).toThrow(TypeError);
    expect(() =>
      plan(() => {
        throw new RangeError("shapes");
      }),
    ).toThrow("shapes");
    await expect(
      plan(async () => {
        throw new RangeError("later");
      }),
    ).rejects.toThrow("later");
  });

  test("is shown as a table in a notebook and as text elsewhere", async () => {
    await withPair(async (iface) => {
      const [x, y] = [secret(iface, 10, 10), secret(iface, 10, 10)];
      const planned = plan(() => {
        x.mul(y).reveal();
      });
      expect(String(planned)).toMatch(
        /^Plan: 2 operations, 2 rounds, 100 triples, .* each way.*, about .* on a LAN .*, .* on a WAN .*\n {2}100 triples, 0 at hand/,
      );
      const bundle = (planned as unknown as { [jupyterDisplay](): Record<string, string> })[jupyterDisplay]();
      expect(bundle["text/html"]).toContain("<th");
      expect(bundle["text/html"]).toContain("triples");
    });
  });
});
