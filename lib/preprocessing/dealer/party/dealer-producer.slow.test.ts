import { afterEach, describe, expect, test } from "vitest";
import { createLinkPair } from "../../../../test/support/links";
import { parseAddress } from "../../../channel/address";
import { type Ring, ring64, ring128 } from "../../../ring";
import type { Kind } from "../../kinds/kinds";
import { AUTHENTICATED, PLAIN, type RawVector, type ShareLayout } from "../../kinds/raw";
import { checkRequest, dealCorrections } from "../dealing/request";
import { DealerServer } from "../desk/server";
import { DealerProducer } from "./dealer-producer";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function serve(port = "*"): Promise<DealerServer> {
  const server = new DealerServer({
    address: parseAddress(`tcp://127.0.0.1:${port}`, "bind", true),
    deal: dealCorrections,
  });
  await server.listen();
  open.push(() => server.close());
  return server;
}

async function producers(layout: ShareLayout, address: string) {
  const options = {
    address: parseAddress(address, "dealer", false),
    timing: { timeoutMs: 60_000, resumeMs: 60_000, silenceMs: 3000 },
  };
  const pair = [new DealerProducer(layout, options), new DealerProducer(layout, options)] as const;
  for (const each of pair) open.push(() => each.destroy(new Error("the test is over")));
  const links = createLinkPair();
  const setUps = await Promise.all(pair.map((each, i) => each.setUp(links[i]!)));
  return { pair, setUps };
}

const modes: [string, ShareLayout, Ring][] = [
  ["without MACs", PLAIN, ring64],
  ["with MACs", AUTHENTICATED, ring128],
];

describe.each(modes)("randomness from a dealer, %s", (_, layout, ring) => {
  async function make(kinds: readonly (readonly [Kind, number, number])[], given?: string) {
    const address = given ?? (await serve()).address;
    const { pair, setUps } = await producers(layout, address);
    const alpha = setUps[0]!.alpha + setUps[1]!.alpha;
    const both = await Promise.all(
      pair.map((each) => Promise.all(kinds.map(([kind, count, start]) => each.make(kind, count, start)))),
    );
    const vector = (bytes: Uint8Array) => ring.fromBytes(bytes, bytes.length / layout.value);
    const sum = (x: Uint8Array, y: Uint8Array) => ring.add(vector(x), vector(y));
    const [zero, one] = both as [RawVector[][], RawVector[][]];
    return zero.map((fields, i) =>
      fields.map((mine, j) => {
        const theirs = one[i]![j]!;
        const value = sum(mine.values, theirs.values);
        if (layout.mac > 0)
          expect(ring.equals(ring.mulScalar(value, alpha), sum(mine.macs, theirs.macs))).toBe(true);
        return value;
      }),
    );
  }

  test("matches between the parties, with many batches in progress", async () => {
    const batches = Array.from({ length: 20 }, (_, i) => ["triple", 5000, 5000 * i] as const);
    const made = await make([...batches, ["square", 100, 0], ["random", 10, 0], ["input1", 10, 0]]);
    for (const [a, b, c] of made.slice(0, 20)) expect(ring.equals(ring.mul(a!, b!), c!)).toBe(true);
    const [r, square] = made[20]!;
    expect(ring.equals(ring.mul(r!, r!), square!)).toBe(true);
    // No batch is another one's.
    const firsts = made.slice(0, 20).map(([a]) => ring.toBigInts(a!)[0]);
    expect(new Set(firsts).size).toBe(20);
  });

  test("masks matrices and multiplies the masks", async () => {
    const [[x], [y], [z]] = (await make([
      ["matrix 0 6", 1, 0],
      ["matrix 1 8", 1, 0],
      ["product 0 1 3 2 4 2", 1, 0],
    ])) as [RingVectors, RingVectors, RingVectors];
    expect(ring.equals(ring.matmul(x, y, 3, 2, 4), z)).toBe(true);
  });
});

type RingVectors = [ReturnType<Ring["add"]>];

test("every session has its own randomness and its own key", async () => {
  const { address } = await serve();
  const sessions = await Promise.all([producers(AUTHENTICATED, address), producers(AUTHENTICATED, address)]);
  const made = await Promise.all(
    sessions.flatMap(({ pair }) => pair.map((each) => each.make("triple", 4, 0))),
  );
  const seen = made.map(([a]) => Buffer.from(a!.values).toString("hex"));
  expect(new Set(seen).size).toBe(4);
  const alphas = sessions.flatMap(({ setUps }) => setUps.map(({ alpha }) => alpha));
  expect(new Set(alphas).size).toBe(4);
  expect(sessions[0].setUps[0]!.identity.session).toEqual(sessions[0].setUps[1]!.identity.session);
});

test("parties that need different batches get an error that their notebooks differ", async () => {
  const { pair } = await producers(PLAIN, (await serve()).address);
  const [zero] = await Promise.allSettled([pair[0].make("triple", 100, 0), pair[1].make("triple", 101, 0)]);
  expect((zero as PromiseRejectedResult).reason).toMatchObject({ code: "desync" });
}, 60_000);

describe("a request", () => {
  const request = (kind: string, count = 1) => ({ type: "request", id: 1, kind, count, start: 0 }) as const;

  test("is accepted for kinds that a dealer makes", () => {
    for (const kind of ["triple", "truncation 16", "matrix 0 100", "product 1 2 3 4 5 6", "input0"])
      expect(checkRequest(request(kind), AUTHENTICATED)).toEqual({ kind, count: 1, start: 0 });
  });

  const wrong: [string, number?][] = [
    ["bits"],
    ["wrap"],
    ["toString"],
    ["triple 1"],
    ["truncation"],
    ["truncation 0"],
    ["truncation 63"],
    ["truncation 016"],
    ["matrix 0 0"],
    ["matrix 0 100000000"],
    ["product 1 2 0 4 5 6"],
    ["product 1 2 100000 1 100000 6"],
    ["product 1 2 4096 999999999 4096 6"],
    ["triple", 2 ** 20 + 1],
    ["matrix 0 5", 2],
  ];
  test.each(wrong)("for %s is refused, in such numbers", (kind, count) => {
    expect(() => checkRequest(request(kind, count), AUTHENTICATED)).toThrow(RangeError);
  });
});
