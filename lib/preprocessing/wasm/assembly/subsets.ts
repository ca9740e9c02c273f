// 64 subset sums of many elements at once, by tables: each sum adds what four elements give it in one look-up, two tables
// for eight elements. Row i of `subsets` is a word, one bit for each sum that takes element i.
import { fetch, plus, put, t0, t1, t2 } from "./element192";

/** Bytes of a sum of elements mod 2^192: six words of 32 bits in lanes of 64, which need no carry. */
const LIMBS: usize = 48;
const indices: usize = memory.data(64, 16);
const tables: usize = memory.data(2 * 16 * 48, 16);
const sums: usize = memory.data(64 * 48, 16);

/** Gather bit j of each of `count` rows, at most eight, as byte j of the indices. */
function transposeRows(rows: usize, count: usize): void {
  for (let byte: usize = 0; byte < 8; byte++) {
    let x: u64 = 0;
    for (let i: usize = 0; i < count; i++) x |= (load<u8>(rows + (i << 3) + byte) as u64) << ((i as u64) << 3);
    // Transpose 8 × 8 bits by swapping blocks of 1, 2 and 4.
    let t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
    x ^= t ^ (t << 28);
    store<u64>(indices + (byte << 3), x);
  }
}

/** to_j += Σ of the x_i whose bit (i, j) is set, elements mod 2^192. */
export function subsetSums192(x: usize, subsets: usize, count: usize, to: usize): void {
  memory.fill(sums, 0, 64 * LIMBS);
  for (let start: usize = 0; start < count; start += 8) {
    const size = min<usize>(8, count - start);
    transposeRows(subsets + (start << 3), size);
    for (let i: usize = 0; i < 8; i++) {
      const table = tables + (i >> 2) * 16 * LIMBS;
      if ((i & 3) == 0) memory.fill(table, 0, LIMBS);
      const at = x + (start + i) * 24;
      const low = i < size ? v128.load(at) : i64x2.splat(0);
      const top = i < size ? v128.load64_zero(at, 16) : i64x2.splat(0);
      const a = i64x2.extend_low_i32x4_u(low);
      const b = i64x2.extend_high_i32x4_u(low);
      const c = i64x2.extend_low_i32x4_u(top);
      const half = LIMBS << (i & 3);
      for (let from = table, end = table + half; from < end; from += LIMBS) {
        v128.store(from + half, i64x2.add(v128.load(from), a));
        v128.store(from + half, i64x2.add(v128.load(from, 16), b), 16);
        v128.store(from + half, i64x2.add(v128.load(from, 32), c), 32);
      }
    }
    for (let j: usize = 0; j < 64; j++) {
      const index = load<u8>(indices + j) as usize;
      const p = tables + (index & 15) * LIMBS;
      const q = tables + (16 + (index >> 4)) * LIMBS;
      const sum = sums + j * LIMBS;
      v128.store(sum, i64x2.add(v128.load(sum), i64x2.add(v128.load(p), v128.load(q))));
      v128.store(sum, i64x2.add(v128.load(sum, 16), i64x2.add(v128.load(p, 16), v128.load(q, 16))), 16);
      v128.store(sum, i64x2.add(v128.load(sum, 32), i64x2.add(v128.load(p, 32), v128.load(q, 32))), 32);
    }
  }
  for (let j: usize = 0; j < 64; j++) {
    fetch(to + j * 24);
    addLimbs(sums + j * LIMBS);
    put(to + j * 24);
  }
}

/** t += a sum in limbs. */
function addLimbs(at: usize): void {
  const l0 = load<u64>(at);
  const l1 = load<u64>(at, 8) + (l0 >> 32);
  const l2 = load<u64>(at, 16) + (l1 >> 32);
  const l3 = load<u64>(at, 24) + (l2 >> 32);
  const l4 = load<u64>(at, 32) + (l3 >> 32);
  const l5 = load<u64>(at, 40) + (l4 >> 32);
  plus((l0 & 0xffffffff) | (l1 << 32), (l2 & 0xffffffff) | (l3 << 32), (l4 & 0xffffffff) | (l5 << 32));
}

/** to_j ^= the sum of the blocks of 16 bytes whose bit (i, j) is set. */
export function subsetXors(blocks: usize, subsets: usize, count: usize, to: usize): void {
  for (let start: usize = 0; start < count; start += 8) {
    const size = min<usize>(8, count - start);
    transposeRows(subsets + (start << 3), size);
    for (let i: usize = 0; i < 8; i++) {
      const table = tables + ((i >> 2) << 8);
      if ((i & 3) == 0) v128.store(table, i64x2.splat(0));
      const block = i < size ? v128.load(blocks + ((start + i) << 4)) : i64x2.splat(0);
      const half = (16 as usize) << (i & 3);
      for (let from = table, end = table + half; from < end; from += 16)
        v128.store(from + half, v128.xor(v128.load(from), block));
    }
    for (let j: usize = 0; j < 64; j++) {
      const index = load<u8>(indices + j) as usize;
      const product = v128.xor(
        v128.load(tables + ((index & 15) << 4)),
        v128.load(tables + ((16 + (index >> 4)) << 4)),
      );
      v128.store(to + (j << 4), v128.xor(v128.load(to + (j << 4)), product));
    }
  }
}
