import { afterEach, describe, expect, it } from "vitest";
import { SharedVariable } from "../../lib/autograd/shared-variable";
import { SimulatedLink } from "../../lib/channel/memory/simulated-link";
import { ring64 } from "../../lib/ring";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { resolveOptions } from "../../lib/session/options/options";
import { simulate } from "../../lib/session/simulate";
import { longTensor } from "../../lib/tensor/long-tensor";
import { fast } from "../support/pair";
import { uniform } from "../support/random";

afterEach(() => setHost(undefined));

/** A shared integer, of which party 1 holds nothing. */
function secret(iface: DistributedInterface, value: bigint): SharedVariable {
  const own = ring64.fromBigInts([iface.party === 0 ? value : 0n]);
  return new SharedVariable(longTensor(own, [1], 0, { isShare: true }), iface);
}

/** A session over a link that a test can break. */
async function connect(): Promise<{ link: SimulatedLink; ifaces: DistributedInterface[] }> {
  setHost({ cell: () => undefined, notify: () => {} });
  const link = new SimulatedLink({ settings0: resolveOptions(fast).settings });
  const ifaces = ([0, 1] as const).map(
    (party) => new DistributedInterface(party, { ...fast, channel: () => link.channels[party] }),
  );
  await Promise.all(ifaces.map((iface) => iface.settled()));
  return { link, ifaces };
}

describe("a matrix product over a link that breaks", () => {
  it("is correct wherever the cut falls: before, in the middle of and after each frame", async () => {
    const { link, ifaces } = await connect();
    const product = async () => {
      const results = ifaces.map((iface) => {
        const x = ring64.fromBigInts(iface.party === 0 ? [3n << 16n, 3n << 16n] : [0n, 0n]);
        const w = ring64.fromBigInts(iface.party === 0 ? [0n, 0n] : [2n << 16n, 2n << 16n]);
        const left = new SharedVariable(longTensor(x, [1, 2], 16, { isShare: true }), iface);
        const right = new SharedVariable(longTensor(w, [2, 1], 16, { isShare: true }), iface);
        return left.matmul(right).reveal();
      });
      for (const result of await Promise.all(results)) expect(result.toArray()).toEqual([[12]]);
    };
    const start = link.bytes;
    await product();
    const whole = link.bytes - start;
    expect(whole).toBeGreaterThan(500);
    for (let at = 1; at <= whole; at += 9) {
      const { cuts } = link;
      link.cutAfter(at);
      // Acknowledgements come when they come, so a product is now and then over before the cut.
      while (link.cuts === cuts) await product();
    }
    await product();
    await Promise.all(ifaces.map((iface) => iface.close()));
  }, 60_000);
});

describe("a run of multiplications over a link that breaks", () => {
  it("survives 1,000 cuts at random bytes: every result is right, every triple taken once", async () => {
    const { link, ifaces } = await connect();
    let cuts = -1;
    let multiplications = 0;
    while (link.cuts < 1000) {
      if (link.cuts !== cuts) {
        cuts = link.cuts;
        // A multiplication takes a few hundred bytes, so cuts fall before, inside and after its frames.
        link.cutAfter(1 + Math.floor(uniform() * 1500));
      }
      const results = ifaces.map((iface) => {
        let product = secret(iface, 3n);
        for (let i = 0; i < 4; i++) product = product.mul(secret(iface, 5n));
        return product.reveal();
      });
      multiplications += 4;
      for (const result of await Promise.all(results)) expect(result.toArray()).toEqual([3 * 5 ** 4]);
    }
    for (const iface of ifaces) expect(iface.costs().total.triples).toBe(multiplications);
    await Promise.all(ifaces.map((iface) => iface.close()));
  }, 120_000);
});

describe("simulate", () => {
  it("takes as long as its latency says, round by round", async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const ifaces = simulate({ ...fast, latencyMs: 20 });
    await Promise.all(ifaces.map((iface) => iface.settled()));
    const start = performance.now();
    const results = ifaces.map((iface) => {
      const product = secret(iface, 2n).mul(secret(iface, 3n));
      return product.mul(product).reveal();
    });
    for (const result of await Promise.all(results)) expect(result.toArray()).toEqual([36]);
    // Two products and an opening: three rounds, each of one latency.
    expect(performance.now() - start).toBeGreaterThanOrEqual(59);
    expect(ifaces[0].costs().total.rounds).toBe(3);
    await Promise.all(ifaces.map((iface) => iface.close()));
  });
});
