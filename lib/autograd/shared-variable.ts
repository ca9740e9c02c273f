import { inspect } from "node:util";
import type { Party } from "../channel/channel";
import { combine } from "../primitives/add";
import { reveal, revealTo } from "../primitives/reveal";
import { toScale } from "../primitives/scale";
import { dataOf, detach, type SharedTensor, wrap } from "../primitives/shared-tensor";
import { ring64 } from "../ring";
import { DistributedInterface } from "../session/distributed-interface";
import type { FloatTensor } from "../tensor/float-tensor";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { bracketShape, resolveAxis, type Shape, sameShape, sizeOf } from "../tensor/shape";
import { factsHtml } from "../text/html";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { backpropagate, type Differentiable, type GradNode } from "./backward";
import { Variable } from "./variable";

/** The gradients that `backward` computed, by variable; a plan keeps its own apart. */
export const gradients = new WeakMap<SharedVariable, SharedVariable | undefined>();

/** The secrets that leaves were assigned; a plan keeps its own apart. */
const assigned = new WeakMap<SharedVariable, SharedTensor>();

/** Leaves that were assigned at least once. */
const replaced = new WeakSet<SharedVariable>();

/** Give a leaf another secret. */
export function replaceTensor(leaf: SharedVariable, tensor: SharedTensor): void {
  replaced.add(leaf);
  leaf.iface.executor.notes(assigned).set(leaf, tensor);
}

/**
 * A secret that the two parties share; compute on it as on an ordinary tensor. Each party holds one share, which looks
 * random. Operations return a handle at once, with a known shape; its values are ready when the cell ends, or after
 * `await iface.settled()`. Both notebooks must run the same operations in the same order.
 *
 * @example
 * const output = data.matmul(weights);
 * output.backward(new LongTensor([[1]]));
 * await output.reveal(); // FloatTensor, the same on both sides
 */
export class SharedVariable implements Differentiable {
  /** The session it belongs to. */
  readonly iface: DistributedInterface;
  readonly #tensor: SharedTensor;
  /** The operation that computed it; undefined for a leaf. @internal */
  readonly node: GradNode | undefined;
  /** Its position among the results of that operation. @internal */
  readonly output: number;

  /**
   * Make a shared value from this party's share. Both parties must do so at the same place, because they number values
   * alike: each `new SharedVariable` is a separate value.
   *
   * To share a secret of one party, prefer `await iface.input(owner, values)`: a share that passes through the other
   * party can be changed by it, and so can the secret.
   *
   * @param variable - this party's share, in a Variable that says whether it requires a gradient; the other party
   *   wraps its share of the same secret
   * @param iface - the session
   * @throws {RangeError} the share has more than 62 fractional bits
   * @throws {TypeError} a gradient is required of integers; or, where shares have MACs, the share was computed from `data` of another SharedVariable
   */
  constructor(variable: Variable | LongTensor, iface: DistributedInterface);
  /** @internal */
  constructor(tensor: SharedTensor, node?: GradNode, output?: number);
  constructor(
    source: Variable | LongTensor | SharedTensor,
    context?: DistributedInterface | GradNode,
    output = 0,
  ) {
    this.output = output;
    if (source instanceof Variable || source instanceof LongTensor) {
      if (!(context instanceof DistributedInterface)) {
        throw new TypeError("a SharedVariable needs the interface: new SharedVariable(variable, iface)");
      }
      const { data, requiresGrad } = source instanceof Variable ? source : new Variable(source);
      if (requiresGrad) refuseInteger(data);
      this.iface = context;
      this.#tensor = wrap(context, data, requiresGrad);
      return;
    }
    if (typeof source !== "object" || source === null || !("held" in source)) {
      throw new TypeError("a SharedVariable is made from a Variable or a LongTensor, this party's share");
    }
    this.iface = source.iface;
    this.#tensor = source;
    if (source.requiresGrad) this.node = context as GradNode | undefined;
  }

