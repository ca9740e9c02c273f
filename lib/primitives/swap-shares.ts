import { DesyncError } from "../errors";
import { Eventual } from "../eventual";
import { use } from "../protocol/step";
import { release } from "../protocol/steps/release";
import { type RingVector, ring64 } from "../ring";
import type { DistributedInterface } from "../session/distributed-interface";
import { Disagreement } from "../session/lockstep/disagreement";
import type { StandIn } from "../session/ranges/stand-in";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { secretValues } from "../tensor/secret";
import { bracketShape, sameShape, sizeOf } from "../tensor/shape";
import { checkOptions } from "../text/options";
import { openWords } from "./reveal";
import { requireScale, type SharedTensor, wholeOf } from "./shared-tensor";

/** Sent instead of a scale: the sender's tensor is a placeholder without values. */
const PLACEHOLDER = 255;
/** Bytes before the words: the scale, and the number of the value that they are a share of. */
const PREFIX_BYTES = 5;
/** Sent instead of a value's number: the words are not known to be a share of one. */
const NO_VALUE = 0xffff_ffff;

/**
 * Send the other party a tensor, and receive one of the same shape, as the 2018 demo does. Send the other party's share of
 * your secret. To receive without sending, pass zeros: `spdz.swapShares(LongTensor.zeros(1, 2), iface)`. Prefer
 * `iface.input` to share a secret, and `reveal` to open one: a party that received a share through `swapShares` can change
 * the secret by changing the share.
 *
 * @param tensor - the tensor to send; both parties pass the same shape
 * @param iface - the session
 * @param options.fracBits - fractional bits of the received tensor, 0 to 62. Default: those of `tensor`, or, if that is
 *   all zeros and integer, the session's precision.
 * @returns the other party's tensor, pending; its values are available in the next cell, or after
 *   `await iface.settled()`
 * @throws {RangeError} a scale is out of range
 * @throws {TypeError} where shares have MACs: the tensor was computed from a share of a computed value, so nothing would
 *   check it
 * @throws {DesyncError} (when settled) the other party sent different fractional bits than expected here, or its share of
 *   a different value
 *
 * Where shares have MACs, swapping the share of a value (`x.data`) is checked like `reveal`: the other party cannot send
 * a share that is not its own. Tensors computed from it outside the session, such as `x.data.sum()`, are refused: open
 * `x.sum()` instead.
 *
 * The other party can read the tensor you send: send one share, never both.
 */
export function swapShares(
  tensor: LongTensor,
  iface: DistributedInterface,
  options: { fracBits?: number } = {},
): LongTensor {
  if (!(tensor instanceof LongTensor))
    throw new TypeError("swapShares needs a LongTensor, as encode and share return it");
  checkOptions("swapShares", options, ["fracBits"]);
  if (options.fracBits !== undefined) requireScale(options.fracBits, "swapShares: { fracBits }");
  requireScale(tensor.fracBits, "swapShares: the tensor");
  const whole = wholeOf(tensor.origin, iface, "swapShares cannot use a tensor");
  if (whole && options.fracBits !== undefined && options.fracBits !== whole.fracBits) {
    throw new RangeError(
      `swapShares: the share has ${whole.fracBits} fractional bits, so the received one has as many, got ` +
        `{ fracBits: ${options.fracBits} }: leave out { fracBits }`,
    );
  }
  if (whole && !iface.standIn)
    return swapChecked({ ...whole, shape: tensor.shape, requiresGrad: false }, tensor);
  const empty = isZero(tensor);
  if (!empty) refuseNumbersOfShares(tensor, iface);
  const placeholder = empty && tensor.fracBits === 0;
  const expected = options.fracBits ?? (placeholder ? iface.precision : tensor.fracBits);
  const { shape } = tensor;
  const { counting } = iface.executor;
  if (iface.standIn) return swapAlone(iface.standIn, tensor, placeholder, expected);
  const value = numberOf(tensor, iface);
  // Leave the scales out of the description: a placeholder may meet a tensor of any scale.
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
          `swapShares [${shape}]: the other party sent ${sent} fractional bits, but this party expects ${expected}. ` +
            `Pass { fracBits: ${sent} } as the third argument if you expect that.`,
        );
      }
      const other = new DataView(answer.buffer, answer.byteOffset).getUint32(1, true);
      if (value !== NO_VALUE && other !== NO_VALUE && value !== other) {
        return disagree(
          `swapShares [${shape}]: this party swaps its share of x#${value}, but the other party swaps its share of ` +
            `x#${other} (values are numbered as they are made). Swap shares of the same value on both sides.`,
        );
      }
      return ring64.fromBytes(answer.subarray(PREFIX_BYTES), words.length / 8);
    },
  });
  const origin = counting && { origin: { sources: [counting.source], born: 0 } };
  // In a plan, the result is the counterpart of an existing value's share, so that both add up to zeros.
  const words = counting && tensor.origin.whole ? withoutOwn(received, tensor) : received;
  return longTensor(words, shape, expected, { isShare: true, ...origin });
}

