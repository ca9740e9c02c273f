import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawBytes } from "../../test/support/random";
import { type MatmulOptions, type RingVector, setThreads } from ".";
import { Engine } from "./wasm/engine";
import { Storage } from "./wasm/storage";
import { threads } from "./wasm/team";
import { WasmRing } from "./wasm/wasm-ring";

const COUNT = 3;
const random = { fill: (target: Uint8Array) => target.set(drawBytes(target.length)) };
const engine = new Engine(true);
const storage = new Storage(engine);
const before = threads();

beforeAll(async () => {
  setThreads(COUNT);
  while (engine.team!.size() < COUNT) await new Promise((resolve) => setTimeout(resolve, 5));
});
afterAll(() => setThreads(before));

/** Run the same work on one thread and on several. */
function both(work: () => RingVector): [Uint8Array, Uint8Array] {
  return [1, COUNT].map((count) => {
    setThreads(count);
    const result = work();
    return result.ring.toBytes(result);
  }) as [Uint8Array, Uint8Array];
}

function expectSame(work: () => RingVector): void {
  for (let i = 0; i < 5; i++) {
    const [one, several] = both(work);
    expect(Buffer.compare(one, several)).toBe(0);
  }
}

describe.each([64, 128] as const)("threads compute mod 2^%d", (bits) => {
  const ring = new WasmRing(bits, () => storage);

  test.each([
    [128, 128, 128],
    [200, 131, 257],
    [33, 1000, 100],
    [1000, 64, 40],
  ])("the product of %d×%d by %d", (m, k, n) => {
    const a = ring.random(m * k, random);
    const b = ring.random(k * n, random);
    for (const transposeLeft of [false, true]) {
      for (const transposeRight of [false, true]) {
        const options: MatmulOptions = { transposeLeft, transposeRight };
        expectSame(() => ring.matmul(a, b, m, k, n, options));
      }
    }
  });

  test.each([2 ** 17, 2 ** 17 + 1, 300_001])("%d elements one by one", (length) => {
    const [x, y, z] = [0, 1, 2].map(() => ring.random(length, random)) as [
      RingVector,
      RingVector,
      RingVector,
    ];
    for (const operation of ["add", "sub", "mul", "and", "xor"] as const)
      expectSame(() => ring[operation](x, y));
    for (const operation of ["addScalar", "mulScalar", "andScalar", "xorScalar"] as const)
      expectSame(() => ring[operation](x, -(3n ** 70n)));
    for (const operation of ["shiftLeft", "shiftRight", "shiftRightSigned", "bit"] as const)
      expectSame(() => ring[operation](x, 37));
    expectSame(() => ring.mulAdd(x, y, z));
    expectSame(() => ring.neg(x));
    expectSame(() => ring.full(length, -5n));
  });
});

describe("a process", () => {
  const library = join(__dirname, "../../dist/lib/ring");

  /** Run large work with the built library and return its last line; fail unless the process ends by itself. */
  async function run(env: Record<string, string>, prelude = ""): Promise<unknown> {
    const program = `${prelude}
      const { ring64, setThreads } = require(${JSON.stringify(library)});
      const x = ring64.full(2 ** 18, 3n);
      const go = () => ring64.toBigInts(ring64.slice(ring64.matmul(x, x, 512, 512, 512), 0, 1))[0];
      let value;
      const end = Date.now() + 300;
      do value = go(); while (Date.now() < end);
      const { Worker } = require("node:worker_threads");
      // Without shared memory Node's own workers fail.
      const { threadId } = typeof SharedArrayBuffer === "undefined" ? { threadId: 1 } : new Worker("0", { eval: true });
      console.log(JSON.stringify([String(value), threadId - 1]));`;
    const options = { timeout: 20_000, env: { ...process.env, ...env } };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", program], options);
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }

  test("ends by itself while threads wait for work", async () => {
    expect(await run({ SPDZLAB_THREADS: "3" })).toEqual(["4608", 2]);
  });

  test("starts no threads if the environment or an option turns them off", async () => {
    expect(await run({ SPDZLAB_THREADS: "1" })).toEqual(["4608", 0]);
    expect(await run({}, `require(${JSON.stringify(library)}).setThreads(1);`)).toEqual(["4608", 0]);
  });

  test("starts threads later if they were off at first", async () => {
    const late = `{ const ring = require(${JSON.stringify(library)}); ring.setThreads(1); ring.ring64.zeros(1); ring.setThreads(2); }`;
    expect(await run({}, late)).toEqual(["4608", 1]);
  });

  test("works without SharedArrayBuffer", async () => {
    expect(await run({}, "delete globalThis.SharedArrayBuffer;")).toEqual(["4608", 0]);
  });
});

test("setThreads accepts integers from 1 only", () => {
  for (const count of [0, -1, 1.5, Number.NaN]) expect(() => setThreads(count)).toThrow(RangeError);
});
