import type { OperationLink } from "../../channel/operation-link";
import { drawBytes } from "../../crypto/bytes";
import { CARRY_WORDS } from "../kinds/carry";
import type { KindName } from "../kinds/kinds";
import type { RawVector } from "../kinds/raw";
import type { BatchSizes, ProductionCost } from "../producer";
import { AND_BYTES, makeAnds } from "./ands";
import { makeBitProducts } from "./bit-products";
import { CARRY_BYTES, makeCarries } from "./carries";
import { makeProducts, roundProducts } from "./gilboa";
import type { SemiHonestOtState } from "./ot-state";
import { makeSelections } from "./selections";

const WORD = 8;

/** Makes the items of one kind, shares mod 2^64 without MACs, and knows its cost. */
export interface SemiHonestKindMaker extends BatchSizes, ProductionCost {
  make(link: OperationLink, state: SemiHonestOtState, count: number): Promise<RawVector[]>;
}

/** The makers of all kinds that this production makes, by name. */
export const semiHonestMakers = {
  /** a, b and a·b. */
  triple: { least: 32, most: 32_768, bytes: 764, rounds: 9, micros: 4.5, make: withMemory(makeTriples) },
  /** r and r². */
  square: { least: 32, most: 32_768, bytes: 382, rounds: 5, micros: 2.3, make: withMemory(makeSquares) },
  /** A random word that neither party knows. */
  random: {
    least: 64,
    most: 65_536,
    bytes: 0,
    rounds: 1,
    micros: 0.01,
    make: async (_, { identity }, count) => [plain(drawBytes(identity.random, count * WORD))],
  },
  /** A random bit of this party, and its share of the product of that bit and the other party's. */
  wrap: { least: 256, most: 131_072, bytes: 7.9, rounds: 2, micros: 0.08, make: withMemory(makeWraps) },
  /** A random bit of this party, and shares of r, of the parties' bits' exclusive or d, and of d·r. */
  selection: {
    least: 256,
    most: 131_072,
    bytes: 19.875,
    rounds: 2,
    micros: 0.25,
    make: withMemory(makeSelectionItems),
  },
  /** Words of bits a, b and c, of a AND b and of a AND c. */
  ands: {
    least: 32,
    most: 16_384,
    bytes: AND_BYTES,
    rounds: 9,
    micros: 6.5,
    make: withMemory(async (link, state, count) => {
      const words = await makeAnds(link, state, count);
      return words.map((at) => plain(state.kernels.read(at, count * WORD)));
    }),
  },
  /** Choices, pads, tables and products of bits for a comparison. */
  carry: {
    least: 128,
    most: 16_384,
    bytes: CARRY_BYTES,
    rounds: 5,
    micros: 4.5,
    make: withMemory(async (link, state, count) => {
      const items = await makeCarries(link, state, count);
      return [plain(state.kernels.read(items, count * CARRY_WORDS * WORD))];
    }),
  },
} satisfies { readonly [name in KindName]?: SemiHonestKindMaker };

/**
 * Return the maker of a kind.
 *
 * @throws {TypeError} this production does not make the kind
 */
export function semiHonestMakerOf(kind: string): SemiHonestKindMaker {
  if (!Object.hasOwn(semiHonestMakers, kind))
    throw new TypeError(
      `"${kind}" is not made by oblivious transfer with semi-honest security; made are ` +
        Object.keys(semiHonestMakers).join(", "),
    );
  return semiHonestMakers[kind as SemiHonestKind];
}

export type SemiHonestKind = keyof typeof semiHonestMakers;

function plain(values: Uint8Array): RawVector {
  return { values, macs: new Uint8Array(0) };
}

/** Release and overwrite the memory that making items took. */
function withMemory(make: SemiHonestKindMaker["make"]): SemiHonestKindMaker["make"] {
  return async (link, state, count) => {
    const { kernels } = state;
    const mark = kernels.mark;
    try {
      return await make(link, state, count);
    } finally {
      kernels.release(mark);
    }
  };
}

/**
 * Make triples, c = a·b for the sums of both parties' shares: each party multiplies its own shares, and the parties share
 * the two mixed products.
 */
async function makeTriples(link: OperationLink, state: SemiHonestOtState, count: number) {
  const { kernels } = state;
  const made = roundProducts(count);
  const { a, b, received, sent } = await makeProducts(link, state, made);
  const c = kernels.allocate(made * WORD);
  kernels.run.addProducts64(a, b, received, sent, made, c);
  return [a, b, c].map((at) => plain(kernels.read(at, count * WORD)));
}

/**
 * Make squares, r² = r0² + 2·r0·r1 + r1². Both directions of each run of products serve: one for the first half of the
 * squares, one for the second.
 */
async function makeSquares(link: OperationLink, state: SemiHonestOtState, count: number) {
  const { kernels } = state;
  const made = roundProducts(Math.ceil(count / 2));
  const { a, b, received, sent } = await makeProducts(link, state, made);
  const factor = kernels.allocate(2 * made * WORD);
  const mixed = kernels.allocate(2 * made * WORD);
  const asReceiver = link.party === 0 ? 0 : made * WORD;
  const asSender = made * WORD - asReceiver;
  kernels.move(factor + asReceiver, a, made * WORD);
  kernels.move(factor + asSender, b, made * WORD);
  kernels.move(mixed + asReceiver, received, made * WORD);
  kernels.move(mixed + asSender, sent, made * WORD);
  const square = kernels.allocate(2 * made * WORD);
  kernels.run.addProducts64(factor, factor, mixed, mixed, 2 * made, square);
  return [factor, square].map((at) => plain(kernels.read(at, count * WORD)));
}

async function makeWraps(link: OperationLink, state: SemiHonestOtState, count: number) {
  const { kernels } = state;
  const { bits, shares } = await makeBitProducts(link, state, Math.ceil(count / 256) * 256);
  return [bits, shares].map((at) => plain(kernels.read(at, count * WORD)));
}

async function makeSelectionItems(link: OperationLink, state: SemiHonestOtState, count: number) {
  const { bits, r, mask, product } = await makeSelections(link, state, count);
  return [bits, r, mask, product].map((at) => plain(state.kernels.read(at, count * WORD)));
}
