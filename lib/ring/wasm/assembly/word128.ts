// Element-wise operations mod 2^128; an element is [lo, hi]. No branch depends on a value: a carry is the result of a
// comparison, 0 or 1.

/** The high word of a 64 by 64 bit product. */
// @ts-ignore: decorator
@inline
export function mulHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  const other = a0 * b1 + (middle & 0xffffffff);
  return a1 * b1 + (middle >> 32) + (other >> 32);
}

// @ts-ignore: decorator
@inline
function put(out: usize, lo: u64, hi: u64): void {
  store<u64>(out, lo);
  store<u64>(out, hi, 8);
}

export function add128(out: usize, x: usize, y: usize, n: u32): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16, y += 16) {
    const a = load<u64>(x);
    const lo = a + load<u64>(y);
    put(out, lo, load<u64>(x, 8) + load<u64>(y, 8) + u64(lo < a));
  }
}

export function sub128(out: usize, x: usize, y: usize, n: u32): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16, y += 16) {
    const a = load<u64>(x);
    const b = load<u64>(y);
    put(out, a - b, load<u64>(x, 8) - load<u64>(y, 8) - u64(a < b));
  }
}

export function neg128(out: usize, x: usize, n: u32): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) {
    const a = load<u64>(x);
    put(out, 0 - a, 0 - load<u64>(x, 8) - u64(a != 0));
  }
}

export function mul128(out: usize, x: usize, y: usize, n: u32): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16, y += 16) {
    const a = load<u64>(x);
    const b = load<u64>(y);
    put(out, a * b, mulHigh(a, b) + a * load<u64>(y, 8) + b * load<u64>(x, 8));
  }
}

export function mulAdd128(out: usize, x: usize, y: usize, z: usize, n: u32): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16, y += 16, z += 16) {
    const a = load<u64>(x);
    const b = load<u64>(y);
    const c = load<u64>(z);
    const lo = a * b + c;
    put(out, lo, mulHigh(a, b) + a * load<u64>(y, 8) + b * load<u64>(x, 8) + load<u64>(z, 8) + u64(lo < c));
  }
}

export function fill128(out: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.replace_lane(i64x2.splat(lo), 1, hi);
  for (const e = out + (<usize>n << 4); out < e; out += 16) v128.store(out, v);
}

export function addScalar128(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) {
    const sum = load<u64>(x) + lo;
    put(out, sum, load<u64>(x, 8) + hi + u64(sum < lo));
  }
}

export function mulScalar128(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) {
    const a = load<u64>(x);
    put(out, a * lo, mulHigh(a, lo) + a * hi + lo * load<u64>(x, 8));
  }
}

export function andScalar128(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.replace_lane(i64x2.splat(lo), 1, hi);
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) v128.store(out, v128.and(v128.load(x), v));
}

export function xorScalar128(out: usize, x: usize, n: u32, lo: u64, hi: u64): void {
  const v = i64x2.replace_lane(i64x2.splat(lo), 1, hi);
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) v128.store(out, v128.xor(v128.load(x), v));
}

/** Shifts take bits < 128; the number of bits is public. */
export function shl128(out: usize, x: usize, n: u32, bits: u32): void {
  const s = <u64>(bits & 63);
  const e = out + (<usize>n << 4);
  if (bits < 64) {
    for (; out < e; out += 16, x += 16) {
      const a = load<u64>(x);
      put(out, a << s, (load<u64>(x, 8) << s) | ((a >> 1) >> (63 - s)));
    }
  } else {
    for (; out < e; out += 16, x += 16) put(out, 0, load<u64>(x) << s);
  }
}

export function shr128(out: usize, x: usize, n: u32, bits: u32): void {
  const s = <u64>(bits & 63);
  const e = out + (<usize>n << 4);
  if (bits < 64) {
    for (; out < e; out += 16, x += 16) {
      const b = load<u64>(x, 8);
      put(out, (load<u64>(x) >> s) | ((b << 1) << (63 - s)), b >> s);
    }
  } else {
    for (; out < e; out += 16, x += 16) put(out, load<u64>(x, 8) >> s, 0);
  }
}

export function sar128(out: usize, x: usize, n: u32, bits: u32): void {
  const s = <i64>(bits & 63);
  const e = out + (<usize>n << 4);
  if (bits < 64) {
    for (; out < e; out += 16, x += 16) {
      const b = load<i64>(x, 8);
      put(out, (load<u64>(x) >> <u64>s) | <u64>((b << 1) << (63 - s)), <u64>(b >> s));
    }
  } else {
    for (; out < e; out += 16, x += 16) {
      const b = load<i64>(x, 8);
      put(out, <u64>(b >> s), <u64>(b >> 63));
    }
  }
}

/** 1 where x ≡ c, xor `flip`. */
export function eq128(out: usize, x: usize, n: u32, lo: u64, hi: u64, flip: u32): void {
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) {
    put(out, u64(((load<u64>(x) ^ lo) | (load<u64>(x, 8) ^ hi)) == 0) ^ <u64>flip, 0);
  }
}

