import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { promisify } from "node:util";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { joinBits, toBitVector } from "../../../test/support/bits";
import { createLinkPair, endLink, type Passing, runBoth } from "../../../test/support/links";
import { openPrivateBits } from "../../../test/support/private-bits";
import { CheckError, DesyncError, SpdzError, TransportError } from "../../errors";
import { ring128 } from "../../ring";
import type { BitKey } from "../../sharing/bits";
import { type Kind, partsOf } from "../kinds/kinds";
import { ELEMENT, type RawVector } from "../kinds/raw";
import { makers } from "../malicious/kind-makers";
import type { Producer, SetUp } from "../producer";
import { LocalProducer } from "./local-producer";
import { fromPlainError, movable, toPlainError } from "./messages";
import { PRODUCTIONS } from "./productions";
import { WorkerProducer } from "./worker-producer";

const over = new SpdzError("closed", "over");
const started: Producer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((producer) => producer.destroy(over)));
});

interface Ends {
  readonly producers: readonly [Producer, Producer];
  readonly setUps: readonly [SetUp, SetUp];
  readonly links: ReturnType<typeof createLinkPair>;
}

/** Both parties' producers, set up over one link. */
async function start(create: () => Producer, tap?: (message: Passing) => void): Promise<Ends> {
  const producers = [create(), create()] as const;
  started.push(...producers);
  const links = createLinkPair(tap);
  const setUps = await runBoth(
    links,
    (link) => producers[0].setUp(link),
    (link) => producers[1].setUp(link),
  );
  return { producers, setUps, links };
}

const makeBoth = ({ producers, links }: Ends, kind: Kind, count: number) =>
  runBoth(
    links,
    () => producers[0].make(kind, count, 0),
    () => producers[1].make(kind, count, 0),
  );

/** Fields that are shares in the ring, where not all are; the others are bits. */
const RING_FIELDS: { readonly [kind in Kind]?: number } = { andtriple: 0, dabit: 1, maskbits: 0 };

const vector = (bytes: Uint8Array) => ring128.fromBytes(bytes, bytes.length / ELEMENT);
const sum = (x: Uint8Array, y: Uint8Array) => ring128.add(vector(x), vector(y));

describe.each([
  ["in this thread", () => new LocalProducer(PRODUCTIONS.malicious)],
  ["in a thread of its own", () => new WorkerProducer("malicious")],
] as const)("correlated randomness made %s", (_, create) => {
  test("has correct MACs, and its triples multiply", async () => {
    const ends = await start(create);
    const { setUps } = ends;
    expect(setUps[0].identity.session).toEqual(setUps[1].identity.session);
    expect(setUps.map(({ identity }) => identity.party)).toEqual([0, 1]);
    const alpha = setUps[0].alpha + setUps[1].alpha;
    const open = (x: RawVector, y: RawVector) => {
      const value = sum(x.values, y.values);
      expect(ring128.equals(ring128.mulScalar(value, alpha), sum(x.macs, y.macs))).toBe(true);
      return value;
    };
    for (const kind of Object.keys(makers) as Kind[]) {
      const { fields } = partsOf(kind);
      const inRing = RING_FIELDS[kind] ?? fields;
      if (inRing === 0) continue;
      const [mine, theirs] = await makeBoth(ends, kind, 2);
      expect(mine).toHaveLength(fields);
      if (kind === "bits") {
        expect(openPrivateBits([mine, theirs], alpha).beta).toHaveLength(16);
        continue;
      }
      const opened = mine.slice(0, inRing).map((field, i) => open(field, theirs[i]!));
      for (const { length } of opened) expect(length).toBe(2);
      const [a, b, c] = opened;
      if (kind === "triple") expect(ring128.equals(ring128.mul(a!, b!), c!)).toBe(true);
    }
  });

  test("has bits with MACs under the keys of the set-up, and their triples multiply", async () => {
    const ends = await start(create);
    const keys = ends.setUps.map(({ identity: { party }, delta }) => ({ party, delta: delta! })) as [
      BitKey,
      BitKey,
    ];
    const join = ([mine, theirs]: readonly [RawVector[], RawVector[]], field: number) =>
      joinBits([toBitVector(mine[field]!), toBitVector(theirs[field]!)], keys);
    const triples = await makeBoth(ends, "andtriple", 512);
    const [a, b, c] = [0, 1, 2].map((field) => join(triples, field));
    expect(c).toEqual(a!.map((bit, i) => bit & b![i]!));
    const daBits = await makeBoth(ends, "dabit", 40);
    const [[mine], [theirs]] = daBits;
    const values = ring128.toBigInts(sum(mine!.values, theirs!.values));
    const bits = join(daBits, 1);
    expect(values.map((value) => Number(BigInt.asUintN(64, value)))).toEqual(bits);
    expect(new Set(bits).size).toBe(2);
    const [first, second] = await makeBoth(ends, "maskbits", 2);
    for (const made of [first, second])
      expect(made.map(({ values, macs }) => [values.length, macs.length])).toEqual([
        [2048, 2048],
        [2048, 2048],
      ]);
  });

  test("is not made with a peer that is caught cheating", async () => {
    let cheating = false;
    const ends = await start(create, (message) => {
      if (cheating && message.from === 1 && message.payload.length > 1000) message.payload[500]! ^= 1;
    });
    cheating = true;
    await expect(makeBoth(ends, "triple", 32)).rejects.toBeInstanceOf(CheckError);
  });

  test("stops when the connection is gone", async () => {
    const { producers, links } = await start(create);
    const made = producers[0].make("triple", 32, 0);
    endLink(links[0]);
    const error = await made.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransportError);
    expect((error as TransportError).reason).toBe("closed");
  });

  test("stops when its session ends, during the set-up or a batch", async () => {
    const alone = create();
    const settingUp = alone.setUp(createLinkPair()[0]);
    const gone = alone.destroy(over);
    // A producer in this thread notices the end only at its next message, and none will arrive.
    if (alone instanceof WorkerProducer) await expect(settingUp).rejects.toBe(over);
    await gone;

    const ends = await start(create);
    const made = makeBoth(ends, "triple", 1024);
    const failed = expect(made).rejects.toBe(over);
    await Promise.all(ends.producers.map((producer) => producer.destroy(over)));
    await failed;
    await expect(ends.producers[0].make("triple", 32, 0)).rejects.toBe(over);
  });
});

