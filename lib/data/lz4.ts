/**
 * LZ4 frames, as Arrow compresses buffers with. Source: the LZ4 frame format 1.6.4 and block format. Checksums are
 * skipped: the lengths that Arrow states are compared instead.
 */

const MAGIC = 0x184d2204;
/** The largest block of a frame. */
const MOST_BLOCK = 4 * 1024 * 1024;

/** @throws {RangeError} the bytes are not an LZ4 frame */
export function decompressLz4(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw damaged();
  const flags = frame[4]!;
  const [blockSums, sized, contentSum, dictionary] = [flags & 16, flags & 8, flags & 4, flags & 1];
  if (flags >> 6 !== 1 || dictionary) throw damaged();
  const out = new Output();
  let at = 6 + (sized ? 8 : 0) + 1;
  for (;;) {
    if (at + 4 > frame.length) throw damaged();
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const length = word & 0x7fff_ffff;
    if (length > MOST_BLOCK || at + length > frame.length) throw damaged();
    const block = frame.subarray(at, at + length);
    if (word >>> 31) out.append(block);
    else decompressBlock(block, out);
    at += length + (blockSums ? 4 : 0);
  }
  if (at + (contentSum ? 4 : 0) > frame.length) throw damaged();
  return out.bytes.subarray(0, out.length);
}

class Output {
  bytes = new Uint8Array(MOST_BLOCK / 16);
  length = 0;

  append(more: Uint8Array): void {
    this.#reserve(more.length);
    this.bytes.set(more, this.length);
    this.length += more.length;
  }

  /** Append bytes from so far back; they may overlap with those appended. */
  repeat(back: number, count: number): void {
    if (back === 0 || back > this.length) throw damaged();
    this.#reserve(count);
    for (let i = 0; i < count; i++) {
      this.bytes[this.length] = this.bytes[this.length - back]!;
      this.length++;
    }
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const longer = new Uint8Array(2 * (this.length + count));
    longer.set(this.bytes.subarray(0, this.length));
    this.bytes = longer;
  }
}

function decompressBlock(block: Uint8Array, out: Output): void {
  const end = out.length + MOST_BLOCK;
  let at = 0;
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15; more; ) {
      if (at >= block.length) throw damaged();
      const byte = block[at++]!;
      length += byte;
      more = byte === 255;
    }
    if (out.length + length > end) throw damaged();
    return length;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = lengthFrom(token >> 4);
    if (at + literals > block.length) throw damaged();
    out.append(block.subarray(at, at + literals));
    at += literals;
    // The last sequence of a block has literals only.
    if (at === block.length) return;
    if (at + 2 > block.length) throw damaged();
    const back = block[at]! | (block[at + 1]! << 8);
    at += 2;
    out.repeat(back, lengthFrom(token & 15) + 4);
  }
}

function damaged(): RangeError {
  return new RangeError("a compressed part of the file is damaged");
}
