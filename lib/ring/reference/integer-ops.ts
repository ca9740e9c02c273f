/** Integer arithmetic by some library. Results may be unreduced. */
export interface IntegerOps<E> {
  fromBigInt(value: bigint): E;
  toBigInt(value: E): bigint;
  /** The representative in [0, 2^bits). */
  reduce(value: E, bits: number): E;
  /** The representative in [−2^(bits−1), 2^(bits−1)). */
  sign(value: E, bits: number): E;
  add(a: E, b: E): E;
  sub(a: E, b: E): E;
  mul(a: E, b: E): E;
  and(a: E, b: E): E;
  xor(a: E, b: E): E;
  shiftLeft(a: E, bits: number): E;
  /** Round down, for negative numbers too. */
  shiftRight(a: E, bits: number): E;
  less(a: E, b: E): boolean;
  equal(a: E, b: E): boolean;
}
