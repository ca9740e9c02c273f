import { describe, expect, test } from "vitest";
import { startDealer } from "../../test/support/modes";
import { withPair } from "../../test/support/pair";
import { fc } from "../../test/support/random";
import { SharedVariable } from "../autograd/shared-variable";
import { createPrg } from "../crypto/prg";
import { MatrixMasks } from "../protocol/matrix-masks";
import { ring64 } from "../ring";
import type { DistributedInterface } from "../session/distributed-interface";
import { longTensor } from "../tensor/long-tensor";

/** A shared integer matrix, row after row. */
function matrix(iface: DistributedInterface, rows: number, columns: number, values: readonly bigint[]) {
  const masks = ring64.random(values.length, createPrg(new Uint8Array(16).fill(rows + 7 * columns)));
  const vector = iface.party === 0 ? masks : ring64.sub(ring64.fromBigInts(values), masks);
  return new SharedVariable(longTensor(vector, [rows, columns], 0, { isShare: true }), iface);
}

const plain = (x: bigint[], y: bigint[], m: number, k: number, n: number) =>
  ring64.toSignedBigInts(ring64.matmul(ring64.fromBigInts(x), ring64.fromBigInts(y), m, k, n)).map(Number);

describe("matrices that are masked once", () => {
  test("give correct products of any shapes, with either factor reused", async () => {
    const side = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        side,
        fc.infiniteStream(fc.bigInt(-1000n, 1000n)),
        async (m, k, n, numbers) => {
          const draw = (count: number) => Array.from({ length: count }, () => numbers.next().value as bigint);
          const [x, y, z] = [draw(m * k), draw(m * k), draw(k * n)];
          const results = await withPair(async (iface) => {
            const [left, other, right] = [
              matrix(iface, m, k, x),
              matrix(iface, m, k, y),
              matrix(iface, k, n, z),
            ];
            const products = [
              left.matmul(right),
              other.matmul(right),
              left.matmul(right),
              left.matmul(other.t()),
            ];
            return Promise.all(
              products.map(async (product) => ((await product.reveal()).toArray() as number[][]).flat()),
            );
          });
          const transposed = Array.from({ length: m * k }, (_, i) => y[(i % m) * k + Math.floor(i / m)]!);
          const expected = [
            plain(x, z, m, k, n),
            plain(y, z, m, k, n),
            plain(x, z, m, k, n),
            plain(x, transposed, m, k, m),
          ];
          expect(results).toEqual([expected, expected]);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("are opened once: a second batch needs only its own mask, and repeating a product needs none", async () => {
    const costs = await withPair(async (iface) => {
      const w = matrix(iface, 3, 2, [1n, 2n, 3n, 4n, 5n, 6n]);
      const batches = [1n, 2n].map((value) => matrix(iface, 1, 3, [value, value, value]));
      const sentBy = async (compute: () => unknown) => {
        const spent = () =>
          iface.costs().byKind.find(([kind]) => kind === "matmul")?.[1] ?? { bytesSent: 0, messagesSent: 0 };
        const before = spent();
        compute();
        await iface.settled();
        const after = spent();
        return [after.bytesSent - before.bytesSent, after.messagesSent - before.messagesSent];
      };
      return [
        await sentBy(() => batches[0]!.matmul(w)),
        await sentBy(() => batches[1]!.matmul(w)),
        await sentBy(() => batches[1]!.matmul(w)),
        await sentBy(() => batches[1]!.matmul(w.mul(1))),
      ];
    });
    for (const [first, second, third, changed] of costs) {
      expect(first).toEqual([8 * (3 + 6), 1]);
      expect(second).toEqual([8 * 3, 1]);
      expect(third).toEqual([0, 0]);
      // A recomputed matrix is a different one.
      expect(changed).toEqual([8 * 6, 1]);
    }
  });

  test("do not block a later product when the first one fails", async () => {
    await withPair(async (iface) => {
      const w = matrix(iface, 2, 2, [1n, 2n, 3n, 4n]);
      const lost = iface.run({
        description: { kind: "lost", operands: [] },
        body: async () => {
          throw new RangeError("lost");
        },
      });
      const broken = new SharedVariable(longTensor(lost as never, [1, 2], 0, { isShare: true }), iface);
      broken.matmul(w);
      const later = matrix(iface, 1, 2, [1n, 1n]).matmul(w);
      await expect(later.reveal()).rejects.toThrow(/use `matrix.add\(0\)` instead.*failed with: lost/);
      await iface.settled().catch(() => undefined);
      const again = matrix(iface, 1, 2, [1n, 1n]).matmul(w.add(0));
      expect((await again.reveal()).toArray()).toEqual([[4, 6]]);
    });
  });

  test("must be the same at both parties; otherwise both get an error that names the difference", async () => {
    await withPair(async (iface) => {
      const batches = [1n, 2n].map((value) => matrix(iface, 1, 2, [value, value]));
      const [w, other] = [matrix(iface, 2, 2, [1n, 2n, 3n, 4n]), matrix(iface, 2, 2, [1n, 2n, 3n, 4n])];
      batches[0]!.matmul(w);
      const differing = batches[1]!.matmul(iface.party === 0 ? w : other);
      await expect(differing.reveal()).rejects.toThrow(
        /this party ran matmul x#\d·x#\d .* where party \d ran matmul x#\d·x#\d /,
      );
      await iface.settled().catch(() => undefined);
    });
  });

  test("are compared even if a product sends no message", async () => {
    const server = await startDealer();
    const dealt = { security: "semi-honest", preprocessing: "dealer", dealer: server.address } as const;
    await withPair(async (iface) => {
      const [x, y, w] = [1n, 2n, 3n].map((value) => matrix(iface, 1, 1, [value])) as SharedVariable[];
      x!.matmul(w!);
      y!.matmul(w!);
      await iface.settled();
      (iface.party === 0 ? x! : y!).matmul(w!);
      const parted = async () => {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          x!.add(y!);
        }
      };
      await expect(parted()).rejects.toThrow(
        /this party ran matmul x#\d·x#\d .* where party \d ran matmul x#\d·x#\d /,
      );
      await iface.settled().catch(() => undefined);
    }, dealt);
    await server.close();
  });

  test("are identified by the object that stands for the matrix", () => {
    const masks = new MatrixMasks();
    const [x, y, z] = [{}, {}, {}];
    const first = masks.plan(x, y, [1, 2, 3]);
    expect(first.product.fresh.map(({ kind }) => kind)).toEqual(["matrix 0 2", "matrix 1 6"]);
    expect(Object.keys(first.needs)).toEqual(["matrix 0 2", "matrix 1 6", "product 0 1 1 2 3 2"]);
    const fork = new MatrixMasks(masks);
    expect(fork.plan(z, y, [4, 2, 3]).product.fresh).toHaveLength(1);
    expect(masks.find(z)).toBeUndefined();
    expect(masks.plan(x, y, [1, 2, 3]).product).toMatchObject({ fresh: [], kind: "product 0 1 1 2 3 3" });
    const square = masks.plan(z, z, [2, 2, 2]);
    expect(square.product.fresh).toHaveLength(1);
    expect(square.product.left).toBe(square.product.right);
  });
});
