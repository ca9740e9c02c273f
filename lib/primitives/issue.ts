/**
 * The primitives: operations on shared tensors, each one operation in the lockstep of both parties. They check shapes and
 * scales at the call, and return a handle.
 */
import type { Eventual } from "../eventual";
import type { Share } from "../protocol/scheme";
import { type Calls, checkUses, type Uses } from "../protocol/step";
import type { DistributedInterface } from "../session/distributed-interface";
import type { OperationContext } from "../session/executor/executor";
import type { Operand, OperationDescription } from "../session/lockstep/lockstep";
import type { Shape } from "../tensor/shape";
import { gradEnabled } from "./no-grad";
import { type PublicTensor, requireUsable, type SharedTensor, shareOf } from "./shared-tensor";

/** A text, and bytes that are compared by their hash. */
export type PublicChoice = Pick<OperationDescription, "options" | "constants">;

/** An operation and its result's properties, before it runs. */
interface Primitive<U extends Uses> {
  readonly kind: string;
  readonly iface: DistributedInterface;
  readonly operands: readonly SharedTensor[];
  readonly constant?: PublicTensor;
  /** Public arguments that shapes do not show, on which both parties must agree. */
  readonly choice?: PublicChoice | undefined;
  readonly shape: Shape;
  readonly fracBits: number;
  /** Default: whether an operand requires one. */
  readonly requiresGrad?: boolean;
  /** The protocols that it uses. Default: none. */
  readonly uses?: U;
}

/**
 * Issue an operation.
 *
 * @param body - called once the shares of all secret operands are available, with the shares in order
 */
export function issue<U extends Uses = Record<never, never>>(
  { kind, iface, operands, constant, choice, shape, fracBits, requiresGrad: wanted, uses }: Primitive<U>,
  body: (ctx: OperationContext, shares: readonly Share[], steps: Calls<U>) => Share | Promise<Share>,
): SharedTensor {
  const requiresGrad = wanted ?? (gradEnabled() && operands.some((operand) => operand.requiresGrad));
  const description = { ...describe(kind, operands, constant), ...choice };
  // Check before the first operand enters the scheme, which is an operation too.
  operands.forEach(requireUsable);
  const { scheme, setting } = iface.session.sharing;
  if (uses) checkUses(scheme.name, uses, setting.can);
  const inputs = operands.map((operand) => shareOf(operand, description));
  const share = iface.run({
    description: { ...description, result: { shape, fracBits, requiresGrad } },
    inputs,
    uses,
    body: (ctx, steps, shares) => body(ctx, shares as Share[], steps),
  });
  return resultOf(iface, share, { shape, fracBits, requiresGrad });
}

/** Make the handle of an operation's result. */
export function resultOf(
  iface: DistributedInterface,
  share: Eventual<Share>,
  result: { readonly shape: Shape; readonly fracBits: number; readonly requiresGrad: boolean },
): SharedTensor {
  const { session } = iface;
  return {
    iface,
    session,
    generation: session.generation,
    value: iface.executor.value(),
    ...result,
    held: { share },
  };
}

/** Describe an operation, on which both parties must agree. */
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
