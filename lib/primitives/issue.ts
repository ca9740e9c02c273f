/**
 * The primitives: operations on shared tensors, each one operation in the lockstep of both parties. Shapes and scales are
 * checked at the call; the result is a handle.
 */
import type { Eventual } from "../eventual";
import type { OperationContext } from "../protocol/context";
import type { Work } from "../protocol/scheme";
import type { DistributedInterface } from "../session/distributed-interface";
import type { Operand } from "../session/lockstep/lockstep";
import type { Shape } from "../tensor/shape";
import { type PublicTensor, requireUsable, type SharedTensor, shareOf } from "./shared-tensor";

/** What an operation is and what it makes, before it runs. */
interface Plan {
  readonly kind: string;
  readonly iface: DistributedInterface;
  readonly operands: readonly SharedTensor[];
  readonly constant?: PublicTensor;
  readonly shape: Shape;
  readonly fracBits: number;
  /** What it takes of correlated randomness. */
  readonly work?: Work | undefined;
}

/** Issues an operation whose body runs once the shares of all its secret operands are there; it gets them in order. */
export function issue(
  plan: Plan,
  body: (ctx: OperationContext, x: unknown, y: unknown) => unknown,
): SharedTensor {
  const { kind, iface, operands, constant, shape, fracBits } = plan;
  const requiresGrad = operands.some((operand) => operand.requiresGrad);
  const description = describe(kind, operands, constant);
  // Before the first operand enters, which is an operation too.
  operands.forEach(requireUsable);
  if (plan.work) iface.session.sharing.refuse(plan.work);
  const shares = operands.map((operand) => shareOf(operand, description));
  const share = iface.run(
    { ...description, result: { shape, fracBits, requiresGrad } },
    shares,
    async (ctx) => body(ctx, shares[0]?.value, shares[1]?.value),
    plan.work,
  );
  return resultOf(iface, share, { shape, fracBits, requiresGrad });
}

/** The value that an operation makes. */
export function resultOf(
  iface: DistributedInterface,
  share: Eventual<unknown>,
  result: { readonly shape: Shape; readonly fracBits: number; readonly requiresGrad: boolean },
): SharedTensor {
  const { session } = iface;
  return {
    iface,
    session,
    generation: session.generation,
    value: session.value(),
    ...result,
    held: { share },
  };
}

/** What both parties must agree the operation is. */
export function describe(kind: string, operands: readonly SharedTensor[], constant?: PublicTensor) {
  const all: readonly Operand[] = constant ? [...operands, constant] : operands;
  return {
    kind,
    operands: all.map(({ shape, fracBits, value, requiresGrad = false }) => ({
      shape,
      fracBits,
      value,
      requiresGrad,
    })),
    ...(constant && { constants: constant.vector.ring.toBytes(constant.vector) }),
  };
}
