/**
 * The arithmetic that operations are made of, with a secret or a public tensor on either side. At least one of the two
 * is secret; both parties know which.
 */
import { addPublic, combine, negate, publicSum } from "../primitives/add";
import { rearrangePublic, transpose as transposeSecret } from "../primitives/layout";
import { timesMatrix, timesPublicMatrix } from "../primitives/matmul";
import { times, timesPublic } from "../primitives/multiply";
import { isSecret, type PublicTensor, type SharedTensor, type Term } from "../primitives/shared-tensor";
import { square } from "../primitives/square";
import { transposeLayout } from "../tensor/views";

export { isSecret, type Term };

/** x + y element by element, with broadcasting. */
export function add(x: Term, y: Term): SharedTensor {
  if (!isSecret(y)) return addPublic(secret(x), y);
  return isSecret(x) ? combine("add", x, y) : addPublic(y, x);
}

/** x − y element by element, with broadcasting. */
export function sub(x: Term, y: Term): SharedTensor {
  if (!isSecret(y)) return addPublic(secret(x), { ...y, vector: y.vector.ring.neg(y.vector) });
  if (isSecret(x)) return combine("sub", x, y);
  // Before the negation takes its number.
  publicSum(y, x);
  return addPublic(negate(y), x);
}

/** x · y element by element, with broadcasting; a square where both are the same handle. */
export function mul(x: Term, y: Term): SharedTensor {
  if (!isSecret(y)) return timesPublic(secret(x), y);
  if (!isSecret(x)) return timesPublic(y, x);
  return x === y ? square(x) : times(x, y);
}

/** The matrix product. */
export function matmul(x: Term, y: Term): SharedTensor {
  if (!isSecret(y)) return timesPublicMatrix(secret(x), y, "right");
  return isSecret(x) ? timesMatrix(x, y) : timesPublicMatrix(y, x, "left");
}

/** The transpose of a matrix, secret if the matrix is. */
export function transpose(x: Term): Term {
  if (isSecret(x)) return transposeSecret(x);
  return rearrangePublic(x, transposeLayout(x.shape));
}

/** @throws {TypeError} it is public */
export function secret(x: Term): SharedTensor {
  if (isSecret(x)) return x;
  throw new TypeError("an operation needs at least one secret operand here");
}

/** @throws {TypeError} it is secret */
export function open(x: Term): PublicTensor {
  if (!isSecret(x)) return x;
  throw new TypeError("an operation needs a public operand here");
}
