import { all, create } from "mathjs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { authenticatedModeWith, createDealer } from "../../test/support/modes";
import { createPair, fast, withPair } from "../../test/support/pair";
import { release as additiveRelease } from "../protocol/additive/release";
import "../autograd/input";
import { SharedVariable } from "../autograd/shared-variable";
import { Variable } from "../autograd/variable";
import { CheckError } from "../errors";
import type { DistributedInterface } from "../session/distributed-interface";
import { reconstruct, share } from "../sharing/share";
import { decode, encode } from "../tensor/fixed-point";
import { LongTensor } from "../tensor/long-tensor";
import { swapShares } from "./swap-shares";

const math = create(all!);
// The checks do not depend on the maker of the randomness; a dealer is faster.
const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());
const malicious = authenticatedModeWith(dealer);

const outcome = (run: () => unknown) =>
  Promise.resolve()
    .then(run)
    .then(
      (value) => value,
      (error: unknown) => error,
    );

/** The product [8, 3] of two inputs, as integers. */
async function product(iface: DistributedInterface): Promise<SharedVariable> {
  const x = await iface.input(0, () => [2n, 3n]);
  const y = await iface.input(1, () => [4n, 1n]);
  const z = x.mul(y);
  await iface.settled();
  return z;
}

type Spelling = (z: SharedVariable) => LongTensor;

/** Ways to write the share itself: its swap is checked. */
const wholes: Record<string, Spelling> = {
  "z.data": (z) => z.data,
  "z.var.data": (z) => z.var.data,
  "a copy": (z) => new LongTensor(z.data),
  "a Variable of it": (z) => new Variable(z.data).data,
  "another shape": (z) => z.data.reshape(1, 2),
  "another axis": (z) => z.data.unsqueeze(0).squeeze(),
  "the share in a new SharedVariable": (z) => new SharedVariable(z.data, z.iface).data,
};

/** Tensors computed from the share: refused. */
const derived: Record<string, Spelling> = {
  sum: (z) => z.data.sum(),
  neg: (z) => z.data.neg(),
  "add itself": (z) => z.data.add(z.data),
  slice: (z) => z.data.slice([0, 1]),
  "a slice of all": (z) => z.data.slice([0, 2]),
  mul: (z) => z.data.mul(3),
  "mul by one": (z) => z.data.mul(new LongTensor(1)),
  matmul: (z) => z.data.matmul([[1], [1]]),
  concat: (z) => LongTensor.concat([z.data, z.data]),
  "concat, then one half": (z) => LongTensor.concat([z.data.mul(0), z.data]).slice([2, 4]),
  stack: (z) => LongTensor.stack([z.data]),
  pad: (z) => z.data.pad(1),
  broadcastTo: (z) => z.data.broadcastTo([2, 2]),
  "t of a matrix": (z) => z.data.reshape(1, 2).t(),
  "permute to the same": (z) => z.data.permute(0),
  "a typed array": (z) => new LongTensor(z.data.toTypedArray()),
  "nested arrays": (z) => new LongTensor(z.data.toArray() as bigint[]),
  "JSBI values": (z) => new LongTensor(z.data.toJSBI() as never),
  "a mathjs matrix": (z) => new LongTensor(z.data.toMatrix() as never),
  "one by one": (z) => LongTensor.stack([0, 1].map((i) => z.data.at(i).item())),
  "full of one": (z) => LongTensor.full([2], z.data.at(0).item()),
  "by mathjs": (z) => new LongTensor(math.add(z.data.toArray() as never, [0n, 0n] as never) as never),
  "by mathjs, a matrix": (z) => new LongTensor(math.unaryMinus(z.data.toMatrix() as never) as never),
  "a copied typed array": (z) => new LongTensor(z.data.toTypedArray().slice()),
  "reconstruct of two own shares": (z) => reconstruct([z.data, z.data]),
  "a share of it": (z) => share(z.data)[1],
  "there and back": (z) => z.data.add(z.data).sub(z.data),
};

