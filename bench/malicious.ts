/**
 * Measure malicious security between two processes over loopback TCP, beside measured figures of MP-SPDZ (C++, one
 * thread).
 */

import { SharedVariable } from "../lib/autograd/shared-variable";
import { ownShare } from "../test/support/own-share";
import "../lib/ops/methods";
import type { Channel, ChannelListener, Frame, Party, Stream } from "../lib/channel/channel";
import type { OperationLink } from "../lib/channel/operation-link";
import { connectZeroMq } from "../lib/channel/zeromq/zeromq-channel";
import { input } from "../lib/protocol/authenticated/input";
import { multiply, multiplyShares } from "../lib/protocol/authenticated/multiply";
import { reveal } from "../lib/protocol/authenticated/reveal";
import { AuthenticatedSession } from "../lib/protocol/authenticated/session";
import { truncate } from "../lib/protocol/authenticated/truncate";
import { addDemands } from "../lib/protocol/demand";
import { ring64 } from "../lib/ring";
import type { DistributedInterface } from "../lib/session/distributed-interface";
import { setHost } from "../lib/session/host/host";
import { simulate } from "../lib/session/simulate";
import { type AuthenticatedVector, disposeShares, sliceShares } from "../lib/sharing/authenticated";
import { LongTensor } from "../lib/tensor/long-tensor";
import { measureParties, median, type Row, serveParty } from "./harness";

class BenchLink implements OperationLink {
  readonly arrived: Uint8Array[] = [];
  waiting: ((payload: Uint8Array) => void) | undefined;
  #step = 0;

  constructor(
    readonly channel: Channel,
    readonly operation: number,
    readonly stream: Stream,
  ) {}

  get party(): Party {
    return this.channel.party;
  }

  send(payload: Uint8Array): void {
    const { operation, stream } = this;
    this.channel.send({ stream, operation, step: this.#step++ % 65536, digest: new Uint8Array(16), payload });
  }

  async receive(length: number): Promise<Uint8Array> {
    const payload =
      this.arrived.shift() ??
      (await new Promise<Uint8Array>((resolve) => {
        this.waiting = resolve;
      }));
    if (payload.length !== length) throw new Error(`${payload.length} bytes where ${length} belong`);
    return payload;
  }

  exchange(payload: Uint8Array): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload);
    return this.receive(length);
  }
}

class Links implements ChannelListener {
  readonly #links = new Map<number, BenchLink>();

  constructor(readonly channel: Channel) {
    channel.listen(this);
  }

  at(operation: number): BenchLink {
    const stream = operation === 0 ? "background" : "online";
    const link = this.#links.get(operation) ?? new BenchLink(this.channel, operation, stream);
    this.#links.set(operation, link);
    return link;
  }

  frame({ operation, payload }: Frame): void {
    const link = this.at(operation);
    const { waiting } = link;
    link.waiting = undefined;
    if (waiting) waiting(payload);
    else link.arrived.push(payload);
  }

  closed(): void {}
}

/** The figures of one run, in milliseconds and bytes. */
type Figure =
  | "setUp"
  | "endToEnd"
  | "bytes"
  | "fixed"
  | "fixedBytes"
  | "online"
  | "dependent"
  | "firstChain"
  | "reveal";
/** Figures over a simulated network. */
type WideFigure = "first" | "product";

const MANY = 100_000;
const ONLINE = 1_000_000;
/** How many fixed-point products to make, truncate and check. */
const FIXED = 10_000;
const CHAIN = 1_000;
/** Number of chains to measure, after a first one. */
const CHAINS = 5;
/** How many numbers to multiply and reveal, one after the other. */
const REVEALS = 200;

/** The demand of products, some of them revealed. */
const demand = (products: number, reveals: number) =>
  addDemands(multiply.demand({ length: products }), reveal.demand({ length: reveals }));