  /** The secret itself, for the library's own operations. @internal */
  get tensor(): SharedTensor {
    const tensor = replaced.has(this) ? this.iface.executor.notes(assigned).get(this) : undefined;
    return tensor ?? this.#tensor;
  }

  /** The size of each axis. */
  get shape(): Shape {
    return this.tensor.shape;
  }

  /** The number of fractional bits: an element is the shared integer divided by 2^fracBits. */
  get fracBits(): number {
    return this.tensor.fracBits;
  }

  /** Whether `backward` computes a gradient for it. */
  get requiresGrad(): boolean {
    return this.tensor.requiresGrad;
  }

  /**
   * This party's share. Its values can be read once it is settled: in the next cell, or after `await iface.settled()`.
   *
   * Where shares have MACs, `swapShares` checks it before opening it, and refuses anything computed from it outside the
   * session, because nothing would check that.
   */
  get data(): LongTensor {
    return dataOf(this.tensor);
  }

  /** This party's share in a Variable, as in the 2018 demo. */
  get var(): Variable {
    return new Variable(this.data, { requiresGrad: this.requiresGrad });
  }

  /** The gradient that `backward` computed; undefined before that, and where none is required. */
  get grad(): SharedVariable | undefined {
    return this.iface.executor.notes(gradients).get(this);
  }

  /**
   * The sizes of all axes, or of one; a negative axis counts from the last.
   *
   * @throws {RangeError} the axis does not exist
   */
  size(): number[];
  size(axis: number): number;
  size(axis?: number): number | number[] {
    return axis === undefined ? [...this.shape] : this.shape[resolveAxis("size", axis, this.shape)]!;
  }

  /**
   * Compute the gradients of every value that this one was computed from and that requires one. Read them with `grad`;
   * they add up over several calls, as in PyTorch.
   *
   * @param upstream - this party's share of the gradient of this value. The two shares are added: when both parties pass
   *   ones, as the demo does, the upstream gradient is two. Default: one, for a single number
   * @throws {RangeError} `upstream` has another shape, or is missing and this is not a single number
   * @throws {TypeError} this value was not computed from one that requires a gradient
   */
  backward(upstream?: LongTensor): void {
    if (!this.requiresGrad)
      throw new TypeError("nothing here requires a gradient: pass { requiresGrad: true } to Variable");
    if (upstream !== undefined && !(upstream instanceof LongTensor)) {
      throw new TypeError("backward takes a LongTensor, this party's share of the upstream gradient");
    }
    if (upstream !== undefined && !sameShape(upstream.shape, this.shape)) {
      throw new RangeError(
        `the upstream gradient has shape ${bracketShape(upstream.shape)}, the value ${bracketShape(this.shape)}`,
      );
    }
    if (upstream === undefined && this.shape.some((extent) => extent !== 1)) {
      throw new RangeError(
        `a value of shape ${bracketShape(this.shape)} needs an upstream gradient of that shape`,
      );
    }
    backpropagate(this, wrap(this.iface, upstream ?? onesAtPartyZero(this.iface, this.shape)));
  }

  /** @internal */
  accumulate(gradient: SharedTensor): void {
    const { grad, fracBits } = this;
    const scaled = toScale(gradient, fracBits);
    const sum = grad ? combine("add", grad.tensor, scaled) : scaled;
    this.iface.executor.notes(gradients).set(this, new SharedVariable(sum));
  }

  /** Return the same secret outside the graph: no gradient flows through it. */
  detach(): SharedVariable {
    return new SharedVariable(detach(this.tensor));
  }