/** In the clear, receive what the other party would send, which holds zeros of every value that was computed. */
function swapAlone(standIn: StandIn, tensor: LongTensor, placeholder: boolean, expected: number): LongTensor {
  const { shape, origin } = tensor;
  if (!placeholder || origin.whole) {
    if (!origin.whole) standIn.take(tensor);
    return longTensor(ring64.zeros(sizeOf(shape)), shape, expected, { isShare: true });
  }
  const given = secretValues(standIn.next("swapShares"), expected, expected === 0);
  if (!sameShape(given.shape, shape) || given.fracBits !== expected) {
    throw new RangeError(
      `swapShares: the next input has shape ${bracketShape(given.shape)} and ${given.fracBits} fractional bits, and ` +
        `this cell expects ${bracketShape(shape)} and ${expected}`,
    );
  }
  const received = longTensor(given.vector, shape, expected, { isShare: true });
  standIn.mark(received.vector);
  return received;
}

/** The operation has all its messages, so fail only its result. */
function disagree(message: string): RingVector {
  return new Disagreement(new DesyncError(message)) as unknown as RingVector;
}

function withoutOwn(opened: Eventual<RingVector>, { vector }: LongTensor): Eventual<RingVector> {
  return Eventual.derive([opened, vector], () => ring64.sub(opened.value, vector.value));
}

/** Swap with a check, where shares have MACs: both parties open the value and subtract their own share. */
function swapChecked(x: SharedTensor, own: LongTensor): LongTensor {
  const { counting } = x.iface.executor;
  const opened = openWords(x, "swapShares");
  const received = withoutOwn(opened, own);
  const sources = [x.session.sources.opened, ...(counting ? [counting.source] : [])];
  const origin = { counterpart: x, sources, born: 0 };
  return longTensor(received, x.shape, x.fracBits, { isShare: true, origin });
}

/** Return the number of the value that the words are a share of. Without MACs, nothing else compares it. */
function numberOf({ origin }: LongTensor, { session }: DistributedInterface): number {
  const whole = origin.whole as SharedTensor | undefined;
  return (whole?.generation === session.generation ? whole.value.number : undefined) ?? NO_VALUE;
}

function isZero(tensor: LongTensor): boolean {
  if (!tensor.settled || tensor.vector.failed) return false;
  return ring64.equals(tensor.vector.value, ring64.zeros(sizeOf(tensor.shape)));
}

/**
 * Refuse a tensor made from plain numbers after the words of a share were read out as numbers: it may hold them, and
 * nothing would check them.
 */
function refuseNumbersOfShares({ origin }: LongTensor, { session }: DistributedInterface): void {
  const { readAt } = session.sources.share;
  if (readAt === undefined || origin.born <= readAt) return;
  throw new TypeError(
    "swapShares: this tensor was made from plain numbers after the words of a computed share were read out as numbers " +
      "(toArray, item, decode …), so it may hold them, and nothing would check it. Open computed values with " +
      "`await x.reveal()`; share your own secret with `iface.input` or `spdz.share`",
  );
}