describe("where shares have MACs", () => {
  test("swapping the share of a computed value is checked, however it is written", async () => {
    const results = await withPair(async (iface) => {
      const z = await product(iface);
      const values: unknown[] = [];
      for (const spelling of Object.values(wholes)) {
        const mine = spelling(z);
        const theirs = swapShares(mine, iface);
        await iface.settled();
        values.push((reconstruct([mine, theirs]).flatten().toArray() as bigint[]).map(Number));
      }
      return values;
    }, malicious);
    for (const values of results) expect(values).toEqual(Object.keys(wholes).map(() => [8, 3]));
  });

  test("a share that was changed in transit never becomes a value", async () => {
    for (const [name, spelling] of Object.entries(wholes).slice(0, 5)) {
      const pair = createPair(malicious);
      const [honest] = await Promise.all(
        pair.map(async (iface) => {
          const z = await product(iface);
          if (iface.party === 1) {
            iface.session.tampering.alter = (payload, stream, what = "") => {
              if (stream !== "online" || !/^(opens the result|share for)/.test(what)) return payload;
              return payload.map((byte, i) => (i % 8 === 0 ? byte ^ 64 : byte));
            };
          }
          return outcome(async () => {
            const mine = spelling(z);
            const sum = reconstruct([mine, swapShares(mine, iface)]);
            await iface.settled();
            return sum.toArray();
          });
        }),
      );
      expect(honest, name).toBeInstanceOf(CheckError);
      await Promise.all(pair.map((iface) => iface.close()));
    }
  });

  test("a tensor computed from it outside the session is refused, however it is written, and nothing is sent", async () => {
    await withPair(async (iface) => {
      const z = await product(iface);
      z.sum().add(z);
      const before = iface.costs().total.operations;
      for (const [name, spelling] of Object.entries(derived)) {
        const tensor = spelling(z);
        await expect(
          outcome(() => swapShares(tensor, iface)),
          name,
        ).resolves.toMatchObject({ name: "TypeError", message: expect.stringContaining("x.reveal()") });
        await iface.settled();
      }
      await iface.settled();
      expect(iface.costs().total.operations - before).toBeLessThanOrEqual(2);
    }, malicious);
  });

  test("it cannot be used as an input, a shared value, a gradient or a public operand either", async () => {
    await withPair(async (iface) => {
      const z = await product(iface);
      for (const [name, spelling] of Object.entries(derived).slice(0, 15))
        expect(() => new SharedVariable(spelling(z), iface), name).toThrow(/x\.reveal\(\)/);
      const x = await iface.input(0, () => [2, 3], { requiresGrad: true });
      const square = x.mul(x);
      expect(() => square.backward(square.data.neg())).toThrow(/x\.reveal\(\)/);
      const sum = reconstruct([z.data, z.data]);
      expect(() => z.add(sum)).toThrow(/x\.reveal\(\)/);
      const errors = await outcome(() => iface.input(0, iface.party === 0 ? sum : undefined));
      expect(errors).toMatchObject({ name: iface.party === 0 ? "TypeError" : "DesyncError" });
      await outcome(() => iface.settled());
      expect((await z.reveal()).toArray()).toEqual([8, 3]);
    }, malicious);
  });

  test("the same holds for a gradient's share", async () => {
    await withPair(async (iface) => {
      const x = await iface.input(0, () => [2, 3], { requiresGrad: true });
      x.mul(x).sum().backward();
      const mine = x.grad!.data;
      const theirs = swapShares(mine, iface);
      await iface.settled();
      expect(decode(reconstruct([mine, theirs])).toArray()).toEqual([4, 6]);
      expect(() => swapShares(mine.neg(), iface)).toThrow(/x\.reveal\(\)/);
      // Both parties know the received share and the value itself, so they are public operands from here on.
      const value = reconstruct([mine, theirs]);
      expect(() => swapShares(value.neg(), iface)).toThrow(/was opened/);
      expect((await x.add(value).reveal()).toArray()).toEqual([6, 9]);
    }, malicious);
  });

  test("a computed share of an ended session is refused, but a classic share of an input can enter again", async () => {
    const pair = createPair(malicious);
    const [own, other] = share(encode([5]));
    const shares = [own, other];
    const old = await Promise.all(
      pair.map(async (iface, party) => {
        const x = new SharedVariable(shares[party]!, iface);
        const z = x.mul(x);
        await iface.settled();
        return { input: x.data, computed: z.data };
      }),
    );
    await Promise.all(pair.map((iface) => iface.resync()));
    const values = await Promise.all(
      pair.map(async (iface, party) => {
        expect(() => swapShares(old[party]!.computed, iface)).toThrow(/x\.reveal\(\)/);
        expect(() => new SharedVariable(old[party]!.computed, iface)).toThrow(/x\.reveal\(\)/);
        return (await new SharedVariable(old[party]!.input, iface).reveal()).toArray();
      }),
    );
    expect(values).toEqual([[5], [5]]);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  test("shares of one's own secrets, zeros and plain values can still be swapped", async () => {
    await withPair(async (iface) => {
      const plain = new LongTensor([iface.party + 1]);
      const z = await product(iface);
      expect(z.data.toArray()).toHaveLength(2);
      // Words of a share have been read out, but fresh shares and zeros cannot hold any of them.
      const [mine, theirs] = share(encode([iface.party]));
      const got = swapShares(theirs, iface);
      const zeros = swapShares(LongTensor.zeros(2, 1), iface);
      const before = swapShares(plain, iface);
      await iface.settled();
      expect(zeros.toArray()).toEqual([[0n], [0n]]);
      expect(before.toArray()).toEqual([BigInt(2 - iface.party)]);
      expect((await new SharedVariable(mine.add(got), iface).reveal()).shape).toEqual([1]);
    }, malicious);
  });
});

test("without MACs, every tensor is swapped unchecked", async () => {
  await withPair(async (iface) => {
    const z = await product(iface);
    for (const [name, spelling] of Object.entries(derived).filter(([name]) => name !== "a share of it")) {
      const mine = spelling(z);
      const theirs = swapShares(mine, iface);
      await iface.settled();
      expect(theirs.shape, name).toEqual(mine.shape);
    }
  }, fast);
});

describe("a swap", () => {
  test.each([200.5, 63, -1, 16.5, Number.NaN, "16" as never])(
    "is refused with %s fractional bits, before anything is numbered",
    async (fracBits) => {
      const values = await withPair(async (iface) => {
        if (iface.party === 0)
          expect(() => swapShares(LongTensor.zeros(1), iface, { fracBits })).toThrow(RangeError);
        const x = await iface.input(0, () => [1]);
        return (await x.reveal()).toArray();
      });
      expect(values).toEqual([[1], [1]]);
    },
  );

  test("waits for the scheme to release raw shares", async () => {
    const pair = createPair(fast);
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    vi.spyOn(additiveRelease, "run").mockImplementation(() => gate.then(() => undefined));
    const received = pair.map((iface) => swapShares(new LongTensor([iface.party + 5]), iface));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received.map(({ settled }) => settled)).toEqual([false, false]);
    release!();
    vi.restoreAllMocks();
    await Promise.all(pair.map((iface) => iface.settled()));
    expect(received.map((each) => each.item())).toEqual([6n, 5n]);
    await Promise.all(pair.map((iface) => iface.close()));
  });
});