/** 1 where x < c as signed integers, or as unsigned ones with `bias` = 2^63; xor `flip`. */
export function lt128(out: usize, x: usize, n: u32, lo: u64, hi: u64, bias: u64, flip: u32): void {
  const c = <i64>(hi ^ bias);
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) {
    const b = <i64>(load<u64>(x, 8) ^ bias);
    put(out, (u64(b < c) | (u64(b == c) & u64(load<u64>(x) < lo))) ^ <u64>flip, 0);
  }
}

export function bit128(out: usize, x: usize, n: u32, index: u32): void {
  x += <usize>(index >> 6) << 3;
  const s = <u64>(index & 63);
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) put(out, (load<u64>(x) >> s) & 1, 0);
}

/** out += x · 2^bits. */
export function shiftAdd128(out: usize, x: usize, n: u32, bits: u32): void {
  const s = <u64>(bits & 63);
  for (const e = out + (<usize>n << 4); out < e; out += 16, x += 16) {
    const a = load<u64>(x);
    const low = bits < 64 ? a << s : 0;
    const high = bits < 64 ? (load<u64>(x, 8) << s) | ((a >> 1) >> (63 - s)) : a << s;
    const lo = load<u64>(out) + low;
    put(out, lo, load<u64>(out, 8) + high + u64(lo < low));
  }
}

export function toBits128(out: usize, x: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i += 8) {
    let byte: u32 = 0;
    for (let j: u32 = 0, e = min<u32>(8, n - i); j < e; j++) {
      byte |= (<u32>load<u8>(x + (<usize>(i + j) << 4)) & 1) << j;
    }
    store<u8>(out + (i >> 3), byte);
  }
}

export function fromBits128(out: usize, bytes: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    put(out + (<usize>i << 4), <u64>((load<u8>(bytes + (i >> 3)) >> (i & 7)) & 1), 0);
  }
}

/**
 * out[i, j] = Σ_l x[i, l, j].
 *
 * A sum is kept as [lo + 2^63, hi] without its carries, which are counted beside it: lo wrapped around if, with that bias,
 * it became less as a signed number. For rows, two sums at once; for columns, up to four rows at once.
 */
export function sumAxis128(out: usize, x: usize, outer: u32, axis: u32, inner: u32): void {
  const row = <usize>inner << 4;
  for (let i: u32 = 0; i < outer; i++, out += row) {
    if (inner == 1) {
      let a = biased();
      let b = biased();
      let carries = i64x2.splat(0);
      let l: u32 = 0;
      for (; l + 2 <= axis; l += 2, x += 32) {
        const nextA = i64x2.add(a, v128.load(x));
        const nextB = i64x2.add(b, v128.load(x, 16));
        carries = i64x2.add(carries, i64x2.add(i64x2.lt_s(nextA, a), i64x2.lt_s(nextB, b)));
        a = nextA;
        b = nextB;
      }
      for (; l < axis; l++, x += 16) {
        const next = i64x2.add(a, v128.load(x));
        carries = i64x2.add(carries, i64x2.lt_s(next, a));
        a = next;
      }
      // Both biases add up to 2^64, which is 0 in lo.
      const lo = i64x2.extract_lane(a, 0) ^ i64.MIN_VALUE;
      const total = lo + (i64x2.extract_lane(b, 0) ^ i64.MIN_VALUE);
      const wrapped = u64(<u64>total < <u64>lo) - i64x2.extract_lane(carries, 0);
      put(out, total, i64x2.extract_lane(a, 1) + i64x2.extract_lane(b, 1) + wrapped);
    } else {
      memory.fill(out, 0, row);
      let l: u32 = 0;
      for (; l + 4 <= axis; l += 4, x += 4 * row) addRows(out, x, row);
      for (; l < axis; l++, x += row) add128(out, out, x, inner);
    }
  }
}

// @ts-ignore: decorator
@inline
function biased(): v128 {
  return i64x2(i64.MIN_VALUE, 0);
}

/** Add four rows of so many bytes to one. */
function addRows(out: usize, x: usize, row: usize): void {
  for (const e = out + row; out < e; out += 16, x += 16) {
    const start = v128.xor(v128.load(out), biased());
    const a = i64x2.add(start, v128.load(x));
    const b = i64x2.add(a, v128.load(x + row));
    const c = i64x2.add(b, v128.load(x + 2 * row));
    const d = i64x2.add(c, v128.load(x + 3 * row));
    const carries = i64x2.add(
      i64x2.add(i64x2.lt_s(a, start), i64x2.lt_s(b, a)),
      i64x2.add(i64x2.lt_s(c, b), i64x2.lt_s(d, c)),
    );
    // The carries out of lo, negative, come under hi.
    const above = v128.shuffle<i64>(i64x2.splat(0), carries, 0, 2);
    v128.store(out, i64x2.sub(v128.xor(d, biased()), above));
  }
}

/** out[i, l, j] = Σ_(h ≤ l) x[i, h, j]. */
export function cumulateAxis128(out: usize, x: usize, outer: u32, axis: u32, inner: u32): void {
  const row = <usize>inner << 4;
  if (axis == 0) return;
  for (let i: u32 = 0; i < outer; i++) {
    memory.copy(out, x, row);
    x += row;
    out += row;
    for (let l: u32 = 1; l < axis; l++, x += row, out += row) add128(out, out - row, x, inner);
  }
}
