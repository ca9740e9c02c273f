/** Public operands of whole numbers, read as conditions and positions. */
import type { PublicTensor } from "../primitives/shared-tensor";
import { ring64 } from "../ring";
import { type IndexInput, readCondition } from "../tensor/indexed";
import type { PlainMask } from "../tensor/words";

/** The numbers of a public operand without fractional bits, as public positions. */
export function readIndex({ shape, vector }: PublicTensor): IndexInput {
  const elements = ring64.toSignedBigInts(vector);
  return { shape, toTypedArray: () => elements } as unknown as IndexInput;
}

/**
 * Read a public condition as zeros and ones.
 *
 * @throws {RangeError} an element is neither 0 nor 1
 */
export function readMask(operation: string, condition: PublicTensor): PlainMask {
  return readCondition(readIndex(condition), operation);
}