async function runParty(party: Party, address: string): Promise<Record<Figure, number>> {
  const channel = connectZeroMq(party, party === 0 ? { bind: address } : { peer: address });
  const links = new Links(channel);
  await channel.connected;
  const session = new AuthenticatedSession();
  const start = performance.now();
  await session.setUp(links.at(0));
  const setUp = performance.now() - start;
  let next = 1;
  const shareOf = (length: number) => {
    const operation = session.issue(input.demand({ owner: 0, length }));
    return operation.run(links.at(next++), (ctx) =>
      input.run(ctx, [party === 0 ? ring64.full(length, 3n) : undefined], { owner: 0, length }),
    );
  };
  const small = await shareOf(8192);
  const before = channel.traffic.bytesSent;
  const begin = performance.now();
  const chunk = 8192;
  await session.issue(demand(MANY, MANY % chunk)).run(links.at(next++), async (ctx) => {
    let last: AuthenticatedVector | undefined;
    for (let done = 0; done < MANY; done += chunk) {
      const size = Math.min(chunk, MANY - done);
      const part =
        size === chunk
          ? small
          : {
              value: small.value.ring.slice(small.value, 0, size),
              mac: small.mac.ring.slice(small.mac, 0, size),
            };
      if (last) disposeShares(last);
      last = await multiplyShares(ctx, part, part);
      await ctx.checkIfMany();
    }
    await ctx.reveal(last!);
  });
  const endToEnd = performance.now() - begin;
  const bytes = channel.traffic.bytesSent - before;

  const numbers = await shareOf(FIXED);
  const beforeFixed = channel.traffic.bytesSent;
  const beginFixed = performance.now();
  const sizes = { length: FIXED, bits: 16 };
  const fixedDemand = addDemands(demand(FIXED, 1), truncate.demand(sizes, session.setting));
  await session.issue(fixedDemand).run(links.at(next++), async (ctx) => {
    const product = await multiplyShares(ctx, numbers, numbers);
    const cut = await truncate.run(ctx, [product], sizes);
    await ctx.reveal(sliceShares(cut, 0, 1));
  });
  const fixed = performance.now() - beginFixed;
  const fixedBytes = channel.traffic.bytesSent - beforeFixed;

  const chains: number[] = [];
  for (let chain = 0; chain <= CHAINS; chain++) {
    const started = performance.now();
    await session.issue(demand(CHAIN, 1)).run(links.at(next++), async (ctx) => {
      let x = {
        value: small.value.ring.slice(small.value, 0, 1),
        mac: small.mac.ring.slice(small.mac, 0, 1),
      };
      const y = x;
      for (let i = 0; i < CHAIN; i++) x = await multiplyShares(ctx, x, y);
      await ctx.reveal(x);
    });
    chains.push(performance.now() - started);
  }
  // The first chain runs code that V8 has not compiled yet.
  const [firstChain, dependent] = [chains[0]!, median(chains.slice(1))];

  const waits: number[] = [];
  for (let i = 0; i < REVEALS; i++)
    await session.issue(demand(1, 1)).run(links.at(next++), async (ctx) => {
      const x = {
        value: small.value.ring.slice(small.value, 0, 1),
        mac: small.mac.ring.slice(small.mac, 0, 1),
      };
      const product = await multiplyShares(ctx, x, x);
      const started = performance.now();
      await ctx.reveal(product);
      waits.push(performance.now() - started);
    });
  const revealing = median(waits);

  // This does not measure the production of a million triples, so reuse the same ones: only in this benchmark, never
  // outside it.
  let online = 0;
  await session
    .issue({ ...demand(chunk, chunk), openings: 2 * ONLINE })
    .run(links.at(next++), async (ctx) => {
      const triple = await ctx.items.take("triple", chunk);
      const copy = () => triple.map(({ values, macs }) => ({ values: values.slice(), macs: macs.slice() }));
      const reused = { ...ctx.items, take: async () => copy() };
      const inner = { link: ctx.link, key: ctx.key, log: ctx.log, items: reused };
      const startOnline = performance.now();
      let last: AuthenticatedVector | undefined;
      for (let done = 0; done < ONLINE; done += chunk) {
        if (last) disposeShares(last);
        last = await multiplyShares(inner, small, small);
        await ctx.checkIfMany();
      }
      await ctx.reveal(last!);
      online = performance.now() - startOnline;
    });
  await channel.close();
  return { setUp, endToEnd, bytes, fixed, fixedBytes, online, dependent, firstChain, reveal: revealing };
}

