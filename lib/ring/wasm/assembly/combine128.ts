// The additions of a level of `winograd`, mod 2^128: each set in one pass.

// @ts-ignore: decorator
@inline
function put(out: usize, lo: u64, hi: u64): void {
  store<u64>(out, lo);
  store<u64>(out, hi, 8);
}

/** S1 to S4 of the quarters at x, each of `bytes`, to four places in a row. */
export function combineLeft128(out: usize, x: usize, bytes: usize): void {
  const x12 = x + bytes;
  const x21 = x12 + bytes;
  const x22 = x21 + bytes;
  const s2 = out + bytes;
  const s3 = s2 + bytes;
  const s4 = s3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const a11 = load<u64>(x + i);
    const a11h = load<u64>(x + i, 8);
    const a21 = load<u64>(x21 + i);
    const a21h = load<u64>(x21 + i, 8);
    const sum = a21 + load<u64>(x22 + i);
    const sumh = a21h + load<u64>(x22 + i, 8) + u64(sum < a21);
    const less = sum - a11;
    const lessh = sumh - a11h - u64(sum < a11);
    const a12 = load<u64>(x12 + i);
    put(out + i, sum, sumh);
    put(s2 + i, less, lessh);
    put(s3 + i, a11 - a21, a11h - a21h - u64(a11 < a21));
    put(s4 + i, a12 - less, load<u64>(x12 + i, 8) - lessh - u64(a12 < less));
  }
}

/** T1 to T4 likewise. */
export function combineRight128(out: usize, x: usize, bytes: usize): void {
  const x12 = x + bytes;
  const x21 = x12 + bytes;
  const x22 = x21 + bytes;
  const t2 = out + bytes;
  const t3 = t2 + bytes;
  const t4 = t3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const b11 = load<u64>(x + i);
    const b12 = load<u64>(x12 + i);
    const b12h = load<u64>(x12 + i, 8);
    const b22 = load<u64>(x22 + i);
    const b22h = load<u64>(x22 + i, 8);
    const b21 = load<u64>(x21 + i);
    const less = b12 - b11;
    const lessh = b12h - load<u64>(x + i, 8) - u64(b12 < b11);
    const rest = b22 - less;
    const resth = b22h - lessh - u64(b22 < less);
    put(out + i, less, lessh);
    put(t2 + i, rest, resth);
    put(t3 + i, b22 - b12, b22h - b12h - u64(b22 < b12));
    put(t4 + i, rest - b21, resth - load<u64>(x21 + i, 8) - u64(rest < b21));
  }
}

/** Compute the result's quarters from P1, P6, P7, P5, stored there in that order, and from P2, P3, P4 at p. */
export function combineProducts128(c: usize, p: usize, bytes: usize): void {
  const c12 = c + bytes;
  const c21 = c12 + bytes;
  const c22 = c21 + bytes;
  const p3 = p + bytes;
  const p4 = p3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const p1 = load<u64>(c + i);
    const p1h = load<u64>(c + i, 8);
    const p5 = load<u64>(c22 + i);
    const p5h = load<u64>(c22 + i, 8);
    const u2 = p1 + load<u64>(c12 + i);
    const u2h = p1h + load<u64>(c12 + i, 8) + u64(u2 < p1);
    const u3 = u2 + load<u64>(c21 + i);
    const u3h = u2h + load<u64>(c21 + i, 8) + u64(u3 < u2);
    const c11 = p1 + load<u64>(p + i);
    put(c + i, c11, p1h + load<u64>(p + i, 8) + u64(c11 < p1));
    const u4 = u2 + p5;
    const u4h = u2h + p5h + u64(u4 < p5);
    const u5 = u4 + load<u64>(p3 + i);
    put(c12 + i, u5, u4h + load<u64>(p3 + i, 8) + u64(u5 < u4));
    const minus = load<u64>(p4 + i);
    put(c21 + i, u3 - minus, u3h - load<u64>(p4 + i, 8) - u64(u3 < minus));
    const u7 = u3 + p5;
    put(c22 + i, u7, u3h + p5h + u64(u7 < p5));
  }
}
