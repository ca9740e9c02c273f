/** Circuits of bits, apart from how the bits are shared. */

/**
 * Gates on bits of any kind: one bit, or a vector of them, of which each stands for the same place in another number.
 *
 * XOR and NOT cost nothing. The ANDs of one call go in one round.
 */
export interface BitGates<Bit> {
  xor(x: Bit, y: Bit): Bit;
  not(x: Bit): Bit;
  and(pairs: readonly (readonly [Bit, Bit])[]): Promise<readonly Bit[]>;
}

/** A circuit on the bits of two numbers, lowest first. */
export type Circuit = <Bit>(gates: BitGates<Bit>, y: readonly Bit[], r: readonly Bit[]) => Promise<Bit>;

/** Bits of a block of the subtraction in `signOfDifference`. */
const BLOCK = 8;

/** A block's borrow, for each borrow into it; the lowest block has none, so there is only one. */
interface Borrow<Bit> {
  readonly without: Bit;
  readonly with: Bit | undefined;
}

/**
 * Compute the top bit of y − r mod 2^width, from bits: y ⊕ r ⊕ the borrow of the bits below (carry-select).
 *
 * Blocks of 8 bits compute their borrow at once, each for both borrows into it, a bit at a time: the next borrow is the
 * majority of ¬y, r and the borrow, ((¬y ⊕ borrow) ∧ (r ⊕ borrow)) ⊕ borrow. Then a tree selects among the blocks.
 *
 * @param y - bits, lowest first; `r` alike
 * @param block - bits of a block, for tests. Default: 8.
 *
 * For 64 bits: 122 ANDs in 11 rounds.
 */
export async function signOfDifference<Bit>(
  gates: BitGates<Bit>,
  y: readonly Bit[],
  r: readonly Bit[],
  block = BLOCK,
): Promise<Bit> {
  requireSameWidth(y, r);
  const last = y.length - 1;
  const sum = gates.xor(y[last]!, r[last]!);
  if (last === 0) return sum;
  const borrows = await selectBorrow(
    gates,
    await blockBorrows(gates, y.slice(0, last), r.slice(0, last), block),
  );
  return gates.xor(sum, borrows);
}

/** Compute whether y = r, as a tree of ANDs. For 64 bits: 63 ANDs in 6 rounds. */
export async function equality<Bit>(
  gates: BitGates<Bit>,
  y: readonly Bit[],
  r: readonly Bit[],
): Promise<Bit> {
  requireSameWidth(y, r);
  let same: readonly Bit[] = y.map((bit, i) => gates.not(gates.xor(bit, r[i]!)));
  while (same.length > 1) {
    const level = same;
    const pairs = level.filter((_, i) => i % 2 === 1).map((bit, i) => [level[2 * i]!, bit] as const);
    const odd = level.length % 2 === 1 ? level.slice(-1) : [];
    same = [...(await gates.and(pairs)), ...odd];
  }
  return same[0]!;
}

/**
 * Compute all bits of y − r mod 2^width, lowest first: y ⊕ r ⊕ the borrow into each place (carry-select).
 *
 * Blocks compute their borrows at once, each for both borrows into it, as in `signOfDifference`. Then one block after the
 * other selects among its own by the borrow that the one before it has.
 */
export async function difference<Bit>(
  gates: BitGates<Bit>,
  y: readonly Bit[],
  r: readonly Bit[],
): Promise<Bit[]> {
  requireSameWidth(y, r);
  const sums = y.map((bit, i) => gates.xor(bit, r[i]!));
  const last = y.length - 1;
  if (last === 0) return sums;
  const chains = await borrowChains(gates, y.slice(0, last), r.slice(0, last), blockFor(y.length));
  const borrows: Bit[] = [];
  for (const chain of chains) {
    const before = borrows.at(-1);
    const without = chain.map((borrow) => borrow.without);
    if (before === undefined) borrows.push(...without);
    else {
      const pairs = chain.map((borrow) => [gates.xor(borrow.without, borrow.with!), before] as const);
      const further = await gates.and(pairs);
      borrows.push(...without.map((borrow, i) => gates.xor(borrow, further[i]!)));
    }
  }
  return sums.map((sum, i) => (i === 0 ? sum : gates.xor(sum, borrows[i - 1]!)));
}

/** Count the ANDs of `difference` for one number, round by round. */
export function andsOfDifference(width: number): number[] {
  const block = blockFor(width);
  const places = width - 1;
  const sizes = Array.from({ length: Math.ceil(places / block) }, (_, i) =>
    Math.min(block, places - i * block),
  );
  const chains = Array.from({ length: Math.min(block, places) }, (_, step) =>
    sizes.reduce((sum, size, i) => sum + (step >= size ? 0 : i === 0 || step === 0 ? 1 : 2), 0),
  );
  return [...chains, ...sizes.slice(1)];
}

/**
 * Mark the highest bit that is set: 1 in its place, 0 in all others, lowest first.
 *
 * Each place first gets the OR of itself and all above it (Sklansky, IRE Trans. Electron. Comput. 1960), in as many rounds as
 * there are halvings of the width. Where that turns from 0 to 1, the highest bit is.
 */
