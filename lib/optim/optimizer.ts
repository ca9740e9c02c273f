import { inspect } from "node:util";
import "../autograd/leaf";
import type { StateDict } from "../autograd/saving";
import { SharedVariable } from "../autograd/shared-variable";
import type { Value } from "../ops/signature";
import { noGrad } from "../primitives/no-grad";
import { bracketShape, sameShape } from "../tensor/shape";

/** A secret that an optimiser keeps for each parameter. */
export type ByParameter = WeakMap<SharedVariable, SharedVariable>;

/** Changes secret parameters along their gradients. */
export abstract class Optimizer {
  /** The learning rate. It may be set between steps, the same at both parties. */
  lr: number;
  protected readonly parameters: readonly SharedVariable[];

  /** @throws {TypeError} a parameter is plain, or is not a leaf that requires a gradient */
  constructor(name: string, parameters: Iterable<Value>, lr: number) {
    this.parameters = [...parameters].map((value) => requireLeaf(name, value));
    if (this.parameters.length === 0) throw new TypeError(`${name}: there are no parameters`);
    this.lr = requireNumber(name, "lr", lr, 0, Number.POSITIVE_INFINITY);
  }

  /**
   * Change every parameter that has a gradient, outside the graph; the others stay. No values are revealed. Both parties
   * call it at the same place.
   */
  step(): void {
    noGrad(() => {
      for (const leaf of this.parameters) if (leaf.grad) this.change(leaf, leaf.grad);
    });
  }

  /** Forget the gradients, so that the next `backward` starts from nothing. */
  zeroGrad(): void {
    for (const leaf of this.parameters) leaf.zeroGrad();
  }

  /** What it keeps between steps, by name, to save with `iface.save`. */
  abstract stateDict(): Record<string, Value>;

  /**
   * Continue from what `stateDict` gave for the same parameters, after `iface.load`.
   *
   * @throws {TypeError | RangeError} a value is not a secret, or is of no parameter
   */
  abstract loadStateDict(values: StateDict): this;

  /** Notes about parameters by name and position, such as `velocity.0`. */
  protected kept(notes: Readonly<Record<string, ByParameter>>): Record<string, Value> {
    return Object.fromEntries(
      Object.entries(notes).flatMap(([name, byParameter]) =>
        this.parameters.flatMap((leaf, i) => {
          const value = leaf.iface.executor.notes(byParameter).get(leaf);
          return value ? [[`${name}.${i}`, value]] : [];
        }),
      ),
    );
  }

  /** Take notes back. */
  protected restore(notes: Readonly<Record<string, ByParameter>>, values: StateDict): void {
    for (const [name, value] of Object.entries(values)) {
      const [note, position] = name.split(".") as [string, string?];
      const byParameter = Object.hasOwn(notes, note) ? notes[note] : undefined;
      const leaf = this.parameters[Number(position)];
      if (!byParameter || !leaf)
        throw new RangeError(`loadStateDict: ${name} is not of this optimiser and its parameters`);
      if (!(value instanceof SharedVariable) || value.iface !== leaf.iface)
        throw new TypeError(`loadStateDict: ${name} is not a secret of this session`);
      if (!sameShape(value.shape, leaf.shape))
        throw new RangeError(
          `loadStateDict: ${name} has shape ${bracketShape(value.shape)} and its parameter ${bracketShape(leaf.shape)}`,
        );
      leaf.iface.executor.notes(byParameter).set(leaf, value.detach());
    }
  }

  /** Change one parameter. */
  protected abstract change(leaf: SharedVariable, gradient: SharedVariable): void;
}

/** @throws {RangeError} it is not a number in the range */
export function requireNumber(
  owner: string,
  name: string,
  value: unknown,
  from: number,
  below: number,
): number {
  if (typeof value === "number" && value >= from && value < below) return value;
  const range =
    below === Number.POSITIVE_INFINITY ? `a number from ${from}` : `from ${from} to below ${below}`;
  throw new RangeError(`${owner}: ${name} must be ${range}, got ${inspect(value)}`);
}

function requireLeaf(name: string, value: Value): SharedVariable {
  if (!(value instanceof SharedVariable))
    throw new TypeError(
      `${name}: a parameter is plain; train a shared model: model.lift(iface), or nn.input for one party's`,
    );
  if (value.node || !value.requiresGrad)
    throw new TypeError(
      `${name}: a parameter is not a leaf that requires a gradient: lift or share it with { requiresGrad: true }`,
    );
  return value;
}
