import JSBI from "jsbi";
import { toBigInt, toJSBI } from "../integer";
import type { IntegerOps } from "./integer-ops";
import { ListRing } from "./list-ring";

const ops: IntegerOps<JSBI> = {
  fromBigInt: toJSBI,
  toBigInt,
  reduce: (value, bits) => JSBI.asUintN(bits, value),
  sign: (value, bits) => JSBI.asIntN(bits, value),
  add: JSBI.add,
  sub: JSBI.subtract,
  mul: JSBI.multiply,
  and: JSBI.bitwiseAnd,
  xor: JSBI.bitwiseXor,
  shiftLeft: (a, bits) => JSBI.leftShift(a, JSBI.BigInt(bits)),
  shiftRight: (a, bits) => JSBI.signedRightShift(a, JSBI.BigInt(bits)),
  less: JSBI.lessThan,
  equal: JSBI.equal,
};

/** Z_2^k for any k from 1 to 256 on JSBI: a test oracle that shares no arithmetic with the other two rings. */
export class JsbiRing extends ListRing<JSBI> {
  /** @throws {RangeError} k is not an integer from 1 to 256 */
  constructor(bits: number) {
    super("jsbi", bits, ops);
  }
}
