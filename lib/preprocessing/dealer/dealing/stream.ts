import { createCipheriv } from "node:crypto";
import { hashLabelled } from "../../../crypto/hash";
import { SEED_BYTES } from "../../../crypto/prg";
import type { ByteSource } from "../../../ring";

/** Bytes of one block of the cipher. */
const BLOCK = 16;
/** Zeros for AES-CTR to encrypt, at most so many at once. */
const zeros = new Uint8Array(2 ** 20);
const PIECE = 2 ** 16;

/** A stream of pseudo-random bytes that can be read from any place in it. */
export interface SeekableStream {
  /** Bytes of the stream from `offset` on, through a source that continues there. */
  from(offset: number): ByteSource;
}

/** Open the stream of a seed under a name. Streams of different names are independent. */
export function openStream(seed: Uint8Array, name: string): SeekableStream {
  const key = keyOf("dealing", seed, name);
  let at = -1;
  let cipher = createCipheriv("aes-128-ctr", key, new Uint8Array(BLOCK));
  const next = (size: number) => {
    at += size;
    return cipher.update(zeros.subarray(0, size));
  };
  const source: ByteSource = {
    fill(target) {
      for (let done = 0; done < target.length; done += PIECE)
        target.set(next(Math.min(PIECE, target.length - done)), done);
    },
    draw(length) {
      if (length <= zeros.length) {
        const { buffer, byteOffset } = next(length);
        return new Uint8Array(buffer, byteOffset, length);
      }
      const target = new Uint8Array(length);
      source.fill(target);
      return target;
    },
  };
  return {
    from(offset) {
      if (offset === at) return source;
      const counter = Buffer.alloc(BLOCK);
      counter.writeBigUInt64BE(BigInt(Math.floor(offset / BLOCK)), 8);
      cipher = createCipheriv("aes-128-ctr", key, counter);
      at = offset - (offset % BLOCK);
      if (offset > at) next(offset - at);
      return source;
    },
  };
}

/** Read the stream of a seed under a name from its beginning. */
export function createStream(seed: Uint8Array, name: string): ByteSource {
  return openStream(seed, name).from(0);
}

/**
 * Cover bytes, or uncover them, with the next bytes of a stream of a seed under a name. Use it for one text only: a
 * second one under the same seed and name would reveal the difference of the two.
 */
export function createCover(seed: Uint8Array, name: string): (bytes: Uint8Array) => Uint8Array {
  const cipher = createCipheriv("aes-128-ctr", keyOf("dealing/cover", seed, name), new Uint8Array(BLOCK));
  return (bytes) => {
    const { buffer, byteOffset, length } = cipher.update(bytes);
    return new Uint8Array(buffer, byteOffset, length);
  };
}

function keyOf(label: string, seed: Uint8Array, name: string): Uint8Array {
  return hashLabelled(label, seed, new TextEncoder().encode(name)).subarray(0, SEED_BYTES);
}
