import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CheckError, encode, FloatTensor, LongTensor, SharedVariable, Variable } from "../../lib";
import { parseAddress } from "../../lib/channel/address";
import { Keys, publicLine } from "../../lib/channel/keys/keys";
import { disagreement } from "../../lib/channel/link/handshake";
import { dealCorrections } from "../../lib/preprocessing/dealer/dealing/request";
import { DealerServer } from "../../lib/preprocessing/dealer/desk/server";
import type { DistributedInterface } from "../../lib/session/distributed-interface";
import { type Cheat, insecureCheat } from "../../lib/session/insecure-cheat";
import { resolveOptions } from "../../lib/session/options/options";
import { ownShare } from "../support/own-share";
import { createPair, withPair } from "../support/pair";

let server: DealerServer;
let dealer: string;
beforeAll(async () => {
  server = new DealerServer({
    address: parseAddress("tcp://127.0.0.1:*", "bind", true),
    deal: dealCorrections,
  });
  await server.listen();
  dealer = server.address;
});
afterAll(() => server.close());

const securities = ["malicious", "semi-honest"] as const;

describe.each(securities)("with a dealer and %s security", (security) => {
  const options = () => ({ security, preprocessing: "dealer", dealer }) as const;

  test("products, sums, matrices and truncation are correct", async () => {
    const [x, y] = [
      new FloatTensor([
        [1.5, -2.25, 3],
        [0.5, 4, -1],
      ]),
      new FloatTensor([
        [2, -1],
        [0.25, 3],
        [-4, 1.5],
      ]),
    ];
    const results = await withPair(async (iface) => {
      const share = (t: FloatTensor) =>
        new SharedVariable(new Variable(ownShare(iface.party === 0 ? encode(t) : encode(t.mul(0)))), iface);
      const [a, b] = [share(x), share(y)];
      const product = a.matmul(b);
      const again = a.add(a).matmul(b);
      const sum = product.mul(product).add(again);
      return [await product.reveal(), await again.reveal(), await sum.reveal()];
    }, options());
    const expected = x.matmul(y);
    const near = (t: FloatTensor, u: FloatTensor) => {
      const [p, q] = [t, u].map((each) => (each.toArray() as number[][]).flat()) as [number[], number[]];
      for (const [i, value] of p.entries()) expect(Math.abs(value - q[i]!)).toBeLessThan(1e-3);
    };
    for (const [product, again, sum] of results as unknown as [FloatTensor, FloatTensor, FloatTensor][]) {
      near(product, expected);
      near(again, expected.mul(2));
      near(sum, expected.mul(expected).add(expected.mul(2)));
    }
  });

  test("a matrix that is a factor again is masked once", async () => {
    const [bytes] = await withPair(async (iface) => {
      const weight = new SharedVariable(new Variable(ownShare(LongTensor.full([40, 40], 3))), iface);
      const sent: number[] = [];
      for (let i = 0; i < 3; i++) {
        const before = iface.costs().total.bytesSent;
        const x = new SharedVariable(new Variable(ownShare(LongTensor.full([1, 40], i))), iface);
        const [[first]] = (await x.matmul(weight).reveal()).toArray() as [[number]];
        expect(first).toBe(2 * i * 2 * 3 * 40);
        sent.push(iface.costs().total.bytesSent - before);
      }
      return sent;
    }, options());
    // 1,600 elements of 8 bytes the first time.
    expect(bytes![0]! - bytes![1]!).toBeGreaterThanOrEqual(12_800);
    expect(bytes![2]! - bytes![1]!).toBeLessThan(100);
  });

  test("a product that the dealer would not make is refused at the call, and the session goes on", async () => {
    const results = await withPair(async (iface) => {
      const share = (rows: number, columns: number) =>
        new SharedVariable(new Variable(ownShare(LongTensor.full([rows, columns], 1))), iface);
      const tall = share(5000, 1);
      expect(() => tall.matmul(share(1, 5000))).toThrow(
        "the product of a 5000×1 and a 1×5000 matrix is too large",
      );
      return (await tall.matmul(share(1, 1)).sum().reveal()).toArray();
    }, options());
    expect(results).toEqual([20_000, 20_000]);
  });

  test("a resync starts another session with the dealer and continues", async () => {
    const pair = createPair(options());
    const product = async () => {
      const results = await Promise.all(
        pair.map((iface) => {
          const x = new SharedVariable(new Variable(ownShare(new LongTensor([2, 3]))), iface);
          return x.mul(x).reveal();
        }),
      );
      return results.map((t) => t.toArray());
    };
    const expected = [
      [16, 36],
      [16, 36],
    ];
    expect(await product()).toEqual(expected);
    await Promise.all(pair.map((iface) => iface.resync()));
    expect(await product()).toEqual(expected);
    await Promise.all(pair.map((iface) => iface.close()));
  });
});

