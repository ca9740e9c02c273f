// Two-level segregated fit (Masmano et al., 2004): malloc and free in constant time, neighbours merged at once.
//
// A block is a 16-byte header and a payload. The header holds the size with flags, then the address of the previous
// block. Sizes are multiples of 64, so every payload starts a cache line, as the first one does. A free block keeps its
// list neighbours in the payload. The heap ends in a header of size 0 that is never free. All state is in memory from
// BASE on, none in globals, so a second instance can use the same memory.

const BASE: usize = 1024; // the map of first levels, the maps of second levels, the list heads
const SECOND: usize = BASE + 16;
const HEADS: usize = SECOND + 32 * 4;
const END: usize = HEADS + 32 * 16 * 4; // here the address of the closing header
const START: usize = ((END + 16 + 63) & ~63) + 48;

const FREE: u32 = 1;
const HEADER: u32 = 16;

// @ts-ignore: decorator
@inline
function sizeOf(block: usize): u32 {
  return load<u32>(block) & ~FREE;
}

// @ts-ignore: decorator
@inline
function isFree(block: usize): bool {
  return (load<u32>(block) & FREE) != 0;
}

/** Return the list of a size: the power of two below it, and one of 16 steps up to the next power. */
function listOf(size: u32): u32 {
  if (size < 256) return size >> 4;
  const power = 31 - clz(size);
  return ((power - 7) << 4) + ((size >> (power - 4)) & 15);
}

function unlink(block: usize): void {
  const next = load<u32>(block, 16);
  const prev = load<u32>(block, 20);
  if (next) store<u32>(next, prev, 20);
  if (prev) {
    store<u32>(prev, next, 16);
  } else {
    const list = listOf(sizeOf(block));
    store<u32>(HEADS + list * 4, next);
    if (!next) {
      const second = SECOND + (list >> 4) * 4;
      const map = load<u32>(second) & ~(1 << (list & 15));
      store<u32>(second, map);
      if (!map) store<u32>(BASE, load<u32>(BASE) & ~(1 << (list >> 4)));
    }
  }
}

function link(block: usize): void {
  const list = listOf(sizeOf(block));
  const head = load<u32>(HEADS + list * 4);
  store<u32>(block, <u32>head, 16);
  store<u32>(block, 0, 20);
  if (head) store<u32>(head, <u32>block, 20);
  store<u32>(HEADS + list * 4, <u32>block);
  const second = SECOND + (list >> 4) * 4;
  store<u32>(second, load<u32>(second) | (1 << (list & 15)));
  store<u32>(BASE, load<u32>(BASE) | (1 << (list >> 4)));
}

/** Create the heap in the memory up to `end`. Call once, before anything else. */
export function heapInit(end: usize): void {
  store<u32>(START, 0);
  store<u32>(START, 0, 4);
  store<u32>(END, <u32>START);
  heapExtend(end);
}

/** Add newly grown memory, up to `end`, to the heap. */
export function heapExtend(end: usize): void {
  const block = <usize>load<u32>(END);
  const close = ((end - 64) & ~63) + 48;
  store<u32>(block, <u32>(close - block));
  store<u32>(close, 0);
  store<u32>(close, <u32>block, 4);
  store<u32>(END, <u32>close);
  heapFree(block + HEADER);
}

/** How many blocks of a list, some of them too small, to inspect before splitting a block of the next list. */
const LOOK: i32 = 8;

/** Find a block of at least that size; return 0 if there is none. */
function find(size: u32): usize {
  let list = listOf(size);
  if (size >= 256) {
    // Look here for a block of exactly this size, as loops over equal tensors leave behind. Otherwise every block of
    // the next list is large enough.
    let block = <usize>load<u32>(HEADS + list * 4);
    for (let i = 0; i < LOOK && block; i++, block = <usize>load<u32>(block, 16)) {
      if (sizeOf(block) >= size) return block;
    }
    list++;
  }
  let first = list >> 4;
  let map = load<u32>(SECOND + first * 4) & (~0 << (list & 15));
  if (!map) {
    const above = first == 31 ? 0 : load<u32>(BASE) & (~0 << (first + 1));
    if (!above) return 0;
    first = ctz(above);
    map = load<u32>(SECOND + first * 4);
  }
  return <usize>load<u32>(HEADS + ((first << 4) + ctz(map)) * 4);
}

/** Allocate `bytes` at the start of a cache line; return 0 if there is no room. */
export function heapAlloc(bytes: u32): usize {
  const size = (bytes + HEADER + 63) & ~63;
  const block = find(size);
  if (!block) return 0;
  unlink(block);
  const whole = sizeOf(block);
  if (whole > size) {
    const rest = block + size;
    store<u32>(rest, (whole - size) | FREE);
    store<u32>(rest, <u32>block, 4);
    store<u32>(block + whole, <u32>rest, 4);
    store<u32>(block, size);
    link(rest);
  } else {
    store<u32>(block, whole);
  }
  return block + HEADER;
}

export function heapFree(address: usize): void {
  let block = address - HEADER;
  let size = sizeOf(block);
  const after = block + size;
  if (isFree(after)) {
    unlink(after);
    size += sizeOf(after);
  }
  const before = <usize>load<u32>(block, 4);
  if (before && isFree(before)) {
    unlink(before);
    size += sizeOf(before);
    block = before;
  }
  store<u32>(block, size | FREE);
  store<u32>(block + size, <u32>block, 4);
  link(block);
}

/** Size of a block, header included. */
export function heapSize(address: usize): u32 {
  return sizeOf(address - HEADER);
}
