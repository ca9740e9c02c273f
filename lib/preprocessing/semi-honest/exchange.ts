import type { OperationLink } from "../../channel/operation-link";
import { correctionBytes, LEAST_TRANSFERS, Scratch, type SenderBlock } from "./correlated-transfers";
import type { SemiHonestOtState } from "./ot-state";
import { MOST_TRANSFERS } from "./streams";

/** Addresses of what the receiver of some transfers has: a bit and a word of each. */
export interface Received {
  readonly bits: number;
  readonly words: number;
}

/** What a run of transfers is used for. Positions count transfers from the first of the run. */
export interface Purpose {
  /** Bytes that the sender adds for `count` transfers, a multiple of 128. */
  messageBytes(count: number): number;
  /**
   * Writes the sender's part for a block.
   *
   * @param message - address of the message of the chunk that begins at `from` and has `count` transfers
   */
  send(block: SenderBlock, from: number, count: number, message: number): void;
  /** Takes the receiver's share of a chunk, once the sender's message is there. */
  receive(received: Received, from: number, count: number, message: number): void;
}

/**
 * Runs `count` correlated transfers each way.
 *
 * They go in chunks. A party's message has its corrections for one chunk, as receiver, and what it adds as sender for
 * the chunk before; the corrections of the next chunk are made while the other party's message is under way. So both
 * parties compute all the time, and a run takes one round for each chunk and one more.
 *
 * @param count - a multiple of 128
 * @throws {TransportError} the other party sent another number of bytes
 */
export async function exchangeTransfers(
  link: OperationLink,
  { kernels, cipher, sender, receiver }: SemiHonestOtState,
  count: number,
  purpose: Purpose,
): Promise<void> {
  if (count % LEAST_TRANSFERS !== 0) throw new RangeError(`${count} is no multiple of ${LEAST_TRANSFERS}`);
  const most = Math.min(count, MOST_TRANSFERS);
  const chunks = Math.ceil(count / MOST_TRANSFERS);
  const sizeOf = (chunk: number) => Math.max(0, Math.min(most, count - chunk * MOST_TRANSFERS));
  const mark = kernels.mark;
  try {
    const scratch = new Scratch(kernels, cipher, most);
    const [own, peers] = [0, 1].map(() => ({
      corrections: kernels.allocate(correctionBytes(most)),
      answer: kernels.allocate(purpose.messageBytes(most)),
    })) as [OutgoingMessage, OutgoingMessage];
    // What a chunk gave its receiver is kept until the answer to it, while the next but one is made.
    const places = [0, 1, 2].map(() => ({
      bits: kernels.allocate(most / 8),
      words: kernels.allocate(most * 8),
    }));
    const placeOf = (chunk: number) => places[chunk % places.length]!;
    const prepare = (chunk: number) =>
      receiver.expand(scratch, sizeOf(chunk), { ...placeOf(chunk), corrections: own.corrections });
    prepare(0);
    for (let chunk = 0; chunk <= chunks; chunk++) {
      const before = chunk - 1;
      const asked = correctionBytes(sizeOf(chunk));
      const answered = chunk === 0 ? 0 : purpose.messageBytes(sizeOf(before));
      const mine = new Uint8Array(asked + answered);
      mine.set(kernels.view(own.corrections, asked));
      mine.set(kernels.view(own.answer, answered), asked);
      link.send(mine);
      if (chunk + 1 < chunks) prepare(chunk + 1);
      const theirs = await link.receive(asked + answered);
      if (chunk < chunks) {
        const [size, from] = [sizeOf(chunk), chunk * MOST_TRANSFERS];
        kernels.write(peers.corrections, theirs.subarray(0, asked));
        sender.expand(scratch, size, peers.corrections, (block) =>
          purpose.send(block, from, size, own.answer),
        );
      }
      if (chunk > 0) {
        kernels.write(peers.answer, theirs.subarray(asked));
        purpose.receive(placeOf(before), before * MOST_TRANSFERS, sizeOf(before), peers.answer);
      }
    }
  } finally {
    kernels.release(mark);
  }
}

/** Addresses of the parts of a message. */
interface OutgoingMessage {
  readonly corrections: number;
  readonly answer: number;
}
