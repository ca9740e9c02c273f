// Move elements, for both widths: `log2` is 3 for 8-byte elements and 4 for 16-byte ones.

/** Return the position of the first of n indices outside [0, limit), or n. */
export function findOutside(indices: usize, n: u32, limit: u32): u32 {
  for (let i: u32 = 0; i < n; i++) {
    if (load<u32>(indices + (<usize>i << 2)) >= limit) return i;
  }
  return n;
}

export function gather(out: usize, x: usize, indices: usize, n: u32, log2: usize): void {
  const stop = indices + (<usize>n << 2);
  if (log2 == 3) {
    for (; indices < stop; indices += 4, out += 8) store<u64>(out, load<u64>(x + (<usize>load<u32>(indices) << 3)));
  } else {
    for (; indices < stop; indices += 4, out += 16) v128.store(out, v128.load(x + (<usize>load<u32>(indices) << 4)));
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, x: usize, log2: usize): void {
  if (log2 == 3) {
    store<u64>(at, load<u64>(at) + load<u64>(x));
  } else {
    const lo = load<u64>(at) + load<u64>(x);
    store<u64>(at, load<u64>(at, 8) + load<u64>(x, 8) + u64(lo < load<u64>(x)), 8);
    store<u64>(at, lo);
  }
}

export function scatterAdd(out: usize, x: usize, indices: usize, n: u32, log2: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    addTo(out + (<usize>load<u32>(indices + (i << 2)) << log2), x + (i << log2), log2);
  }
}

// A walk is an odometer over `rank` outer axes. At `axes` are their extents, then their strides in bytes, then room for
// the counters, each an i32. The last axis is passed separately.

function advance(at: usize, axes: usize, rank: usize): usize {
  for (let a = rank; a > 0; a--) {
    const counter = axes + ((rank + rank + a - 1) << 2);
    const extent = load<i32>(axes + ((a - 1) << 2));
    const stride = load<i32>(axes + ((rank + a - 1) << 2));
    const next = load<i32>(counter) + 1;
    if (next < extent) {
      store<i32>(counter, next);
      return at + stride;
    }
    store<i32>(counter, 0);
    at -= stride * (extent - 1);
  }
  return at;
}

/** out[...] = x[strided], `rows` times `inner` elements; x points to the first. */
export function strided(
  out: usize, x: usize, axes: usize, rank: usize, rows: u32, inner: u32, stride: i32, log2: usize,
): void {
  const bytes = <usize>inner << log2;
  const step = <usize>stride;
  memory.fill(axes + (rank << 3), 0, rank << 2);
  for (let row: u32 = 0; row < rows; row++) {
    const stop = out + bytes;
    if (<usize>stride == <usize>1 << log2 && bytes >= 256) {
      memory.copy(out, x, bytes);
      out = stop;
    } else if (stride == 0 && log2 == 3) {
      const value = load<u64>(x);
      for (; out < stop; out += 8) store<u64>(out, value);
    } else if (log2 == 3) {
      for (let from = x; out < stop; out += 8, from += step) store<u64>(out, load<u64>(from));
    } else {
      for (let from = x; out < stop; out += 16, from += step) v128.store(out, v128.load(from));
    }
    x = advance(x, axes, rank);
  }
}

/** out[strided] = x[...], where no place is visited twice; out points to the first. */
export function stridedStore(
  out: usize, x: usize, axes: usize, rank: usize, rows: u32, inner: u32, stride: i32, log2: usize,
): void {
  const bytes = <usize>inner << log2;
  const step = <usize>stride;
  memory.fill(axes + (rank << 3), 0, rank << 2);
  for (let row: u32 = 0; row < rows; row++) {
    const stop = x + bytes;
    if (<usize>stride == <usize>1 << log2 && bytes >= 256) {
      memory.copy(out, x, bytes);
      x = stop;
    } else if (log2 == 3) {
      for (let to = out; x < stop; x += 8, to += step) store<u64>(to, load<u64>(x));
    } else {
      for (let to = out; x < stop; x += 16, to += step) v128.store(to, v128.load(x));
    }
    out = advance(out, axes, rank);
  }
}

/** out[strided] += x[...]; out points to the first. */
export function stridedAdd(
  out: usize, x: usize, axes: usize, rank: usize, rows: u32, inner: u32, stride: i32, log2: usize,
): void {
  const bytes = <usize>inner << log2;
  const size = <usize>1 << log2;
  memory.fill(axes + (rank << 3), 0, rank << 2);
  for (let row: u32 = 0; row < rows; row++) {
    let at = out;
    for (const stop = x + bytes; x < stop; x += size, at += stride) addTo(at, x, log2);
    out = advance(out, axes, rank);
  }
}
