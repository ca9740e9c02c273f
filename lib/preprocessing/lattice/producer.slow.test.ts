import { afterEach, describe, expect, test } from "vitest";
import { createLatticeStates } from "../../../test/support/lattice";
import { createLinkPair, endLink, type Passing, runBoth, type Tap } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import { concatBytes } from "../../crypto/bytes";
import { createPrg } from "../../crypto/prg";
import { SpdzError, TransportError } from "../../errors";
import { type RingVector, ring64 } from "../../ring";
import { type Kind, partsOf } from "../kinds/kinds";
import { type RawVector, toWords } from "../kinds/raw";
import type { Producer } from "../producer";
import { LocalProducer } from "../producers/local-producer";
import { WorkerProducer } from "../producers/worker-producer";
import { latticeMakerOf } from "./items";
import { MaskShares } from "./mask-shares";
import { latticeProduction } from "./production";

const over = new SpdzError("closed", "over");
const started: Producer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((producer) => producer.destroy(over)));
});

/** Both parties' producers, set up over one link. */
async function start(create: () => Producer, tap?: Tap) {
  const producers = [create(), create()] as const;
  started.push(...producers);
  const links = createLinkPair(tap);
  await runBoth(
    links,
    (link) => producers[0].setUp(link),
    (link) => producers[1].setUp(link),
  );
  const make = (kind: Kind, count: number, at = 0) =>
    runBoth(
      links,
      () => producers[0].make(kind, count, at),
      () => producers[1].make(kind, count, at),
    );
  return { producers, links, make };
}

const open = ([mine, theirs]: readonly [RawVector[], RawVector[]]) =>
  mine.map((field, i) => ring64.add(toWords(field), toWords(theirs[i]!)));

async function openProduct(make: (kind: Kind, count: number) => Promise<[RawVector[], RawVector[]]>) {
  const [m, k, n] = [20, 30, 12];
  const [a] = open(await make(`matrix 4 ${m * k}`, 1)) as [RingVector];
  const [b] = open(await make(`matrix 5 ${k * n}`, 1)) as [RingVector];
  for (const number of [6, 7]) {
    const [c] = open(await make(`product 4 5 ${m} ${k} ${n} ${number}`, 1)) as [RingVector];
    expect(ring64.equals(ring64.matmul(a, b, m, k, n), c)).toBe(true);
  }
  // One of the matrices again, with another.
  const [d] = open(await make(`matrix 8 ${k * 3}`, 1)) as [RingVector];
  const [c] = open(await make(`product 4 8 ${m} ${k} 3 9`, 1)) as [RingVector];
  expect(ring64.equals(ring64.matmul(a, d, m, k, 3), c)).toBe(true);
}

async function openTriplesAndSquares(
  make: (kind: Kind, count: number) => Promise<[RawVector[], RawVector[]]>,
) {
  for (const count of [1, 8191, 8192, 20_000]) {
    const [a, b, c] = open(await make("triple", count)) as [RingVector, RingVector, RingVector];
    expect(c).toHaveLength(count);
    expect(ring64.equals(ring64.mul(a, b), c)).toBe(true);
    const [r, square] = open(await make("square", count)) as [RingVector, RingVector];
    expect(square).toHaveLength(count);
    expect(ring64.equals(ring64.mul(r, r), square)).toBe(true);
  }
}

describe.each([
  ["in this thread", (forced: boolean) => new LocalProducer(latticeProduction(forced))],
  ["in a thread of its own", (forced: boolean) => new WorkerProducer(forced ? "lattice" : "ot-or-lattice")],
] as const)("correlated randomness by lattices, made %s", (_, create) => {
  test.each([true, false])("is correct, batch after batch (forced: %s)", async (forced) => {
    const { make } = await start(() => create(forced));
    await openProduct(make);
    await openTriplesAndSquares(make);
    const [p, q] = await make("wrap", 100);
    const product = ring64.mul(toWords(p[0]!), toWords(q[0]!));
    expect(ring64.equals(product, ring64.add(toWords(p[1]!), toWords(q[1]!)))).toBe(true);
  });

  test("stops when the connection is gone", async () => {
    const { producers, links } = await start(() => create(true));
    const made = producers[0].make("triple", 50_000, 0);
    endLink(links[0]);
    const error = await made.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransportError);
    expect((error as TransportError).reason).toBe("closed");
  });

  test("stops when its session ends", async () => {
    const { producers, make } = await start(() => create(true));
    const failed = expect(make("triple", 50_000)).rejects.toBe(over);
    await Promise.all(producers.map((producer) => producer.destroy(over)));
    await failed;
    await expect(producers[0].make("triple", 8192, 0)).rejects.toBe(over);
  });
});

