import { expect, test } from "vitest";
import { createLatticeStates } from "../../../test/support/lattice";
import type { Passing } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import { createPrg } from "../../crypto/prg";
import { type RingVector, ring64 } from "../../ring";
import { partsOf } from "../kinds/kinds";
import { matrixKey } from "../kinds/matrix";
import { toWords } from "../kinds/raw";
import { latticeMakerOf } from "./items";
import { CiphertextStore, KeptCiphertexts } from "./kept-ciphertexts";
import { MaskShares } from "./mask-shares";

let sent: number[] = [];
const note = ({ payload }: Passing) => sent.push(payload.length);
const states = createLatticeStates(17, note);
const masks = [21, 22].map((seed) => new MaskShares(createPrg(seedOf(seed))));
let products = 0;

/** The mask of a matrix. */
function maskOf(id: number, length: number): RingVector {
  const [x, y] = masks.map((each) => ring64.fromBytes(each.draw(matrixKey(id, length), length), length));
  return ring64.add(x!, y!);
}

/** Make the product of two masks, check it, and return the bytes that both parties sent. */
async function check(
  left: number,
  right: number,
  [m, k, n]: readonly [number, number, number],
): Promise<number> {
  const parts = partsOf(`product ${left} ${right} ${m} ${k} ${n} ${products++}`);
  const maker = latticeMakerOf("product 0 0 1 1 1 0")!;
  sent = [];
  const both = await Promise.all(
    (await states).map((state, i) => maker.make({ ready: async () => state, masks: masks[i]! }, parts, 1)),
  );
  const [mine, theirs] = both.map(([field]) => toWords(field!)) as [RingVector, RingVector];
  const expected = ring64.matmul(maskOf(left, m * k), maskOf(right, k * n), m, k, n);
  expect(ring64.equals(ring64.add(mine, theirs), expected)).toBe(true);
  return sent.reduce((sum, bytes) => sum + bytes, 0);
}

test("a matrix is encrypted no more from its third product on, whatever it is multiplied with", async () => {
  const sizes = [1, 300, 40] as const;
  const bytes = [];
  for (let id = 1; id <= 4; id++) bytes.push(await check(id, 100, sizes));
  expect(bytes[2]).toBeLessThan(bytes[0]! / 2);
  expect(bytes[3]).toBe(bytes[2]);
  // With other sizes, and as the left matrix.
  await check(5, 100, [30, 300, 40]);
  await check(100, 6, [300, 40, 7]);
  for (const id of [7, 8, 9]) await check(200, id, [33, 50, 3]);
  expect(await check(200, 10, [33, 50, 1])).toBeLessThan(bytes[0]!);
});

test("a matrix in another shape is another one", async () => {
  for (const left of [11, 12, 13]) await check(left, 300, [20, 60, 10]);
  for (const left of [14, 15, 16]) await check(left, 300, [20, 10, 60]);
  for (const left of [11, 14]) await check(left, 300, left === 11 ? [20, 60, 10] : [20, 10, 60]);
});

test("a product of a matrix with itself is right, however often", async () => {
  for (let i = 0; i < 3; i++) await check(400, 400, [18, 18, 18]);
});

test("both stores decide alike, and stay within their bytes", () => {
  const stores = [new CiphertextStore(40e6), new CiphertextStore(40e6)] as const;
  const random = createPrg(seedOf(3));
  const draw = (below: number) => random.draw!(1)[0]! % below;
  const kept = new Set<KeptCiphertexts>();
  let shared = 0;
  for (let i = 0; i < 300; i++) {
    const ids = [draw(6), 10 + draw(6)] as const;
    // Each matrix has its shape: 64 rows and a number of columns that its own number says.
    const sizes = [8 * (1 + ids[0]), 64, 16 * (ids[1] - 9)] as const;
    const [one, other] = stores.map((store) => store.plan(sizes, ...ids)) as [
      ReturnType<CiphertextStore["plan"]>,
      ReturnType<CiphertextStore["plan"]>,
    ];
    expect(other.packing).toEqual(one.packing);
    expect(other.kept === undefined).toBe(one.kept === undefined);
    if (!one.kept) continue;
    if (kept.has(one.kept)) shared++;
    kept.add(one.kept);
    expect(one.kept).toBeInstanceOf(KeptCiphertexts);
    expect(one.kept.bytes).toBeLessThanOrEqual(40e6);
  }
  expect(shared).toBeGreaterThan(100);
});