describe.each(securities)("without a dealer, and %s security", (security) => {
  const options = { security, preprocessing: "dealer", dealer: "tcp://127.0.0.1:1" } as const;

  /** Until so many preparations wait for the dealer, the parties having told each other of them. */
  async function begun(pair: readonly DistributedInterface[], count: number): Promise<void> {
    const told = (iface: DistributedInterface) =>
      iface.trace().toString().split("begins to prepare").length > count;
    while (!pair.every(told)) await sleep(10);
    await sleep(50);
  }

  test("a preparation ends with an error that says so", async () => {
    const pair = createPair({ ...options, timeoutMs: 300 });
    const prepared = await Promise.allSettled(pair.map((iface) => iface.prepare({ triples: 10 })));
    for (const each of prepared)
      expect(String((each as PromiseRejectedResult).reason)).toContain("did not answer within 0.3 s");
    await Promise.allSettled(pair.map((iface) => iface.settled()));
    await Promise.all(pair.map((iface) => iface.close()));
  });

  test("a preparation ends when the interface is closed or resyncs", async () => {
    const pair = createPair({ ...options, timeoutMs: 3_600_000 });
    const parted = Promise.allSettled(pair.map((iface) => iface.prepare({ triples: 10 })));
    await begun(pair, 1);
    await Promise.all(pair.map((iface) => iface.resync()));
    expect((await parted).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const closed = Promise.allSettled(pair.map((iface) => iface.prepare({ triples: 10 })));
    await begun(pair, 2);
    await Promise.all(pair.map((iface) => iface.close()));
    expect((await closed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await Promise.allSettled(pair.map((iface) => iface.settled()));
  });
});

describe("a party that cheats in the dealer's mode", () => {
  const cheats: Cheat[] = [
    { message: "opening", change: "flip" },
    { message: "opening", change: "shift" },
    { message: "mac", change: "shift" },
    { message: "commitment", change: "zero" },
  ];
  test.each(cheats)("$message, $change: is caught, and the honest one outputs nothing", async (cheat) => {
    const pair = createPair({ preprocessing: "dealer", dealer });
    await Promise.all(pair.map((iface) => iface.settled()));
    insecureCheat(pair[1], cheat);
    const results = await Promise.allSettled(
      pair.map((iface) => {
        const share = new SharedVariable(
          new Variable(ownShare(new LongTensor([[iface.party + 2, 5]]))),
          iface,
        );
        return share
          .matmul(new SharedVariable(new Variable(ownShare(new LongTensor([[4], [1]]))), iface))
          .reveal();
      }),
    );
    expect((results[0] as PromiseRejectedResult).reason).toBeInstanceOf(CheckError);
    await Promise.all(pair.map((iface) => iface.close()));
  });
});

describe("the choice of a dealer", () => {
  const settingsOf = (...options: Parameters<typeof resolveOptions>) => resolveOptions(...options).settings;
  const compare = (zero: Parameters<typeof resolveOptions>[0], one: Parameters<typeof resolveOptions>[0]) =>
    disagreement({ party: 0, settings: settingsOf(zero) }, { party: 1, settings: settingsOf(one) })?.message;

  test("is compared in the handshake, whose error names the choices of both sides", () => {
    const chosen = { preprocessing: "dealer", dealer } as const;
    expect(compare(chosen, chosen)).toBeUndefined();
    expect(compare(chosen, {})).toContain('"preprocessing": it is "dealer" here and "ot" at the other party');
    expect(compare({ ...chosen, security: "semi-honest" }, chosen)).toContain(
      '"security": it is "semi-honest" here and "malicious"',
    );
  });

  test("is shown to the user, with the security that holds", () => {
    const noticeOf = (security: "malicious" | "semi-honest") =>
      resolveOptions({ preprocessing: "dealer", dealer, security }).notice;
    expect(noticeOf("malicious")).toMatchObject({ kind: "note" });
    expect(noticeOf("semi-honest")).toMatchObject({
      kind: "warning",
      text: expect.stringContaining("semi-honest"),
    });
    for (const security of ["malicious", "semi-honest"] as const) {
      expect(noticeOf(security)!.text).toContain(`the dealer at ${dealer}`);
      expect(noticeOf(security)!.text).toContain("trusted not to collude");
    }
  });

  test("defaults to malicious security, and needs an address", () => {
    expect(settingsOf({ preprocessing: "dealer", dealer })).toMatchObject({ security: "malicious" });
    expect(() => resolveOptions({ preprocessing: "dealer" })).toThrow("SPDZ_DEALER");
    expect(() => resolveOptions({ preprocessing: "dealer", dealer: "host" })).toThrow("is not an address");
    const key = publicLine(Keys.generate().publicKey);
    const far = { preprocessing: "dealer", dealer: "tcp://198.51.100.7:29501", dealerKey: key } as const;
    expect(() => resolveOptions(far)).toThrow("spdzlab keygen");
    expect(resolveOptions({ ...far, insecurePlaintext: true }).notice?.text).toContain("not encrypted");
  });
});
