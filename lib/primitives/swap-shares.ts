import { DesyncError } from "../errors";
import { Eventual } from "../eventual";
import { use } from "../protocol/step";
import { release } from "../protocol/steps/release";
import { type RingVector, ring64 } from "../ring";
import type { DistributedInterface } from "../session/distributed-interface";
import { Disagreement } from "../session/lockstep/disagreement";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { sizeOf } from "../tensor/shape";
import { openWords } from "./reveal";
import { requireScale, type SharedTensor, wholeOf } from "./shared-tensor";

/** Says that the sender's tensor holds no values of its own. */
const PLACEHOLDER = 255;
/** Before the words: the scale, and which value they are the share of. */
const PREFIX_BYTES = 5;
/** In place of a value's number: they are the share of none, as far as is known. */
const NO_VALUE = 0xffff_ffff;

/**
 * Gives the other party a tensor and takes one of the same shape from it, as the 2018 demo does. Give it the other
 * party's share of your secret; to receive without giving, pass zeros: `spdz.swapShares(LongTensor.zeros(1, 2), iface)`.
 * To share a secret prefer `iface.input`, and to open one `reveal`: whoever holds a share that passed through it can
 * change the secret by changing the share.
 *
 * @param tensor - what the other party gets; both pass the same shape
 * @param iface - the session
 * @param options.fracBits - fractional bits of what arrives, 0 to 62. Default: those of `tensor`, or, where that is all
 *   zeros and integer, the session's precision
 * @returns what the other party gave, under way; its values are there in the next cell or after
 *   `await iface.settled()`
 * @throws {RangeError} a scale that cannot be
 * @throws {TypeError} where shares have MACs: the tensor was computed from a share of a computed value, so that nothing
 *   would check it
 * @throws {DesyncError} (when settled) the other party sent other fractional bits than are expected here, or the share
 *   of another value
 *
 * Where shares have MACs, swapping the share of a value (`x.data`) is checked like `reveal`: the other party cannot give
 * a share that is not its own. What is computed from it outside the session, such as `x.data.sum()`, is refused: open
 * `x.sum()` instead.
 *
 * What is given leaves in the clear for the other party to read: give one share, never both.
 */
export function swapShares(
  tensor: LongTensor,
  iface: DistributedInterface,
  options: { fracBits?: number } = {},
): LongTensor {
  if (!(tensor instanceof LongTensor))
    throw new TypeError("swapShares takes a LongTensor, as encode and share make it");
  if (options.fracBits !== undefined) requireScale(options.fracBits, "swapShares: what arrives");
  requireScale(tensor.fracBits, "swapShares: a tensor");
  const whole = wholeOf(tensor.origin, iface, "nothing is swapped");
  if (whole && options.fracBits !== undefined && options.fracBits !== whole.fracBits) {
    throw new RangeError(
      `swapShares: what arrives for a share of ${whole.fracBits} fractional bits has as many, not ${options.fracBits}: ` +
        "leave out { fracBits }",
    );
  }
  if (whole) return swapChecked({ ...whole, shape: tensor.shape, requiresGrad: false }, tensor);
  const empty = isZero(tensor);
  if (!empty) refuseNumbersOfShares(tensor, iface);
  const placeholder = empty && tensor.fracBits === 0;
  const expected = options.fracBits ?? (placeholder ? iface.precision : tensor.fracBits);
  const { shape } = tensor;
  const { counting } = iface.executor;
  const value = numberOf(tensor, iface);
  // The scales are not part of the description: a placeholder meets a tensor of any scale.
  const description = { kind: "swapShares", operands: [{ shape, fracBits: 0 }] };
  const received = iface.run({
    description,
    inputs: [tensor.vector],
    uses: { release: use(release, { length: sizeOf(shape) }) },
    opens: sizeOf(shape),
    swaps: true,
    async body({ online }, { release }) {
      const words = ring64.toBytes(tensor.vector.value);
      const message = new Uint8Array(words.length + PREFIX_BYTES);
      message[0] = placeholder ? PLACEHOLDER : tensor.fracBits;
      new DataView(message.buffer).setUint32(1, value, true);
      message.set(words, PREFIX_BYTES);
      await release();
      const answer = await online.exchange(message, "share for the other party");
      const sent = answer[0]!;
      if (sent !== PLACEHOLDER && sent !== expected) {
        return disagree(
          `swapShares [${shape}]: the other party sent ${sent} fractional bits where this party expects ${expected}. ` +
            `Pass { fracBits: ${sent} } as the third argument if that is meant.`,
        );
      }
      const other = new DataView(answer.buffer, answer.byteOffset).getUint32(1, true);
      if (value !== NO_VALUE && other !== NO_VALUE && value !== other) {
        return disagree(
          `swapShares [${shape}]: this party swaps its share of x#${value} where the other party swaps that of ` +
            `x#${other} (values are counted as they are made). Swap the share of one value, on both sides.`,
        );
      }
      return ring64.fromBytes(answer.subarray(PREFIX_BYTES), words.length / 8);
    },
  });
  const origin = counting && { origin: { sources: [counting.source], born: 0 } };
  // In a plan the share of a value there is meets its counterpart, so that both add up to zeros.
  const words = counting && tensor.origin.whole ? withoutOwn(received, tensor) : received;
  return longTensor(words, shape, expected, { isShare: true, ...origin });
}

/** Nothing of the operation is missing, so that only its result fails. */
function disagree(message: string): RingVector {
  return new Disagreement(new DesyncError(message)) as unknown as RingVector;
}

function withoutOwn(opened: Eventual<RingVector>, { vector }: LongTensor): Eventual<RingVector> {
  return Eventual.derive([opened, vector], () => ring64.sub(opened.value, vector.value));
}

/** Where shares have MACs, what the other party gives is checked: both open the value and take their own share off. */
function swapChecked(x: SharedTensor, own: LongTensor): LongTensor {
  const { counting } = x.iface.executor;
  const opened = openWords(x, "swapShares");
  const received = withoutOwn(opened, own);
  const sources = [x.session.sources.opened, ...(counting ? [counting.source] : [])];
  const origin = { counterpart: x, sources, born: 0 };
  return longTensor(received, x.shape, x.fracBits, { isShare: true, origin });
}

/** Which value the words are the share of: without MACs, where nothing else compares it. */
function numberOf({ origin }: LongTensor, { session }: DistributedInterface): number {
  const whole = origin.whole as SharedTensor | undefined;
  return (whole?.generation === session.generation ? whole.value.number : undefined) ?? NO_VALUE;
}

function isZero(tensor: LongTensor): boolean {
  if (!tensor.settled || tensor.vector.failed) return false;
  return ring64.equals(tensor.vector.value, ring64.zeros(sizeOf(tensor.shape)));
}

/**
 * Once words of a share have been read out as plain numbers, any tensor that is made from plain numbers may hold them,
 * whatever computed it: nobody would check them.
 */
function refuseNumbersOfShares({ origin }: LongTensor, { session }: DistributedInterface): void {
  const { readAt } = session.sources.share;
  if (readAt === undefined || origin.born <= readAt) return;
  throw new TypeError(
    "swapShares: this tensor was made from plain numbers after the words of a computed share were read out as numbers " +
      "(toArray, item, decode …), so it may hold them, and nothing would check it. Open computed values with " +
      "`await x.reveal()`; share a secret of your own by `iface.input` or `spdz.share`",
  );
}
