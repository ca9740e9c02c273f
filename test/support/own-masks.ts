/**
 * Whether each word and bit that a party opens in a step has a mask of its own, whatever the other party sends.
 *
 * The step runs on as many copies of one number as there are masks, and one more. In each copy another of the sender's
 * shares of masks differs. If what is masked by it differs by as much, and nothing else up to the end of that message does,
 * then the messages follow from the masks one by one, and are uniform as these are: the viewer learns nothing.
 */
import type { Party } from "../../lib/channel/channel";
import { createPrg } from "../../lib/crypto/prg";
import { DIGITS } from "../../lib/preprocessing/kinds/digits";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import type { AuthenticatedContext } from "../../lib/protocol/authenticated/context";
import { ring64, ring128 } from "../../lib/ring";
import type { AuthenticatedVector } from "../../lib/sharing/authenticated";
import { bitAt } from "../../lib/sharing/bits";
import { OpeningLog } from "../../lib/sharing/opening";
import { createLinkPair, runBoth } from "./links";
import { seedOf } from "./machines";

export type Step = (
  ctx: AuthenticatedContext,
  x: AuthenticatedVector,
  length: number,
) => Promise<AuthenticatedVector>;

export interface Watched {
  readonly viewer: Party;
  readonly x: bigint;
  /** Whether the viewer alters every second message of its own, alike in all copies. */
  readonly cheats?: boolean;
  /** A broken dealer: one mask for both factors of a product. */
  readonly tied?: boolean;
  /** Without MACs, and with these items for comparisons. */
  readonly plain?: "masked" | "carry";
}

const DELTA = 0x9e3779b97f4a7c15n;
const WORD_BITS = 64;
const BLOCK = 16;

/** The words or bits of one message of the sender that have masks. */
interface Message {
  /** The number of its first mask. */
  readonly first: number;
  readonly count: number;
  /** What a masked number becomes where its mask differs. */
  shift(value: bigint): bigint;
  read(payload: Uint8Array, place: number, copy: number): bigint;
  readonly isWords: boolean;
}

/** Both parties' items. Numbers lie place by place, and of each place copy after copy. */
class Deck {
  readonly messages: Message[] = [];
  readonly #random;
  readonly #made: (readonly [RawVector[], RawVector[]])[] = [];
  masks = 0;

  constructor(
    readonly copies: number,
    readonly watched: Watched,
  ) {
    this.#random = createPrg(seedOf(31));
  }

  /** One party's items, in the order in which both take them. */
  itemsOf(party: Party): AuthenticatedContext["items"] {
    let taken = 0;
    return {
      take: async (kind, count) => {
        const at = taken++;
        this.#made[at] ??= this.#deal(kind, count / this.copies);
        return this.#made[at][party];
      },
      discard: () => undefined,
    };
  }

  word(): bigint {
    return new DataView(this.#random.draw!(8).slice().buffer).getBigUint64(0);
  }

  #deal(kind: string, places: number): readonly [RawVector[], RawVector[]] {
    if (kind === "digits") return this.#dealDigits();
    if (kind === "triple") return this.#dealTriples(places);
    if (kind === "andtriple") return this.#dealAnds(places);
    if (kind === "dabit") return this.#dealDaBits(places);
    if (kind === "maskbits") return this.#dealMaskBits();
    if (kind === "ands") return this.#dealWords();
    if (kind === "bit" || kind === "wrap") return this.#dealBits(kind, places);
    throw new Error(`no ${kind} here`);
  }

