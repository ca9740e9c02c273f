// Sums of 64 subsets of openings at once, by the method of the four Russians: for every four elements compute all 16
// sums once; each row then picks one. Three vectors are handled together, so that each pick is looked up once.
//
// Elements mod 2^128 are split into 32-bit limbs, each in a 64-bit lane, so 2^32 of them can be added without a carry.
// Of the third vector only the low words matter, and they wrap.

const ROWS: usize = 64;
/** An entry of a table, and a row's sum: the limbs of two elements and a word. */
const ENTRY: usize = 80;
const WORD: usize = 64;
/** Number of groups whose tables fit into the first-level cache together. */
const BLOCK: usize = 8;
const TABLE: usize = 16 * ENTRY;

const LOW_HALVES = i64x2.splat(0xffffffff);

/** Tabulate the 16 sums of four elements of each vector; elements from `left` on count as zero. */
function tabulate(x: usize, m: usize, v: usize, left: usize, table: usize): void {
  memory.fill(table, 0, ENTRY);
  for (let q: usize = 0; q < 4; q++) {
    const size = ENTRY << q;
    let a = i64x2.splat(0);
    let b = i64x2.splat(0);
    let c = i64x2.splat(0);
    let d = i64x2.splat(0);
    let word: u64 = 0;
    if (q < left) {
      const value = v128.load(x + (q << 4));
      a = v128.and(value, LOW_HALVES);
      b = i64x2.shr_u(value, 32);
      const mac = v128.load(m + (q << 4));
      c = v128.and(mac, LOW_HALVES);
      d = i64x2.shr_u(mac, 32);
      word = load<u64>(v + (q << 4));
    }
    for (let from = table; from < table + size; from += ENTRY) {
      const to = from + size;
      v128.store(to, i64x2.add(v128.load(from), a));
      v128.store(to, i64x2.add(v128.load(from, 16), b), 16);
      v128.store(to, i64x2.add(v128.load(from, 32), c), 32);
      v128.store(to, i64x2.add(v128.load(from, 48), d), 48);
      store<u64>(to, load<u64>(from, WORD) + word, WORD);
    }
  }
}

/** Combine the limbs at `at` into an element, with carries. */
function collect(at: usize, out: usize): void {
  // Limbs 0 and 2 lie in the even lanes, 1 and 3 in the odd ones.
  const l0 = load<u64>(at);
  const l1 = load<u64>(at, 16) + (l0 >> 32);
  const l2 = load<u64>(at, 8) + (l1 >> 32);
  const l3 = load<u64>(at, 24) + (l2 >> 32);
  store<u64>(out, (l0 & 0xffffffff) | (l1 << 32));
  store<u64>(out, (l2 & 0xffffffff) | (l3 << 32), 8);
}

/**
 * For each of 64 rows, sum its subset of the n elements at x and m, and of the low words at v.
 *
 * @param out - of x, then of m, then of v: 64 elements each
 * @param subsets - for every four elements 64 nibbles, one for each row: bit q includes element q
 * @param scratch - tables of a block, and the rows' sums: 15360 bytes
 */
export function subsetSums128(out: usize, x: usize, m: usize, v: usize, subsets: usize, n: u32, scratch: usize): void {
  const sums = scratch + BLOCK * TABLE;
  memory.fill(sums, 0, ROWS * ENTRY);
  const groups = (<usize>n + 3) >> 2;
  for (let first: usize = 0; first < groups; first += BLOCK) {
    const count = min(BLOCK, groups - first);
    for (let g: usize = 0; g < count; g++) {
      const at = (first + g) << 6;
      tabulate(x + at, m + at, v + at, <usize>n - ((first + g) << 2), scratch + g * TABLE);
    }
    const end = scratch + count * TABLE;
    let picks = subsets + (first << 5);
    for (let to = sums; to < sums + ROWS * ENTRY; to += 2 * ENTRY) {
      let a = v128.load(to);
      let b = v128.load(to, 16);
      let c = v128.load(to, 32);
      let d = v128.load(to, 48);
      let word = load<u64>(to, WORD);
      let a2 = v128.load(to, ENTRY);
      let b2 = v128.load(to, ENTRY + 16);
      let c2 = v128.load(to, ENTRY + 32);
      let d2 = v128.load(to, ENTRY + 48);
      let word2 = load<u64>(to, ENTRY + WORD);
      let pair = picks++;
      for (let table = scratch; table < end; table += TABLE) {
        const pick = <usize>load<u8>(pair);
        pair += 32;
        const one = table + (pick & 15) * ENTRY;
        const two = table + (pick >> 4) * ENTRY;
        a = i64x2.add(a, v128.load(one));
        b = i64x2.add(b, v128.load(one, 16));
        c = i64x2.add(c, v128.load(one, 32));
        d = i64x2.add(d, v128.load(one, 48));
        word += load<u64>(one, WORD);
        a2 = i64x2.add(a2, v128.load(two));
        b2 = i64x2.add(b2, v128.load(two, 16));
        c2 = i64x2.add(c2, v128.load(two, 32));
        d2 = i64x2.add(d2, v128.load(two, 48));
        word2 += load<u64>(two, WORD);
      }
      v128.store(to, a);
      v128.store(to, b, 16);
      v128.store(to, c, 32);
      v128.store(to, d, 48);
      store<u64>(to, word, WORD);
      v128.store(to, a2, ENTRY);
      v128.store(to, b2, ENTRY + 16);
      v128.store(to, c2, ENTRY + 32);
      v128.store(to, d2, ENTRY + 48);
      store<u64>(to, word2, ENTRY + WORD);
    }
  }
  for (let at = sums; at < sums + ROWS * ENTRY; at += ENTRY) {
    collect(at, out);
    collect(at + 32, out + (ROWS << 4));
    store<u64>(out, load<u64>(at, WORD), 2 * ROWS * 16);
    store<u64>(out, 0, 2 * ROWS * 16 + 8);
    out += 16;
  }
  // Leave nothing secret in scratch.
  memory.fill(scratch, 0, BLOCK * TABLE + ROWS * ENTRY);
}
