import type { RingVector } from "../ring";
import type { Eventual } from "../tensor/eventual";
import { type Shape, sizeOf } from "../tensor/shape";
import type { DistributedInterface } from "./distributed-interface";
import type { Operand } from "./lockstep";

/** A secret that the two parties share: its shape and scale are known, this party's share may be under way. */
export interface SharedTensor extends Operand {
  readonly iface: DistributedInterface;
  /** The session it was shared in; see DistributedInterface.session. */
  readonly session: object;
  readonly shape: Shape;
  readonly fracBits: number;
  /** It takes part in a backward pass; both parties must agree on that too. */
  readonly requiresGrad: boolean;
  readonly share: Eventual<RingVector>;
}

/** A value that both parties know, as integers with a scale. */
export interface PublicTensor {
  readonly shape: Shape;
  readonly fracBits: number;
  readonly vector: RingVector;
}

export function sizeOfTensor({ shape }: { readonly shape: Shape }): number {
  return sizeOf(shape);
}

/**
 * The session that both belong to.
 *
 * @throws {TypeError} they belong to two sessions
 */
export function commonInterface(x: SharedTensor, y: SharedTensor): DistributedInterface {
  if (x.iface !== y.iface) throw new TypeError("the two shared values belong to different interfaces");
  return x.iface;
}

/** The same secret, out of the backward pass. */
export function detach(x: SharedTensor): SharedTensor {
  return { ...x, requiresGrad: false };
}
