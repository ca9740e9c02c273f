// Element-wise operations mod 2^64. Storage is padded to whole vectors, so loops run over pairs and may write one
// element past the last. No branch depends on a value.

// @ts-ignore: decorator
@inline
function end(n: u32): usize {
  return ((<usize>n + 1) >> 1) << 4;
}

// Sums, differences and products handle four elements in each step, which halves the address arithmetic.

export function add64(out: usize, x: usize, y: usize, n: u32): void {
  const e = out + end(n);
  for (const last = e - 16; out < last; out += 32, x += 32, y += 32) {
    v128.store(out, i64x2.add(v128.load(x), v128.load(y)));
    v128.store(out, i64x2.add(v128.load(x, 16), v128.load(y, 16)), 16);
  }
  if (out < e) v128.store(out, i64x2.add(v128.load(x), v128.load(y)));
}

export function sub64(out: usize, x: usize, y: usize, n: u32): void {
  const e = out + end(n);
  for (const last = e - 16; out < last; out += 32, x += 32, y += 32) {
    v128.store(out, i64x2.sub(v128.load(x), v128.load(y)));
    v128.store(out, i64x2.sub(v128.load(x, 16), v128.load(y, 16)), 16);
  }
  if (out < e) v128.store(out, i64x2.sub(v128.load(x), v128.load(y)));
}

/** Multiply half of the elements as words: that takes one instruction, one started each cycle; a vector takes eight. */
export function mul64(out: usize, x: usize, y: usize, n: u32): void {
  const e = out + end(n);
  for (const last = e - 16; out < last; out += 32, x += 32, y += 32) {
    v128.store(out, i64x2.mul(v128.load(x), v128.load(y)));
    store<u64>(out, load<u64>(x, 16) * load<u64>(y, 16), 16);
    store<u64>(out, load<u64>(x, 24) * load<u64>(y, 24), 24);
  }
  if (out < e) v128.store(out, i64x2.mul(v128.load(x), v128.load(y)));
}

export function mulAdd64(out: usize, x: usize, y: usize, z: usize, n: u32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) {
    v128.store(out + i, i64x2.add(i64x2.mul(v128.load(x + i), v128.load(y + i)), v128.load(z + i)));
  }
}

export function and64(out: usize, x: usize, y: usize, n: u32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) {
    v128.store(out + i, v128.and(v128.load(x + i), v128.load(y + i)));
  }
}

export function xor64(out: usize, x: usize, y: usize, n: u32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) {
    v128.store(out + i, v128.xor(v128.load(x + i), v128.load(y + i)));
  }
}

export function neg64(out: usize, x: usize, n: u32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, i64x2.neg(v128.load(x + i)));
}

// Scalars come in two words, so that both widths have the same signature; ignore the high word here.

export function fill64(out: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.splat(lo);
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, v);
}

export function addScalar64(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.splat(lo);
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, i64x2.add(v128.load(x + i), v));
}

export function mulScalar64(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.splat(lo);
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, i64x2.mul(v128.load(x + i), v));
}

export function andScalar64(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.splat(lo);
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, v128.and(v128.load(x + i), v));
}

export function xorScalar64(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.splat(lo);
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, v128.xor(v128.load(x + i), v));
}

/** Shifts take bits < 64. */
export function shl64(out: usize, x: usize, n: u32, bits: i32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, i64x2.shl(v128.load(x + i), bits));
}

export function shr64(out: usize, x: usize, n: u32, bits: i32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, i64x2.shr_u(v128.load(x + i), bits));
}

export function sar64(out: usize, x: usize, n: u32, bits: i32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) v128.store(out + i, i64x2.shr_s(v128.load(x + i), bits));
}

/** 1 where x ≡ c, xor `flip`. */
export function eq64(out: usize, x: usize, n: u32, lo: u64, hi: u64, flip: u32): void {
  const c = i64x2.splat(lo);
  const f = i64x2.splat(<u64>flip);
  for (let i: usize = 0, e = end(n); i < e; i += 16) {
    v128.store(out + i, v128.xor(i64x2.shr_u(i64x2.eq(v128.load(x + i), c), 63), f));
  }
}

