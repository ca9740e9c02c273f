// The steps of a triple after its products. Elements are stored as 24 bytes, low word first, and are valid mod 2^168: the upper
// bits are noise, which is dropped wherever elements travel or are compared. Selections by secret bits are masks.
import { fetch, minus, PACKED, plus, put, scale, set, t0, t1, t2, times, TOP } from "./element192";

/** to += x. */
export function add192(to: usize, x: usize, count: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(x + i);
    plus(load<u64>(to + i), load<u64>(to + i, 8), load<u64>(to + i, 16));
    put(to + i);
  }
}

/** Elements as 21 bytes each; three more bytes behind them are written. */
export function pack(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    fetch(x + i * 24);
    put(to + i * PACKED);
  }
}

/** to += packed elements; three more bytes behind them are read. */
export function addPacked(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    set(load<u64>(x + i * PACKED), load<u64>(x + i * PACKED, 8), load<u64>(x + i * PACKED, 16) & TOP);
    const at = to + i * 24;
    plus(load<u64>(at), load<u64>(at, 8), load<u64>(at, 16));
    put(at);
  }
}

/** mac = alpha·x − v: the share of the party that knows x. */
export function macOfOwn192(x: usize, v: usize, alpha: u64, count: usize, mac: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(x + i);
    scale(alpha);
    minus(load<u64>(v + i), load<u64>(v + i, 8), load<u64>(v + i, 16));
    put(mac + i);
  }
}

/** rho = t·x − y for each of `count` elements. */
export function sacrificeRho(x: usize, y: usize, t: u64, count: usize, rho: usize): void {
  for (let i: usize = 0; i < count * 24; i += 24) {
    fetch(x + i);
    scale(t);
    minus(load<u64>(y + i), load<u64>(y + i, 8), load<u64>(y + i, 16));
    put(rho + i);
  }
}

/**
 * Adds to `sum` this party's share of Σ chi·(mac(t·a − a') − alpha·rho) + Σ psi·mac(t·c − c' − rho·b), where `rho`
 * was opened and the macs are given; chi and psi are words that alternate in `weights`.
 */
export function sacrificeCheck(
  ma: usize, ma2: usize, mb: usize, mc: usize, mc2: usize, rho: usize, t: u64, alpha: u64, weights: usize,
  count: usize, sum: usize,
): void {
  for (let i: usize = 0; i < count; i++) {
    const at = i * 24;
    const r0 = load<u64>(rho + at);
    const r1 = load<u64>(rho + at, 8);
    const r2 = load<u64>(rho + at, 16);
    set(r0, r1, r2);
    scale(alpha);
    plus(load<u64>(ma2 + at), load<u64>(ma2 + at, 8), load<u64>(ma2 + at, 16));
    const n0 = t0, n1 = t1, n2 = t2;
    fetch(ma + at);
    scale(t);
    minus(n0, n1, n2);
    scale(load<u64>(weights + i * 16));
    plus(load<u64>(sum), load<u64>(sum, 8), load<u64>(sum, 16));
    put(sum);
    fetch(mb + at);
    times(r0, r1, r2);
    plus(load<u64>(mc2 + at), load<u64>(mc2 + at, 8), load<u64>(mc2 + at, 16));
    const w0 = t0, w1 = t1, w2 = t2;
    fetch(mc + at);
    scale(t);
    minus(w0, w1, w2);
    scale(load<u64>(weights + i * 16, 8));
    plus(load<u64>(sum), load<u64>(sum, 8), load<u64>(sum, 16));
    put(sum);
  }
}

/** The low 40 bits of each element, as a word each. */
export function lowBits(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) store<u64>(to + i * 8, load<u64>(x + i * 24) & TOP);
}

/**
 * to = (x − noise·y) / 2^40 mod 2^128, where the parties' x − noise·y add up to a multiple of 2^40: one rounds down,
 * the other up. The elements y are `stride` bytes apart, 0 for one that serves all.
 */
export function divide(x: usize, y: usize, stride: usize, noise: usize, up: u64, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    fetch(y + i * stride);
    scale(load<u64>(noise + i * 8));
    const n0 = t0, n1 = t1, n2 = t2;
    fetch(x + i * 24);
    minus(n0, n1, n2);
    const rest = u64((t0 & TOP) != 0) & up;
    const low = (t0 >> 40) | (t1 << 24);
    const high = (t1 >> 40) | (t2 << 24);
    store<u64>(to + i * 16, low + rest);
    store<u64>(to + i * 16, high + u64(low + rest < rest), 8);
  }
}

/** Elements mod 2^128 of elements mod 2^168. */
export function narrow(x: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<u64>(to + i * 16, load<u64>(x + i * 24));
    store<u64>(to + i * 16, load<u64>(x + i * 24, 8), 8);
  }
}