export async function leadingOne<Bit>(gates: BitGates<Bit>, bits: readonly Bit[]): Promise<Bit[]> {
  // From the top, so that a place's neighbours below are those of higher index.
  const any = [...bits].reverse();
  for (const joined of orsOfLeadingOne(bits.length)) {
    const ands = await gates.and(joined.map(([place, above]) => [any[place]!, any[above]!] as const));
    const ors = joined.map(([place, above], i) => gates.xor(gates.xor(any[place]!, any[above]!), ands[i]!));
    joined.forEach(([place], i) => {
      any[place] = ors[i]!;
    });
  }
  return any.map((bit, i) => (i === 0 ? bit : gates.xor(bit, any[i - 1]!))).reverse();
}

/** Count the ANDs of `leadingOne` for one number, round by round. */
export function andsOfLeadingOne(width: number): number[] {
  return orsOfLeadingOne(width).map((pairs) => pairs.length);
}

/**
 * The ORs of `leadingOne`, round by round: which place joins which, counted from the top. The place above is never joined in
 * the same round.
 */
export function orsOfLeadingOne(width: number): (readonly [place: number, above: number])[][] {
  const rounds: (readonly [number, number])[][] = [];
  for (let half = 1; half < width; half *= 2) rounds.push(joinedAt(width, half));
  return rounds;
}

/** Which place joins which, where blocks of `half` places have been joined: the second half of a pair with the first's end. */
function joinedAt(count: number, half: number): [place: number, above: number][] {
  const places = Array.from({ length: count }, (_, i) => i).filter((i) => (i & half) !== 0);
  return places.map((place) => [place, (place & ~(2 * half - 1)) + half - 1]);
}

/** Few rounds without many ANDs: as many blocks as a block has bits. */
function blockFor(width: number): number {
  return Math.ceil(Math.sqrt(width));
}

function requireSameWidth(y: readonly unknown[], r: readonly unknown[]): void {
  if (y.length === 0 || r.length !== y.length)
    throw new RangeError(
      `both numbers must have the same bits, at least one, got ${y.length} and ${r.length}`,
    );
}

/** Count the ANDs of a circuit for one number, round by round. */
export async function andsOf(circuit: Circuit, width: number): Promise<readonly number[]> {
  const rounds: number[] = [];
  const counting: BitGates<0> = {
    xor: () => 0,
    not: () => 0,
    and: (pairs) => {
      rounds.push(pairs.length);
      return Promise.resolve(pairs.map(() => 0));
    },
  };
  const zeros = Array.from({ length: width }, () => 0 as const);
  await circuit(counting, zeros, zeros);
  return rounds;
}

async function blockBorrows<Bit>(
  gates: BitGates<Bit>,
  y: readonly Bit[],
  r: readonly Bit[],
  block: number,
): Promise<Borrow<Bit>[]> {
  return (await borrowChains(gates, y, r, block)).map((chain) => chain.at(-1)!);
}

/** The borrows out of every place, block by block. */
async function borrowChains<Bit>(
  gates: BitGates<Bit>,
  y: readonly Bit[],
  r: readonly Bit[],
  block: number,
): Promise<Borrow<Bit>[][]> {
  const starts = Array.from({ length: Math.ceil(y.length / block) }, (_, i) => i * block);
  const notY = y.map((bit) => gates.not(bit));
  // ¬y ∧ r is the borrow without one before. With one it is ¬y ∨ r, which needs no further AND.
  const first = await gates.and(starts.map((at) => [notY[at]!, r[at]!] as const));
  const chains = first.map((both, i): Borrow<Bit>[] => {
    const at = starts[i]!;
    const either = gates.xor(gates.xor(notY[at]!, r[at]!), both);
    return [{ without: both, with: i === 0 ? undefined : either }];
  });
  for (let step = 1; step < Math.min(block, y.length); step++) {
    const going = chains.filter((_, i) => starts[i]! + step < y.length);
    const pairs = going.flatMap((chain, i): [Bit, Bit][] => {
      const at = starts[i]! + step;
      const borrow = chain.at(-1)!;
      const both = borrow.with === undefined ? [borrow.without] : [borrow.without, borrow.with];
      return both.map((each) => [gates.xor(notY[at]!, each), gates.xor(r[at]!, each)]);
    });
    const products = [...(await gates.and(pairs))];
    const next = (borrow: Bit) => gates.xor(products.shift()!, borrow);
    for (const chain of going) {
      const borrow = chain.at(-1)!;
      chain.push({
        without: next(borrow.without),
        with: borrow.with === undefined ? undefined : next(borrow.with),
      });
    }
  }
  return chains;
}

/** Combine neighbouring blocks until one is left. */
async function selectBorrow<Bit>(gates: BitGates<Bit>, blocks: readonly Borrow<Bit>[]): Promise<Bit> {
  let level = blocks;
  while (level.length > 1) {
    const pairs: [Bit, Bit][] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      const [low, high] = [level[i]!, level[i + 1]!];
      const differ = gates.xor(high.without, high.with!);
      pairs.push([low.without, differ]);
      if (low.with !== undefined) pairs.push([low.with, differ]);
    }
    const products = [...(await gates.and(pairs))];
    const next: Borrow<Bit>[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [low, high] = [level[i]!, level[i + 1]];
      if (!high) {
        next.push(low);
        continue;
      }
      const selected = () => gates.xor(high.without, products.shift()!);
      const without = selected();
      next.push({ without, with: low.with === undefined ? undefined : selected() });
    }
    level = next;
  }
  return level[0]!.without;
}
