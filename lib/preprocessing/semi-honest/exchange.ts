import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { correctionBytes, LEAST_TRANSFERS, Scratch, type SenderBlock } from "./correlated-transfers";
import type { SemiHonestOtState } from "./ot-state";
import { MOST_TRANSFERS } from "./streams";

/** Addresses of the receiver's results: a bit, a word and a second word of each transfer. */
export interface Received {
  readonly bits: number;
  readonly words: number;
  /** Absent unless the purpose is wide. */
  readonly second: number | undefined;
}

/** The use of a run of transfers. Positions count transfers from the first one of the run. */
export interface Purpose {
  /** Whether it takes two words of each message. Default: false. */
  readonly wide?: boolean;
  /** Bytes that the sender, a party, adds for `count` transfers, a multiple of 128. */
  messageBytes(count: number, sender: Party): number;
  /**
   * Write the sender's part for a block.
   *
   * @param message - address of the message of the chunk that begins at `from` and has `count` transfers
   * @param own - this party's results as receiver of the same chunk
   */
  send(block: SenderBlock, from: number, count: number, message: number, own: Received): void;
  /** Compute the receiver's share of a chunk, when the sender's message has arrived. */
  receive(received: Received, from: number, count: number, message: number): void;
}

/**
 * Run `count` correlated transfers each way.
 *
 * The transfers go in chunks. A party's message has its corrections for one chunk, as receiver, and the sender's message
 * for the previous chunk. The party makes the corrections of the next chunk while the other party's message is in
 * flight. So both parties compute all the time, and a run takes one round for each chunk and one more.
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
  if (count % LEAST_TRANSFERS !== 0)
    throw new RangeError(`the number of transfers must be a multiple of ${LEAST_TRANSFERS}, got ${count}`);
  const most = Math.min(count, MOST_TRANSFERS);
  const chunks = Math.ceil(count / MOST_TRANSFERS);
  const sizeOf = (chunk: number) => Math.max(0, Math.min(most, count - chunk * MOST_TRANSFERS));
  const mark = kernels.mark;
  try {
    const scratch = new Scratch(kernels, cipher, most);
    const { party } = link;
    const other = (1 - party) as Party;
    const [own, peers] = [party, other].map((sender) => ({
      corrections: kernels.allocate(correctionBytes(most)),
      answer: kernels.allocate(purpose.messageBytes(most, sender)),
    })) as [OutgoingMessage, OutgoingMessage];
    // Keep the receiver's results of a chunk until it is answered, while the next but one is made.
    const places = [0, 1, 2].map(() => ({
      bits: kernels.allocate(most / 8),
      words: kernels.allocate(most * 8),
      second: purpose.wide ? kernels.allocate(most * 8) : undefined,
    }));
    const placeOf = (chunk: number) => places[chunk % places.length]!;
    const prepare = (chunk: number) =>
      receiver.expand(scratch, sizeOf(chunk), { ...placeOf(chunk), corrections: own.corrections });
    prepare(0);
    for (let chunk = 0; chunk <= chunks; chunk++) {
      const before = chunk - 1;
      const asked = correctionBytes(sizeOf(chunk));
      const answered = (sender: Party) => (chunk === 0 ? 0 : purpose.messageBytes(sizeOf(before), sender));
      const mine = new Uint8Array(asked + answered(party));
      mine.set(kernels.view(own.corrections, asked));
      mine.set(kernels.view(own.answer, answered(party)), asked);
      link.send(mine);
      if (chunk + 1 < chunks) prepare(chunk + 1);
      const theirs = await link.receive(asked + answered(other));
      if (chunk < chunks) {
        const [size, from] = [sizeOf(chunk), chunk * MOST_TRANSFERS];
        kernels.write(peers.corrections, theirs.subarray(0, asked));
        sender.expand(scratch, size, peers.corrections, (block) =>
          purpose.send(block, from, size, own.answer, placeOf(chunk)),
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