  /**
   * Reveal the secret to both parties, which must both call it. Where shares have MACs, everything that it depends on is
   * checked before anything is opened. To reveal it to one party only, write `x.reveal({ to: 0 })`.
   *
   * @returns the plain values
   * @throws {RangeError} a value overflowed the range of the precision
   * @throws {DesyncError} the other party runs another operation
   *
   * @example
   * await x.reveal()
   */
  reveal(): Promise<FloatTensor>;
  /**
   * Reveal the secret to one party only; both must make the same call. Where shares have MACs, everything that it
   * depends on is checked before anything is opened.
   *
   * @param options.to - the only party that learns the values, 0 or 1
   * @returns the plain values; `undefined` at the other party
   * @throws {RangeError} a value overflowed the range of the precision, or `to` is not 0 or 1
   * @throws {DesyncError} the other party runs another operation
   *
   * @example
   * await x.reveal({ to: 0 }) // undefined at party 1
   */
  reveal(options: { readonly to: Party }): Promise<FloatTensor | undefined>;
  /** Reveal the secret to both parties or to one, whichever the options say. */
  reveal(options?: { readonly to?: Party | undefined }): Promise<FloatTensor | undefined>;
  reveal(options: { readonly to?: Party | undefined } = {}): Promise<FloatTensor | undefined> {
    const to = revealsTo(options);
    return to === undefined ? reveal(this.tensor) : revealTo(this.tensor, to);
  }

  /** Shape and party only. To see the share, read `data`. */
  toString(): string {
    return `SharedVariable(${this.shape.join("×") || "scalar"}, party ${this.iface.party})`;
  }

  /**
   * Refuse JavaScript's operators: `x + 1` and `x > 1` throw, because a secret is not a number.
   *
   * @throws {TypeError} always, except in a template or `String(x)`
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError(
      "the value of a SharedVariable is secret, so JavaScript's operators cannot use it: compute with add, mul, " +
        "matmul … or math.evaluate, or reveal it with `await x.reveal()`",
    );
  }

  toJSON(): unknown {
    const { shape, fracBits, iface } = this;
    return { type: "SharedVariable", shape, fracBits, party: iface.party };
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): MimeBundle {
    const { iface, shape, fracBits, requiresGrad } = this;
    const facts: [string, string][] = [
      ["shape", shape.length > 0 ? shape.join(" × ") : "one number"],
      ["scale", fracBits > 0 ? `${fracBits} fractional bits` : "integers"],
      ["gradient", requiresGrad ? "wanted" : "not wanted"],
      ["session", `party ${iface.party} of 2`],
      ["visibility", "secret: each party holds one share; reveal() opens it to both"],
    ];
    const lines = facts.map(([name, value]) => `  ${name.padEnd(11)}${value}`);
    return {
      "text/plain": ["SharedVariable", ...lines].join("\n"),
      "text/html": factsHtml("SharedVariable", facts),
    };
  }
}

/** @throws {TypeError | RangeError} an unknown option, or a value that `to` cannot have */
function revealsTo(options: unknown): Party | undefined {
  if (typeof options !== "object" || options === null)
    throw new TypeError("reveal takes options: x.reveal() or x.reveal({ to: 0 })");
  const unknown = Object.keys(options).find((name) => name !== "to");
  if (unknown !== undefined) throw new TypeError(`reveal: unknown option "${unknown}"; there is "to"`);
  const { to } = options as { to?: unknown };
  if (to === undefined || to === 0 || to === 1) return to;
  throw new RangeError(`reveal: to is a party, 0 or 1, got ${inspect(to)}`);
}

/** @throws {TypeError} a share of integers, which have no gradient */
function refuseInteger({ fracBits }: LongTensor): void {
  if (fracBits > 0) return;
  throw new TypeError(
    "integers have no gradient: share fixed-point numbers, as encode makes them, or leave out requiresGrad; " +
      "x.float() makes an integer secret fixed point",
  );
}

function onesAtPartyZero(iface: DistributedInterface, shape: Shape): LongTensor {
  return longTensor(ring64.full(sizeOf(shape), iface.party === 0 || iface.standIn ? 1n : 0n), shape, 0, {
    isShare: true,
  });
}
