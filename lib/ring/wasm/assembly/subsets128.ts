// Sums mod 2^128 of 64 subsets of a vector at once, by the method of the four Russians: of each four elements all 16
// sums are made once, and each row picks its own.
//
// Elements are taken apart into limbs of 32 bits, each in a lane of 64, so that 2^32 of them add up without a carry.

const ROWS: usize = 64;
/** Bytes of an element's four limbs. */
const LIMBS: usize = 32;
/** Groups whose tables lie in the first-level cache together. */
const BLOCK: usize = 8;
const TABLE: usize = 16 * LIMBS;

/** Bytes of scratch: tables of a block, and the rows' sums. */
export const SUBSETS_SCRATCH: usize = BLOCK * TABLE + ROWS * LIMBS;

const LOW_HALVES = i64x2.splat(0xffffffff);

/** The 16 sums of four elements, of which those from `left` on are zero. */
function tabulate(x: usize, left: usize, table: usize): void {
  v128.store(table, i64x2.splat(0));
  v128.store(table, i64x2.splat(0), 16);
  for (let q: usize = 0; q < 4; q++) {
    const size = LIMBS << q;
    let even = i64x2.splat(0);
    let odd = i64x2.splat(0);
    if (q < left) {
      const element = v128.load(x + (q << 4));
      even = v128.and(element, LOW_HALVES);
      odd = i64x2.shr_u(element, 32);
    }
    for (let at: usize = 0; at < size; at += LIMBS) {
      const from = table + at;
      const to = from + size;
      v128.store(to, i64x2.add(v128.load(from), even));
      v128.store(to, i64x2.add(v128.load(from, 16), odd), 16);
    }
  }
}

/**
 * out = for each of 64 rows the sum of its subset of the n elements at x.
 *
 * @param subsets - for each four elements 64 nibbles, one for each row: bit q takes element q in
 */
export function subsetSums128(out: usize, x: usize, subsets: usize, n: u32, scratch: usize): void {
  const sums = scratch + BLOCK * TABLE;
  memory.fill(sums, 0, ROWS * LIMBS);
  const groups = (<usize>n + 3) >> 2;
  for (let first: usize = 0; first < groups; first += BLOCK) {
    const count = min(BLOCK, groups - first);
    for (let g: usize = 0; g < count; g++) {
      const at = (first + g) << 2;
      tabulate(x + (at << 4), <usize>n - at, scratch + g * TABLE);
    }
    const picks = subsets + (first << 5);
    for (let pair: usize = 0; pair < ROWS / 2; pair++) {
      const to = sums + pair * 2 * LIMBS;
      let even = v128.load(to);
      let odd = v128.load(to, 16);
      let even2 = v128.load(to, 32);
      let odd2 = v128.load(to, 48);
      for (let g: usize = 0; g < count; g++) {
        const pick = <usize>load<u8>(picks + (g << 5) + pair);
        const table = scratch + g * TABLE;
        const one = table + ((pick & 15) << 5);
        const two = table + ((pick >> 4) << 5);
        even = i64x2.add(even, v128.load(one));
        odd = i64x2.add(odd, v128.load(one, 16));
        even2 = i64x2.add(even2, v128.load(two));
        odd2 = i64x2.add(odd2, v128.load(two, 16));
      }
      v128.store(to, even);
      v128.store(to, odd, 16);
      v128.store(to, even2, 32);
      v128.store(to, odd2, 48);
    }
  }
  for (let row: usize = 0; row < ROWS; row++) {
    const at = sums + row * LIMBS;
    // Limbs 0 and 2 lie in the even lanes, 1 and 3 in the odd ones.
    const l0 = load<u64>(at);
    const l1 = load<u64>(at, 16) + (l0 >> 32);
    const l2 = load<u64>(at, 8) + (l1 >> 32);
    const l3 = load<u64>(at, 24) + (l2 >> 32);
    store<u64>(out + (row << 4), (l0 & 0xffffffff) | (l1 << 32));
    store<u64>(out + (row << 4), (l2 & 0xffffffff) | (l3 << 32), 8);
  }
  // Of secrets nothing stays in scratch.
  memory.fill(scratch, 0, SUBSETS_SCRATCH);
}