test.each(["tosses a seed", "sends a public key", "sends a ciphertext", "answers a ciphertext"])(
  "a session that ends as party 0 %s sends nothing more, for its secrets are zeros then",
  async (what) => {
    let producers: readonly Producer[] = [];
    let later = -1;
    const started = await start(
      // A source that goes on: the link alone must stop.
      () => new LocalProducer(latticeProduction(true), createPrg(seedOf(11))),
      (message) => {
        if (message.from !== 0 || (later < 0 && message.what !== what)) return;
        if (++later === 0) for (const producer of producers) void producer.destroy(over);
      },
    );
    ({ producers } = started);
    await expect(started.make("triple", 50_000)).rejects.toBe(over);
    expect(later).toBe(0);
  },
);

/** Alters one message of party 1 that carries this. */
function alter(what: string, change: (message: Passing) => void): Tap {
  let left = 1;
  return (message) => {
    if (message.from === 1 && message.what === what && left-- > 0) change(message);
  };
}

const flipped = (payload: Uint8Array, at: number) => payload.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("a malformed message", () => {
  const ciphertext = "sends a ciphertext";
  test.each([
    ["a ciphertext that is too short", ciphertext, (m) => (m.payload = m.payload.subarray(1))],
    [
      "a ciphertext that is too long",
      ciphertext,
      (m) => (m.payload = concatBytes(m.payload, Uint8Array.of(0))),
    ],
    ["a ciphertext of another parameter set", ciphertext, (m) => (m.payload = flipped(m.payload, 3))],
    ["a ciphertext with another number", ciphertext, (m) => (m.payload = flipped(m.payload, 15))],
    [
      "a ciphertext that is not reduced",
      ciphertext,
      (m) => (m.payload = m.payload.slice().fill(255, 16, 40)),
    ],
    ["a repeated ciphertext", ciphertext, (m) => (m.doubled = true)],
    ["a missing ciphertext", ciphertext, (m) => (m.withheld = true)],
    ["a ciphertext after the next one", ciphertext, (m) => (m.overtaken = true)],
    [
      "a public key that is not reduced",
      "sends a public key",
      (m) => (m.payload = m.payload.slice().fill(255, 99, 140)),
    ],
    ["a repeated public key", "sends a public key", (m) => (m.doubled = true)],
    ["an answer that is too short", "answers a ciphertext", (m) => (m.payload = m.payload.subarray(8))],
    ["a repeated answer", "answers a ciphertext", (m) => (m.doubled = true)],
    ["an answer of another session", "answers a ciphertext", (m) => (m.payload = flipped(m.payload, 0))],
  ] as [string, string, (message: Passing) => void][])("%s is refused", async (_, what, change) => {
    const made = async () => {
      const states = await createLatticeStates(3, alter(what, change));
      const masks = new MaskShares(createPrg(seedOf(1)));
      const maker = latticeMakerOf("triple")!;
      await Promise.all(
        states.map((state) => maker.make({ ready: async () => state, masks }, partsOf("triple"), 40_000)),
      );
    };
    await expect(made()).rejects.toMatchObject({ code: "transport-malformed" });
  });
});

test("only kinds of semi-honest security are made", () => {
  const production = latticeProduction(false);
  expect(() => production.batch("bits")).toThrow(TypeError);
  expect(production.batch("triple").least).toBe(32);
  expect(latticeProduction(true).batch("triple").least).toBe(8192);
  const { matrices } = production.capabilities as { matrices: (m: number, k: number, n: number) => boolean };
  expect(matrices(128, 128, 128)).toBe(true);
  expect(matrices(3, 3, 3)).toBe(false);
});
