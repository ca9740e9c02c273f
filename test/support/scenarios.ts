import type { OperationLink } from "../../lib/channel/operation-link";
import { tossCoins } from "../../lib/crypto/coins";
import { exchangeCommitted } from "../../lib/crypto/commitment";
import { createPrg } from "../../lib/crypto/prg";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import { makeAndTriples } from "../../lib/preprocessing/malicious/binary/and-triples";
import { makePrivateDaBits } from "../../lib/preprocessing/malicious/binary/dabits";
import { type OtState, setUpOtState } from "../../lib/preprocessing/malicious/ot-state";
import { makePrivateBits } from "../../lib/preprocessing/malicious/private-bits";
import { makeInputMasks, makeRandoms } from "../../lib/preprocessing/malicious/randoms";
import { makeSquares } from "../../lib/preprocessing/malicious/squares";
import { makeTriples } from "../../lib/preprocessing/malicious/triples";
import { extendBoth } from "../../lib/preprocessing/ot/extend";
import { andBits, bitKey, toBits } from "../../lib/protocol/authenticated/and-bits";
import { bits } from "../../lib/protocol/authenticated/bits";
import { bits as bitsByDigits } from "../../lib/protocol/authenticated/bits-digits";
import { compare } from "../../lib/protocol/authenticated/compare";
import * as byDigits from "../../lib/protocol/authenticated/compare-digits";
import type { AuthenticatedContext } from "../../lib/protocol/authenticated/context";
import { enter } from "../../lib/protocol/authenticated/enter";
import { leadingBit } from "../../lib/protocol/authenticated/leading-bit";
import { leadingBit as leadingBitByDigits } from "../../lib/protocol/authenticated/leading-bit-digits";
import { matmul } from "../../lib/protocol/authenticated/matmul";
import { multiply, multiplyShares } from "../../lib/protocol/authenticated/multiply";
import { release, reveal, revealTo } from "../../lib/protocol/authenticated/reveal";
import { square } from "../../lib/protocol/authenticated/square";
import { truncate } from "../../lib/protocol/authenticated/truncate";
import { addDemands, type Demand } from "../../lib/protocol/demand";
import { MatrixMasks } from "../../lib/protocol/matrix-masks";
import { ring64 } from "../../lib/ring";
import type { AuthenticatedVector } from "../../lib/sharing/authenticated";
import { openBits } from "../../lib/sharing/bit-opening";
import { lowWords } from "../../lib/sharing/opening";
import type { Scenario } from "./cheating";
import { dealtSessions } from "./dealt-sessions";
import { createLinkPair } from "./links";
import { dealOtStates, dealSessions, seedOf } from "./machines";

/** A party's values at the end, to be compared with those of an honest run. */
const held = (...parts: readonly Uint8Array[]) => parts.map((part) => Buffer.from(part).toString("hex"));
/** Of shares mod 2^128 what counts: values are mod 2^64, and the bits above are never opened. */
const heldRaw = (...vectors: readonly RawVector[]) =>
  vectors.flatMap(({ values, macs }) => held(lowWords(values), lowWords(macs)));

/** A protocol between dealt machines. */
function onOtStates(name: string, body: (link: OperationLink, state: OtState) => Promise<unknown>): Scenario {
  return {
    name,
    start(links) {
      const states = dealOtStates();
      return [() => body(links[0], states[0]), () => body(links[1], states[1])];
    },
  };
}

/** One operation of a session, its randomness made beforehand over another link. */
function inSession(
  name: string,
  demand: Demand,
  body: (ctx: AuthenticatedContext) => Promise<unknown>,
  open = () => dealSessions(),
): Scenario {
  return {
    name,
    start(links) {
      const sessions = open();
      const run = async (party: 0 | 1) => {
        const session = (await sessions)[party];
        const operation = session.issue(demand);
        await session.prefetched();
        return operation.run(links[party], body);
      };
      return [() => run(0), () => run(1)];
    },
  };
}