describe("a thread that makes correlated randomness", () => {
  /** Milliseconds of the longest time in which nothing else could run here while 20 batches are made. */
  async function longestStall(create: () => Producer): Promise<number> {
    const ends = await start(create);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    for (let i = 0; i < 20; i++) await makeBoth(ends, "triple", 1024);
    delay.disable();
    await Promise.all(ends.producers.map((producer) => producer.destroy(over)));
    return delay.max / 1e6;
  }

  test("leaves the main thread free while it makes 20,480 triples", { timeout: 400_000 }, async () => {
    const here = await longestStall(() => new LocalProducer(PRODUCTIONS.malicious));
    // A machine that is busy with other things stalls anybody now and then.
    const there: number[] = [];
    do there.push(await longestStall(() => new WorkerProducer("malicious")));
    while (Math.min(...there) >= 0.6 * here && there.length < 3);
    console.log(
      `longest stall: ${here.toFixed(0)} ms in one thread, ${there.map((ms) => ms.toFixed(0))} ms in two`,
    );
    expect(Math.min(...there)).toBeLessThan(0.6 * here);
  });

  const folder = mkdtempSync(join(tmpdir(), "spdzlab-producer-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ["exits", "process.exit(3)"],
    ["throws", "throw new Error('lost')"],
    [
      "exits after its set-up",
      `const { parentPort } = require("node:worker_threads");
      parentPort.on("message", () => process.exit(3));
      parentPort.postMessage({ type: "ready", session: new Uint8Array(32), alpha: 1n });`,
    ],
  ])("that %s is missed", async (name, program) => {
    const script = join(folder, `${name.replaceAll(" ", "-")}.js`);
    writeFileSync(script, program);
    const producer = new WorkerProducer("malicious", script);
    started.push(producer);
    const used = async () => {
      await producer.setUp(createLinkPair()[0]);
      await producer.make("triple", 32, 0);
    };
    await expect(used()).rejects.toMatchObject({
      code: "worker",
      message: expect.stringMatching("ended unexpectedly"),
    });
  });

  test.each([
    ["works to the end", "links", '"up"'],
    ["waits for nobody", "[links[0]]", ""],
  ])("%s, and keeps no process alive", async (_, ends, printed) => {
    const program = `
      const { WorkerProducer } = require(${JSON.stringify(join(__dirname, "../../../dist/lib/preprocessing/producers/worker-producer"))});
      const links = [0, 1].map((party) => {
        const arrived = [];
        let waiting;
        return {
          party,
          send: (bytes) => links[1 - party].deliver(bytes),
          receive: async () => arrived.shift() ?? new Promise((resolve) => { waiting = resolve; }),
          deliver: (bytes) => { if (waiting) waiting(bytes); else arrived.push(bytes); waiting = undefined; },
        };
      });
      Promise.all(${ends}.map(async (link) => {
        const producer = new WorkerProducer("malicious");
        await producer.setUp(link);
        await producer.make("random", 8);
      })).then(() => console.log(JSON.stringify("up")));`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", program], {
      timeout: 50_000,
    });
    expect([stdout.trim(), stderr]).toEqual([printed, ""]);
  });
});

test("an error keeps its class in the other thread", () => {
  for (const error of [
    new CheckError("ot", "caught"),
    new TransportError("timeout", "late"),
    new DesyncError("parted"),
    new SpdzError("internal", "odd"),
    new RangeError("large"),
    new Error("other"),
  ]) {
    const same = fromPlainError(structuredClone(toPlainError(error)));
    expect(same.constructor).toBe(error.constructor);
    expect({ ...same, message: same.message }).toEqual({ ...error, message: error.message });
  }
});

test("moved bytes leave no copy behind", () => {
  const alone = Uint8Array.of(1, 2);
  expect(movable(alone)).toBe(alone);
  const part = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  expect(movable(part)).toEqual(Uint8Array.of(2, 3));
  expect(part).toEqual(Uint8Array.of(0, 0));
});
