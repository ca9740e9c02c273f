import type { OperationLink } from "../../lib/channel/operation-link";
import { tossCoins } from "../../lib/crypto/coins";
import { exchangeCommitted } from "../../lib/crypto/commitment";
import { createPrg } from "../../lib/crypto/prg";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import { makeBits } from "../../lib/preprocessing/malicious/bits";
import { type Machine, setUpMachine } from "../../lib/preprocessing/malicious/ot-state";
import { makeInputMasks, makeRandoms } from "../../lib/preprocessing/malicious/randoms";
import { makeSquares } from "../../lib/preprocessing/malicious/squares";
import { makeTriples } from "../../lib/preprocessing/malicious/triples";
import { extendBoth } from "../../lib/preprocessing/ot/extend";
import type { AuthenticatedContext } from "../../lib/protocol/authenticated/context";
import { enter } from "../../lib/protocol/authenticated/enter";
import { multiply, multiplyShares } from "../../lib/protocol/authenticated/multiply";
import { reveal, revealTo } from "../../lib/protocol/authenticated/reveal";
import { truncate } from "../../lib/protocol/authenticated/truncate";
import { addDemands, type Demand } from "../../lib/protocol/demand";
import { ring64 } from "../../lib/ring";
import { lowWords } from "../../lib/sharing/opening";
import type { Scenario } from "./cheating";
import { createLinkPair } from "./links";
import { dealMachines, dealSessions, seedOf } from "./machines";

/** What a party holds in the end, to be compared with what it holds when nobody cheats. */
const held = (...parts: readonly Uint8Array[]) => parts.map((part) => Buffer.from(part).toString("hex"));
/** Of shares mod 2^128 what counts: values are mod 2^64, and the bits above are never opened. */
const heldRaw = (...vectors: readonly RawVector[]) =>
  vectors.flatMap(({ values, macs }) => held(lowWords(values), lowWords(macs)));

/** A protocol between dealt machines. */
function onMachines(
  name: string,
  body: (link: OperationLink, machine: Machine) => Promise<unknown>,
): Scenario {
  return {
    name,
    start(links) {
      const machines = dealMachines();
      return [() => body(links[0], machines[0]), () => body(links[1], machines[1])];
    },
  };
}

/** One operation of a session, its randomness made beforehand over another link. */
function inSession(
  name: string,
  demand: Demand,
  body: (ctx: AuthenticatedContext) => Promise<unknown>,
): Scenario {
  return {
    name,
    start(links) {
      const sessions = dealSessions();
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

const shares = (party: number) => ring64.fromBigInts(party === 0 ? [5n << 16n, -9n] : [3n << 16n, 2n << 20n]);
const shown = (values: { ring: unknown } | undefined) =>
  values === undefined ? null : ring64.toBigInts(values as never).map(String);

export const scenarios = {
  commitment: onMachines("commitment", async (link, { identity }) => {
    return held(await exchangeCommitted(link, identity, "test", new Uint8Array(20).fill(3 + link.party)));
  }),
  coins: onMachines("coins", async (link, { identity }) => {
    return held(await tossCoins(link, identity, "test"));
  }),
  setUp: {
    name: "set-up",
    start: (links) => {
      const body = (party: 0 | 1) => async () => {
        const machine = await setUpMachine(links[party], createPrg(seedOf(40 + party)));
        // A wrong transfer shows at the latest when its seeds are used.
        return [String(machine.keeper.alpha), ...heldRaw(await makeRandoms(links[party], machine, 1))];
      };
      return [body(0), body(1)];
    },
  } satisfies Scenario as Scenario,
  extension: onMachines("oblivious transfer extension", async (link, machine) => {
    const { identity, sender, receiver, kernels } = machine;
    await extendBoth(link, identity, sender, receiver, 128);
    const read = ({ low }: { low: number }) => kernels.read(low, 2048);
    const got: Uint8Array[] = [];
    for (const { zeros, ones } of sender.finish()) got.push(read(zeros), read(ones));
    const choices = kernels.read(receiver.choices, 16);
    for (const { pads } of receiver.finish()) got.push(read(pads));
    return held(...got, choices);
  }),
  randoms: onMachines("random values", async (link, machine) => {
    return heldRaw(await makeRandoms(link, machine, 2));
  }),
  inputMasks: onMachines("input masks", async (link, machine) => {
    const zero = await makeInputMasks(link, machine, 0, 2);
    return heldRaw(zero, await makeInputMasks(link, machine, 1, 2));
  }),
  triples: onMachines("triples", async (link, machine) => {
    const { a, b, c } = await makeTriples(link, machine, 2);
    return heldRaw(a, b, c);
  }),
  squares: onMachines("squares", async (link, machine) => {
    const { r, square } = await makeSquares(link, machine, 2);
    return heldRaw(r, square);
  }),
  bits: onMachines("random bits", async (link, machine) => {
    return heldRaw(await makeBits(link, machine, 4));
  }),
  reveal: inSession(
    "authenticate, multiply and reveal",
    addDemands(enter.demand({ length: 2 }), multiply.demand({ length: 2 }), reveal.demand({ length: 2 })),
    async (ctx) => {
      const x = await enter.run(ctx, [shares(ctx.link.party)], { length: 2 });
      return shown(await ctx.reveal(await multiplyShares(ctx, x, x)));
    },
  ),
  truncate: inSession(
    "truncate and reveal to one party",
    addDemands(
      enter.demand({ length: 2 }),
      truncate.demand({ length: 2, bits: 4 }, { can: { truncation: "mask", matrices: false } }),
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