/** A step on two shared numbers, and the reveal of its results. */
function onNumbers(
  name: string,
  results: number,
  step: {
    readonly demand: Demand;
    run(ctx: AuthenticatedContext, x: AuthenticatedVector): Promise<AuthenticatedVector>;
  },
  open?: () => ReturnType<typeof dealSessions>,
): Scenario {
  const demand = addDemands(enter.demand({ length: 2 }), step.demand, reveal.demand({ length: results }));
  const body = async (ctx: AuthenticatedContext) => {
    const x = await enter.run(ctx, [shares(ctx.link.party)], { length: 2 });
    return shown(await ctx.reveal(await step.run(ctx, x)));
  };
  return inSession(name, demand, body, open);
}

const narrow = { length: 2, width: 3 } as const;
/** Both numbers are below 2^22, and a result has a place for each bit, one for −1, and the sign. */
const leading = { length: 2, width: 22, signed: true } as const;
const negative = { length: 2, comparison: "negative" } as const;

/** A row times a column, by triples. */
const factors = { sizes: [1, 2, 1], left: {}, right: {} } as const;
const setting = { can: { truncation: "bits", matrices: false }, masks: new MatrixMasks() } as const;
const shares = (party: number) => ring64.fromBigInts(party === 0 ? [5n << 16n, -9n] : [3n << 16n, 2n << 20n]);
const shown = (values: { ring: unknown } | undefined) =>
  values === undefined ? null : ring64.toBigInts(values as never).map(String);