/** 1 where x < c as signed integers, or as unsigned ones with `bias` = 2^63; xor `flip`. */
export function lt64(out: usize, x: usize, n: u32, lo: u64, hi: u64, bias: u64, flip: u32): void {
  const b = i64x2.splat(bias);
  const c = v128.xor(i64x2.splat(lo), b);
  const f = i64x2.splat(<u64>flip);
  for (let i: usize = 0, e = end(n); i < e; i += 16) {
    v128.store(out + i, v128.xor(i64x2.shr_u(i64x2.lt_s(v128.xor(v128.load(x + i), b), c), 63), f));
  }
}

export function bit64(out: usize, x: usize, n: u32, index: u32): void {
  const one = i64x2.splat(1);
  for (let i: usize = 0, e = end(n); i < e; i += 16) {
    v128.store(out + i, v128.and(i64x2.shr_u(v128.load(x + i), index), one));
  }
}

/** out += x · 2^bits. */
export function shiftAdd64(out: usize, x: usize, n: u32, bits: i32): void {
  for (let i: usize = 0, e = end(n); i < e; i += 16) {
    v128.store(out + i, i64x2.add(v128.load(out + i), i64x2.shl(v128.load(x + i), bits)));
  }
}

/** Pack the lowest bits, eight to a byte. */
export function toBits64(out: usize, x: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i += 8) {
    let byte: u32 = 0;
    for (let j: u32 = 0, e = min<u32>(8, n - i); j < e; j++) {
      byte |= (<u32>load<u8>(x + (<usize>(i + j) << 3)) & 1) << j;
    }
    store<u8>(out + (i >> 3), byte);
  }
}

export function fromBits64(out: usize, bytes: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    store<u64>(out + (<usize>i << 3), <u64>((load<u8>(bytes + (i >> 3)) >> (i & 7)) & 1));
  }
}

/** out[i, j] = Σ_l x[i, l, j]; with inner = 1 (sums of rows), two sums at once. */
export function sumAxis64(out: usize, x: usize, outer: u32, axis: u32, inner: u32): void {
  if (inner == 1) {
    for (let i: u32 = 0; i < outer; i++) {
      let a = i64x2.splat(0);
      let b = i64x2.splat(0);
      let l: u32 = 0;
      for (; l + 4 <= axis; l += 4, x += 32) {
        a = i64x2.add(a, v128.load(x));
        b = i64x2.add(b, v128.load(x, 16));
      }
      a = i64x2.add(a, b);
      let total = i64x2.extract_lane(a, 0) + i64x2.extract_lane(a, 1);
      for (; l < axis; l++, x += 8) total += load<u64>(x);
      store<u64>(out + (<usize>i << 3), total);
    }
    return;
  }
  const row = <usize>inner << 3;
  for (let i: u32 = 0; i < outer; i++, out += row) {
    memory.fill(out, 0, row);
    for (let l: u32 = 0; l < axis; l++, x += row) {
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) {
        v128.store(out + j, i64x2.add(v128.load(out + j), v128.load(x + j)));
      }
      if (j < row) store<u64>(out + j, load<u64>(out + j) + load<u64>(x + j));
    }
  }
}

/** out[i, l, j] = Σ_(h ≤ l) x[i, h, j]. */
export function cumulateAxis64(out: usize, x: usize, outer: u32, axis: u32, inner: u32): void {
  const row = <usize>inner << 3;
  if (axis == 0) return;
  for (let i: u32 = 0; i < outer; i++) {
    if (inner == 1) {
      let total: u64 = 0;
      for (let l: u32 = 0; l < axis; l++, x += 8, out += 8) {
        total += load<u64>(x);
        store<u64>(out, total);
      }
      continue;
    }
    memory.copy(out, x, row);
    x += row;
    out += row;
    for (let l: u32 = 1; l < axis; l++, x += row, out += row) {
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) {
        v128.store(out + j, i64x2.add(v128.load(out + j - row), v128.load(x + j)));
      }
      if (j < row) store<u64>(out + j, load<u64>(out + j - row) + load<u64>(x + j));
    }
  }
}

/** Whether n elements are equal. Read all of them, wherever the first difference is. */
export function equals64(x: usize, y: usize, n: u32): bool {
  let difference = i64x2.splat(0);
  let i: usize = 0;
  const bytes = <usize>n << 3;
  for (; i + 16 <= bytes; i += 16) {
    difference = v128.or(difference, v128.xor(v128.load(x + i), v128.load(y + i)));
  }
  const last = i < bytes ? load<u64>(x + i) ^ load<u64>(y + i) : 0;
  return !v128.any_true(difference) && last == 0;
}
