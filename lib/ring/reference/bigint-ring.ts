import type { IntegerOps } from "./integer-ops";
import { ListRing } from "./list-ring";

const ops: IntegerOps<bigint> = {
  fromBigInt: (value) => value,
  toBigInt: (value) => value,
  reduce: (value, bits) => BigInt.asUintN(bits, value),
  sign: (value, bits) => BigInt.asIntN(bits, value),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  and: (a, b) => a & b,
  xor: (a, b) => a ^ b,
  shiftLeft: (a, bits) => a << BigInt(bits),
  shiftRight: (a, bits) => a >> BigInt(bits),
  less: (a, b) => a < b,
  equal: (a, b) => a === b,
};

/** The plain reference: Z_2^k for any k from 1 to 256 on native BigInt. */
export class BigIntRing extends ListRing<bigint> {
  /** @throws {RangeError} k is not an integer from 1 to 256 */
  constructor(bits: number) {
    super("bigint", bits, ops);
  }
}
