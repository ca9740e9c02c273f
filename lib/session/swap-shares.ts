import { DesyncError } from "../errors";
import { ring64 } from "../ring";
import { Eventual } from "../tensor/eventual";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { sizeOf } from "../tensor/shape";
import { openWords } from "./arithmetic";
import type { DistributedInterface } from "./distributed-interface";

/** Says that the sender's tensor holds no values of its own. */
const PLACEHOLDER = 255;

/**
 * Gives the other party a tensor and takes one of the same shape from it. Give it the other party's share of your
 * secret; to receive without giving, pass zeros: `spdz.swapShares(LongTensor.zeros(1, 2), iface)`.
 *
 * @param tensor - what the other party gets; both pass the same shape
 * @param iface - the session
 * @param options.fracBits - fractional bits of what comes. Unless given: those of `tensor`, or, where that is all
 *   zeros and integer, the session's precision
 * @returns what the other party gave, under way; its values are there in the next cell or after
 *   `await iface.settled()`
 * @throws {DesyncError} (when settled) the other party sent other fractional bits than are expected here
 *
 * Where shares have MACs, swapping the shares of a computed value (`x.data`) is checked like `reveal`: the other party
 * cannot give a share that is not its own. That goes for `x.data` itself; what is computed from it is swapped as it is,
 * so open computed values by `reveal`.
 *
 * Cost: 1 round, 8 bytes for each element each way; 11 rounds where it is checked. What is given leaves in the clear for the other party to read:
 * give one share, never both.
 */
export function swapShares(
  tensor: LongTensor,
  iface: DistributedInterface,
  options: { fracBits?: number } = {},
): LongTensor {
  if (!(tensor instanceof LongTensor))
    throw new TypeError("swapShares takes a LongTensor, as encode and share make it");
  const placeholder =
    tensor.fracBits === 0 && tensor.settled && tensor.equals(LongTensor.zeros(...tensor.shape));
  const expected = options.fracBits ?? (placeholder ? iface.precision : tensor.fracBits);
  const { shape } = tensor;
  const { session } = iface;
  const share = session.entered.get(tensor.vector);
  if (share && session.scheme.enter) {
    // Where shares have MACs, what the other party gives is checked: both open the secret and take their own share off.
    const { generation } = session;
    const { fracBits } = tensor;
    const held = { iface, session, generation, shape, fracBits, requiresGrad: false, held: { share } };
    const opened = openWords(held, "swapShares");
    const received = Eventual.derive([opened, tensor.vector], () =>
      ring64.sub(opened.value, tensor.vector.value),
    );
    return longTensor(received, shape, fracBits, { isShare: true });
  }
  // The scales are not part of the description: a placeholder meets a tensor of any scale.
  const description = { kind: "swapShares", operands: [{ shape, fracBits: 0 }] };
  const received = iface.run(
    description,
    [tensor.vector],
    async (ctx) => {
      // Where shares have MACs: what it may tell of earlier results is checked first.
      await ctx.scheme.release?.(ctx);
      const { online } = ctx;
      const words = ring64.toBytes(tensor.vector.value);
      const message = new Uint8Array(words.length + 1);
      message[0] = placeholder ? PLACEHOLDER : tensor.fracBits;
      message.set(words, 1);
      const answer = await online.exchange(message, "share for the other party");
      const sent = answer[0]!;
      if (sent !== PLACEHOLDER && sent !== expected) {
        throw new DesyncError(
          `swapShares [${shape}]: the other party sent ${sent} fractional bits where this party expects ${expected}. ` +
            `Pass { fracBits: ${sent} } as the third argument if that is meant.`,
        );
      }
      return ring64.fromBytes(answer.subarray(1), words.length / 8);
    },
    { swaps: sizeOf(shape) },
  );
  return longTensor(received, shape, expected, { isShare: true });
}