/** Run both parties in this process, over a simulated link of 20 ms and 100 Mbit/s. */
async function runWide(): Promise<Record<WideFigure, number>> {
  setHost({ cell: () => undefined, notify: () => undefined });
  const begun = performance.now();
  const pair = simulate({ latencyMs: 20, bytesPerSecond: 12.5e6 });
  const share = (iface: DistributedInterface) => new SharedVariable(ownShare(new LongTensor([[3]])), iface);
  const shares = pair.map((iface) => [share(iface), share(iface)] as const);
  const product = () => Promise.all(shares.map(([x, y]) => x.mul(y).reveal()));
  const [value] = await product();
  if (value!.item() !== 36) throw new Error("the product over the simulated network is wrong");
  const first = performance.now() - begun;
  await Promise.all(pair.map((iface) => iface.prepare({ triples: 64 })));
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    await product();
    times.push(performance.now() - started);
  }
  await Promise.all(pair.map((iface) => iface.close()));
  return { first, product: median(times) };
}

/** The least ratios to the build from before checks fixed every bit, in the same run. */
export const beside: Readonly<Record<string, number>> = {
  "100k multiplications end to end": 0.92,
  "1M multiplications online, MAC check included": 0.6,
  "each of 1,000 dependent multiplications": 0.8,
  "reveals of one number in a second, after a product": 1 / 1.5,
  "set-ups with a first product revealed in a second, 20 ms away": 1,
  "products with their reveal in a second, 20 ms away": 1,
};

export default async function malicious(): Promise<Row[]> {
  const of = await measureParties<Figure>(__filename);
  const wide = await runWide();
  const row = (
    name: string,
    value: number,
    unit: string,
    mark: number | null,
    floor: number | null,
    less = false,
  ): Row => ({
    name,
    value,
    unit,
    reference: mark === null ? "" : "MP-SPDZ with SoftSpoken",
    referenceValue: mark,
    ratio: mark === null ? null : less ? mark / value : value / mark,
    floor,
  });
  return [
    row("100k multiplications end to end", MANY / (of.endToEnd / 1000), "1/s", 12_700, null),
    row("bytes sent for each of them", of.bytes / MANY, "B", 17_000, 17 / 14.5, true),
    row("fixed-point products with truncation", FIXED / (of.fixed / 1000), "1/s", 10_000 / 36.8, 36.8 / 6),
    row("bytes sent for each fixed-point product", of.fixedBytes / FIXED / 1000, "kB", null, null, true),
    row(
      "1M multiplications online, MAC check included",
      ONLINE / (of.online / 1000),
      "1/s",
      1_350_000,
      2 / 1.35,
    ),
    row("each of 1,000 dependent multiplications", of.dependent / CHAIN, "ms", 0.21, 0.21 / 0.25, true),
    row("each of the first 1,000 of a process", of.firstChain / CHAIN, "ms", null, null, true),
    row("reveals of one number in a second, after a product", 1000 / of.reveal, "1/s", null, null),
    row(
      "set-ups with a first product revealed in a second, 20 ms away",
      1000 / wide.first,
      "1/s",
      null,
      null,
    ),
    row("products with their reveal in a second, 20 ms away", 1000 / wide.product, "1/s", null, null),
    { ...row("set-ups in a second", 1000 / of.setUp, "1/s", null, 1), reference: "" },
  ];
}

serveParty(runParty);
