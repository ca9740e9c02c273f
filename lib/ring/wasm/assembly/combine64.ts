// The additions of a level of `winograd`, mod 2^64: each set in one pass.

/** S1 to S4 of the quarters at x, each of `bytes`, to four places in a row. */
export function combineLeft64(out: usize, x: usize, bytes: usize): void {
  const x12 = x + bytes;
  const x21 = x12 + bytes;
  const x22 = x21 + bytes;
  const s2 = out + bytes;
  const s3 = s2 + bytes;
  const s4 = s3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const a11 = v128.load(x + i);
    const a21 = v128.load(x21 + i);
    const sum = i64x2.add(a21, v128.load(x22 + i));
    const less = i64x2.sub(sum, a11);
    v128.store(out + i, sum);
    v128.store(s2 + i, less);
    v128.store(s3 + i, i64x2.sub(a11, a21));
    v128.store(s4 + i, i64x2.sub(v128.load(x12 + i), less));
  }
}

/** T1 to T4 likewise. */
export function combineRight64(out: usize, x: usize, bytes: usize): void {
  const x12 = x + bytes;
  const x21 = x12 + bytes;
  const x22 = x21 + bytes;
  const t2 = out + bytes;
  const t3 = t2 + bytes;
  const t4 = t3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const b12 = v128.load(x12 + i);
    const b22 = v128.load(x22 + i);
    const less = i64x2.sub(b12, v128.load(x + i));
    const rest = i64x2.sub(b22, less);
    v128.store(out + i, less);
    v128.store(t2 + i, rest);
    v128.store(t3 + i, i64x2.sub(b22, b12));
    v128.store(t4 + i, i64x2.sub(rest, v128.load(x21 + i)));
  }
}

/** Compute the result's quarters from P1, P6, P7, P5, stored there in that order, and from P2, P3, P4 at p. */
export function combineProducts64(c: usize, p: usize, bytes: usize): void {
  const c12 = c + bytes;
  const c21 = c12 + bytes;
  const c22 = c21 + bytes;
  const p3 = p + bytes;
  const p4 = p3 + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    const p1 = v128.load(c + i);
    const p5 = v128.load(c22 + i);
    const u2 = i64x2.add(p1, v128.load(c12 + i));
    const u3 = i64x2.add(u2, v128.load(c21 + i));
    v128.store(c + i, i64x2.add(p1, v128.load(p + i)));
    v128.store(c12 + i, i64x2.add(i64x2.add(u2, p5), v128.load(p3 + i)));
    v128.store(c21 + i, i64x2.sub(u3, v128.load(p4 + i)));
    v128.store(c22 + i, i64x2.add(u3, p5));
  }
}