export const scenarios = {
  commitment: onOtStates("commitment", async (link, { identity }) => {
    return held(await exchangeCommitted(link, identity, "test", new Uint8Array(20).fill(3 + link.party)));
  }),
  coins: onOtStates("coins", async (link, { identity }) => {
    return held(await tossCoins(link, identity, "test"));
  }),
  setUp: {
    name: "set-up",
    start: (links) => {
      const body = (party: 0 | 1) => async () => {
        const state = await setUpOtState(links[party], createPrg(seedOf(40 + party)));
        // A wrong transfer shows at the latest when its seeds are used.
        return [String(state.keeper.alpha), ...heldRaw(await makeRandoms(links[party], state, 1))];
      };
      return [body(0), body(1)];
    },
  } satisfies Scenario as Scenario,
  extension: onOtStates("oblivious transfer extension", async (link, state) => {
    const { identity, sender, receiver, kernels } = state;
    await extendBoth(link, identity, sender, receiver, 128);
    const read = ({ low }: { low: number }) => kernels.read(low, 2048);
    const got: Uint8Array[] = [];
    for (const { zeros, ones } of sender.finish()) got.push(read(zeros), read(ones));
    const choices = kernels.read(receiver.choices, 16);
    for (const { pads } of receiver.finish()) got.push(read(pads));
    return held(...got, choices);
  }),
  randoms: onOtStates("random values", async (link, state) => {
    return heldRaw(await makeRandoms(link, state, 2));
  }),
  inputMasks: onOtStates("input masks", async (link, state) => {
    const zero = await makeInputMasks(link, state, 0, 2);
    return heldRaw(zero, await makeInputMasks(link, state, 1, 2));
  }),
  triples: onOtStates("triples", async (link, state) => {
    const { a, b, c } = await makeTriples(link, state, 2);
    return heldRaw(a, b, c);
  }),
  squares: onOtStates("squares", async (link, state) => {
    const { r, square } = await makeSquares(link, state, 2);
    return heldRaw(r, square);
  }),
  bits: onOtStates("private bits", async (link, state) => {
    const [own, peer, top] = await makePrivateBits(link, state, 2);
    return [...held(own!.values, lowWords(own!.macs), lowWords(peer!.macs)), ...heldRaw(top!)];
  }),
  andTriples: onOtStates("triples of bits", async (link, state) => {
    const made = await makeAndTriples(link, state, 512);
    return held(...made.flatMap(({ values, macs }) => [values, macs]));
  }),
  andBits: inSession(
    "ANDs of bits, opened",
    addDemands(
      andBits.demand({ length: 9 }),
      { items: { andtriple: 18 }, rounds: 1, bytes: 2, bits: 9 },
      release.demand({ length: 0 }),
    ),
    async (ctx) => {
      const [x, y] = await Promise.all([1, 2].map(() => ctx.items.take("andtriple", 9)));
      const product = await andBits.run(ctx, [toBits(x![0]!), toBits(y![0]!)], { length: 9 });
      const opened = await openBits(ctx.link, bitKey(ctx.key), ctx.log.bits, product);
      await ctx.release();
      return held(opened);
    },
  ),
  compare: onNumbers("compare and reveal", 2, {
    demand: compare.demand(negative),
    run: (ctx, x) => compare.run(ctx, [x], negative),
  }),
  splitBits: onNumbers("split into bits and reveal", 6, {
    demand: bits.demand(narrow),
    run: (ctx, x) => bits.run(ctx, [x], narrow),
  }),
  leadingBit: onNumbers("mark the highest bit and reveal", 48, {
    demand: leadingBit.demand(leading),
    run: (ctx, x) => leadingBit.run(ctx, [x], leading),
  }),
  leadingBitByDigits: onNumbers(
    "mark the highest bit under a dealer's masks, and reveal",
    48,
    {
      demand: leadingBitByDigits.demand(leading),
      run: (ctx, x) => leadingBitByDigits.run(ctx, [x], leading),
    },
    () => dealtSessions(8),
  ),
  compareByDigits: onNumbers(
    "compare under a dealer's masks, and reveal",
    2,
    {
      demand: byDigits.compare.demand(negative),
      run: (ctx, x) => byDigits.compare.run(ctx, [x], negative),
    },
    () => dealtSessions(5),
  ),
  bitsByDigits: onNumbers(
    "split into bits under a dealer's masks, and reveal",
    6,
    { demand: bitsByDigits.demand(narrow), run: (ctx, x) => bitsByDigits.run(ctx, [x], narrow) },
    () => dealtSessions(6),
  ),
  daBits: onOtStates("private bits in F_2 and in the ring", async (link, state) => {
    const { binary, ring } = await makePrivateDaBits(link, state, 3);
    return [...heldRaw(...ring), ...held(...binary.flatMap(({ own, keys }) => [own, keys]))];
  }),
  reveal: inSession(
    "authenticate, multiply and reveal",
    addDemands(enter.demand({ length: 2 }), multiply.demand({ length: 2 }), reveal.demand({ length: 2 })),
    async (ctx) => {
      const x = await enter.run(ctx, [shares(ctx.link.party)], { length: 2 });
      return shown(await ctx.reveal(await multiplyShares(ctx, x, x)));
    },
  ),
  square: inSession(
    "square and reveal",
    addDemands(enter.demand({ length: 2 }), square.demand({ length: 2 }), reveal.demand({ length: 2 })),
    async (ctx) => {
      const x = await enter.run(ctx, [shares(ctx.link.party)], { length: 2 });
      return shown(await ctx.reveal(await square.run(ctx, [x])));
    },
  ),
  matmul: inSession(
    "multiply matrices and reveal",
    addDemands(enter.demand({ length: 2 }), matmul.demand(factors, setting), reveal.demand({ length: 1 })),
    async (ctx) => {
      const x = await enter.run(ctx, [shares(ctx.link.party)], { length: 2 });
      return shown(await ctx.reveal(await matmul.run(ctx, [x, x], factors, matmul.demand(factors, setting))));
    },
  ),
  truncate: inSession(
    "truncate and reveal to one party",
    addDemands(
      enter.demand({ length: 2 }),
      truncate.demand({ length: 2, bits: 4 }, setting),
      revealTo.demand({ to: 1, length: 2 }),
    ),
    async (ctx) => {
      const x = await enter.run(ctx, [shares(ctx.link.party)], { length: 2 });
      const rounded = await truncate.run(ctx, [x], { length: 2, bits: 4 });
      return shown(await revealTo.run(ctx, [rounded], { to: 1, length: 2 }));
    },
  ),
} satisfies Record<string, Scenario>;

export { createLinkPair };