  /** Put the sender's fields beside the viewer's. */
  #both(mine: RawVector[], theirs: RawVector[]): readonly [RawVector[], RawVector[]] {
    return this.watched.viewer === 0 ? [mine, theirs] : [theirs, mine];
  }

  #expect(count: number, shift: Message["shift"], read: Message["read"]): number {
    const first = this.masks;
    this.messages.push({ first, count, shift, read, isWords: read === this.#word });
    this.masks += count;
    return first;
  }

  readonly #word = (payload: Uint8Array, place: number, copy: number) =>
    new DataView(payload.buffer, payload.byteOffset).getBigUint64(8 * (place * this.copies + copy), true);
  readonly #bit = (payload: Uint8Array, place: number, copy: number) =>
    BigInt(bitAt(payload, place * this.copies + copy));

  /** A vector of so many places, from what belongs to each place and copy. */
  #spread(places: number, numberOf: (place: number, copy: number) => bigint): bigint[] {
    return Array.from({ length: places * this.copies }, (_, i) =>
      numberOf(Math.floor(i / this.copies), i % this.copies),
    );
  }

  #words(count: number): bigint[] {
    return Array.from({ length: count }, () => this.word());
  }

  #dealDigits() {
    const first = this.#expect(1, (value) => value + DELTA, this.#word);
    const [mine, theirs] = this.#words(2) as [bigint, bigint];
    const shares = this.#words(3 * DIGITS);
    const numbers = Array.from({ length: this.copies }, (_, copy) => theirs + (copy === first ? DELTA : 0n));
    const fields = shares.map((share, field) => {
      const [digit, value] = [BigInt(2 * Math.floor(field / 3)), BigInt(1 + (field % 3))];
      return numbers.map((number) => (((mine + number) >> digit) % 4n === value ? 1n : 0n) - share);
    });
    const own = [mine, ...shares].map((share) => rawOf(this.#spread(1, () => share)));
    return this.#both(own, [rawOf(numbers), ...fields.map(rawOf)]);
  }

  #dealTriples(places: number) {
    const first = this.#expect(2 * places, (value) => value - DELTA, this.#word);
    const own = [0, 1, 2].map(() => this.#words(places)) as [bigint[], bigint[], bigint[]];
    const base = [0, 1].map(() => this.#words(places)) as [bigint[], bigint[]];
    const factor = (side: 0 | 1) =>
      this.#spread(places, (place, copy) => {
        const mask = first + side * places + place;
        const shifted = copy === mask || (this.watched.tied && side === 1 && copy === mask - places);
        return base[side][place]! + (shifted ? DELTA : 0n);
      });
    const [a, b] = [factor(0), factor(1)];
    const c = a.map((x, i) => {
      const place = Math.floor(i / this.copies);
      return (own[0][place]! + x) * (own[1][place]! + b[i]!) - own[2][place]!;
    });
    const mine = own.map((field) => rawOf(this.#spread(places, (place) => field[place]!)));
    return this.#both(mine, [a, b, c].map(rawOf));
  }

  #dealAnds(places: number) {
    const first = this.#expect(2 * places, (value) => value ^ 1n, this.#bit);
    const own = [0, 1, 2].map(() => this.#words(places)) as [bigint[], bigint[], bigint[]];
    const base = [0, 1].map(() => this.#words(places)) as [bigint[], bigint[]];
    const factor = (side: 0 | 1) =>
      this.#spread(places, (place, copy) => {
        const mask = first + side * places + place;
        const shifted = copy === mask || (this.watched.tied && side === 1 && copy === mask - places);
        return base[side][place]! ^ (shifted ? 1n : 0n);
      });
    const [a, b] = [factor(0), factor(1)];
    const c = a.map((x, i) => {
      const place = Math.floor(i / this.copies);
      return ((own[0][place]! ^ x) & (own[1][place]! ^ b[i]!)) ^ own[2][place]!;
    });
    const mine = own.map((field) => blocksOf(this.#spread(places, (place) => field[place]!)));
    return this.#both(mine, [a, b, c].map(blocksOf));
  }

  #dealDaBits(places: number) {
    const first = this.#expect(places, (value) => value ^ 1n, this.#bit);
    const [own, base, shares] = [0, 1, 2].map(() => this.#words(places)) as [bigint[], bigint[], bigint[]];
    const bits = this.#spread(places, (place, copy) => base[place]! ^ (copy === first + place ? 1n : 0n));
    const integers = bits.map((bit, i) => {
      const place = Math.floor(i / this.copies);
      return ((bit ^ own[place]!) & 1n) - shares[place]!;
    });
    const mine = [
      rawOf(this.#spread(places, (place) => shares[place]!)),
      blocksOf(this.#spread(places, (place) => own[place]!)),
    ];
    return this.#both(mine, [rawOf(integers), blocksOf(bits)]);
  }

  /** Words of bits; the third mask goes unused where there is one product only. */
  #dealWords() {
    const first = this.#expect(3, (value) => value ^ DELTA, this.#word);
    const own = this.#words(5) as [bigint, bigint, bigint, bigint, bigint];
    const base = this.#words(3);
    const [a, b, c] = base.map((mask, i) =>
      this.#spread(1, (_, copy) => mask ^ (copy === first + i ? DELTA : 0n)),
    ) as [bigint[], bigint[], bigint[]];
    const product = (factors: bigint[], i: 1 | 2) =>
      factors.map((factor, copy) => ((own[0] ^ a[copy]!) & (own[i] ^ factor)) ^ own[i + 2]!);
    const mine = own.map((word) => wordsOf(this.#spread(1, () => word)));
    return this.#both(mine, [a, b, c, product(b, 1), product(c, 2)].map(wordsOf));
  }

  /** Masks of bits that lie number by number: a bit in XOR shares and as an integer, or a product of both parties' bits. */
  #dealBits(kind: "bit" | "wrap", places: number) {
    const { copies } = this;
    const first = this.#expect(
      places,
      (value) => value ^ 1n,
      (payload, place, copy) => BigInt(bitAt(payload, copy * places + place)),
    );
    const [own, base, shares] = [0, 1, 2].map(() => this.#words(places)) as [bigint[], bigint[], bigint[]];
    const spread = (numberOf: (place: number, copy: number) => bigint) =>
      Array.from({ length: copies * places }, (_, i) => numberOf(i % places, Math.floor(i / places)));
    const bits = spread((place, copy) => base[place]! ^ (copy === first + place ? 1n : 0n));
    const joined = (mine: bigint, theirs: bigint) => (kind === "bit" ? mine ^ theirs : mine & theirs) & 1n;
    const integers = bits.map((bit, i) => joined(own[i % places]!, bit) - shares[i % places]!);
    const mine = [own, shares].map((field) => wordsOf(spread((place) => field[place]!)));
    // Of a word only the lowest bit is a wrap's.
    const words = kind === "bit" ? bits : bits.map((bit) => bit & 1n);
    if (kind === "wrap") mine[0] = wordsOf(spread((place) => own[place]! & 1n));
    return this.#both(mine, [wordsOf(words), wordsOf(integers)]);
  }

  /** Party 1 sends a number under its 64 bits as one; party 0 sends 64 bits, each under its own. */
  #dealMaskBits() {
    const { copies } = this;
    const isSender = this.watched.viewer === 0;
    const first = isSender
      ? this.#expect(1, (value) => value + DELTA, this.#word)
      : this.#expect(
          WORD_BITS,
          (value) => value ^ 1n,
          (payload, place, copy) => BigInt(bitAt(payload, copy * WORD_BITS + place)),
        );
    const [mine, theirs] = this.#words(2) as [bigint, bigint];
    const numberAt = (copy: number) => {
      const place = copy - first;
      if (isSender) return theirs + (place === 0 ? DELTA : 0n);
      return theirs ^ (place >= 0 && place < WORD_BITS ? 1n << BigInt(place) : 0n);
    };
    const split = (numberOf: (copy: number) => bigint) =>
      blocksOf(
        Array.from(
          { length: copies * WORD_BITS },
          (_, i) => numberOf(Math.floor(i / WORD_BITS)) >> BigInt(i % WORD_BITS),
        ),
      );
    const macs = () => {
      const zeros = new Uint8Array(copies * WORD_BITS * BLOCK);
      return { values: zeros, macs: zeros.slice() };
    };
    return this.#both([split(() => mine), macs()], [split(numberAt), macs()]);
  }
}

function wordsOf(values: readonly bigint[]): RawVector {
  const bytes = ring64.toBytes(ring64.fromBigInts(values.map((value) => BigInt.asUintN(64, value))));
  return { values: bytes.slice(), macs: new Uint8Array(0) };
}

function rawOf(values: readonly bigint[]): RawVector {
  const bytes = ring128.toBytes(ring128.fromBigInts(values.map((value) => BigInt.asUintN(128, value))));
  return { values: bytes.slice(), macs: new Uint8Array(bytes.length) };
}

/** Blocks whose lowest bits are given, and keys that are zero. */
function blocksOf(bits: readonly bigint[]): RawVector {
  const values = new Uint8Array(bits.length * BLOCK);
  bits.forEach((bit, i) => {
    values[i * BLOCK] = Number(bit & 1n);
  });
  return { values, macs: new Uint8Array(values.length) };
}

async function run(step: Step, watched: Watched, copies: number) {
  const { viewer, x, cheats, plain } = watched;
  const ring = plain ? ring64 : ring128;
  const deck = new Deck(copies, watched);
  const own = deck.word();
  const payloads: Uint8Array[] = [];
  let sent = 0;
  const links = createLinkPair((message) => {
    if (message.from !== viewer) payloads.push(message.payload.slice());
    else if (cheats && sent++ % 2 === 0) message.payload = message.payload.map((byte) => byte ^ 0xff);
  });
  const play = (party: Party) => {
    const value = ring.full(copies, BigInt.asUintN(ring.bits, party === viewer ? own : x - own));
    const ctx = {
      ring,
      can: { comparison: plain },
      link: links[party],
      log: new OpeningLog(),
      key: { party, alpha: 3n + BigInt(party), delta: new Uint8Array(BLOCK).fill(5) },
      items: deck.itemsOf(party),
      checkIfMany: async () => undefined,
    } as unknown as AuthenticatedContext;
    return step(ctx, { value, mac: ring.zeros(copies) }, copies);
  };
  const [zero, one] = await runBoth(
    links,
    () => play(0),
    () => play(1),
  );
  const results = ring.toBigInts(ring.add(zero.value, one.value));
  return { deck, payloads, results: results.map((value) => BigInt.asUintN(64, value)) };
}

/** Whether a word is masked by nothing that is opened: a message of words is shorter where a mask goes unused. */
function isUnused(deck: Deck, i: number, payload: Uint8Array, place: number): boolean {
  return deck.messages[i]!.isWords && place >= payload.length / (8 * deck.copies);
}

/**
 * Run a step, and look at all that the viewer receives.
 *
 * @returns how many masks there are, how many masked numbers differ from what their masks say, and the results of the copy
 *   in which no mask differs
 */
export async function watchMasks(step: Step, watched: Watched) {
  const { masks } = (await run(step, watched, 1)).deck;
  const copies = masks + 1;
  const { deck, payloads, results } = await run(step, watched, copies);
  let wrong = payloads.length === deck.messages.length ? 0 : 1;
  for (const [i, { first, count, shift, read }] of deck.messages.entries())
    for (let place = 0; place < count && !isUnused(deck, i, payloads[i]!, place); place++) {
      const base = read(payloads[i]!, place, masks);
      const shifted = BigInt.asUintN(64, shift(base));
      for (let copy = first; copy < masks; copy++)
        if (read(payloads[i]!, place, copy) !== (copy === first + place ? shifted : base)) wrong++;
    }
  // Results lie number by number.
  return { masks, wrong, results: results.slice(-results.length / copies) };
}
