import { inspect } from "node:util";
import type { Party } from "../channel/channel";
import { combine, lift } from "../primitives/add";
import { type RevealOptions, reveal, revealIntegers } from "../primitives/reveal";
import { toScale } from "../primitives/scale";
import { dataOf, detach, type SharedTensor, wrap } from "../primitives/shared-tensor";
import { ring64 } from "../ring";
import { DistributedInterface } from "../session/distributed-interface";
import type { FloatTensor } from "../tensor/float-tensor";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { bracketShape, resolveAxis, type Shape, sameShape, sizeOf } from "../tensor/shape";
import { factsHtml } from "../text/html";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { checkOptions } from "../text/options";
import { backpropagate, type Differentiable, type GradNode } from "./backward";
import { type PublicInput, publicTensor } from "./public";
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
   * @throws {TypeError} the tensor is not a share: use `iface.input` to share a secret, `iface.lift` for a value that both
   *   parties know; or a gradient is required of integers; or, where shares have MACs, the share was computed from `data`
   *   of another SharedVariable
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
      requireShare(data);
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
   * @param upstream - the gradient of this value: a secret, or a value that both parties know, which counts once. Default:
   *   one, for a single number. A LongTensor is this party's share of it, as in the 2018 demo: where both parties pass
   *   ones, the upstream gradient is two
   * @throws {RangeError} `upstream` has another shape, or is missing and this is not a single number
   * @throws {TypeError} this value was not computed from one that requires a gradient, or `upstream` is not numbers
   */
  backward(upstream?: SharedVariable | PublicInput): void {
    if (!this.requiresGrad)
      throw new TypeError("nothing here requires a gradient: pass { requiresGrad: true } to Variable");
    const gradient = this.#upstream(upstream);
    if (!sameShape(gradient.shape, this.shape)) {
      throw new RangeError(
        `the upstream gradient has shape ${bracketShape(gradient.shape)}, the value ${bracketShape(this.shape)}`,
      );
    }
    backpropagate(this, gradient.tensor());
  }

  /** The upstream gradient: its shape, and how to make it once that is checked. */
  #upstream(upstream: SharedVariable | PublicInput | undefined): { shape: Shape; tensor(): SharedTensor } {
    const { iface, shape } = this;
    if (upstream === undefined) {
      if (shape.some((extent) => extent !== 1))
        throw new RangeError(
          `a value of shape ${bracketShape(shape)} needs an upstream gradient of that shape`,
        );
      return { shape, tensor: () => wrap(iface, onesAtPartyZero(iface, shape)) };
    }
    if (upstream instanceof SharedVariable) {
      if (upstream.iface !== iface)
        throw new TypeError("the upstream gradient belongs to another interface: share it through this one");
      return { shape: upstream.shape, tensor: () => detach(upstream.tensor) };
    }
    if (upstream instanceof LongTensor) return { shape: upstream.shape, tensor: () => wrap(iface, upstream) };
    const value = publicTensor(upstream, iface.precision, "backward");
    return { shape: value.shape, tensor: () => lift(iface, value) };
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
   * checked before anything is opened. To reveal it to one party only, write `x.reveal({ to: 0 })`; for integers of 64
   * bits, `x.reveal({ integers: true })`; for several values with one check, `iface.reveal({ x, y })`.
   *
   * @returns the plain values
   * @throws {RangeError} a value overflowed the range of the precision, or an integer is beyond ±2^53
   * @throws {DesyncError} the other party runs another operation
   *
   * @example
   * await x.reveal()
   */
  reveal(options?: { readonly to?: undefined; readonly integers?: false }): Promise<FloatTensor>;
  /**
   * Reveal integers exactly, over all 64 bits, to both parties.
   *
   * @param options.integers - give a LongTensor
   * @throws {TypeError} the value has fractional bits
   * @throws {DesyncError} the other party runs another operation
   *
   * @example
   * await x.reveal({ integers: true })
   */
  reveal(options: { readonly to?: undefined; readonly integers: true }): Promise<LongTensor>;
  /**
   * Reveal the secret to one party only; both must make the same call. Where shares have MACs, everything that it
   * depends on is checked before anything is opened.
   *
   * @param options.to - the only party that learns the values, 0 or 1
   * @returns the plain values; `undefined` at the other party
   * @throws {RangeError} a value overflowed the range of the precision, an integer is beyond ±2^53, or `to` is not 0 or 1
   * @throws {DesyncError} the other party runs another operation
   *
   * @example
   * await x.reveal({ to: 0 }) // undefined at party 1
   */
  reveal(options: {
    readonly to?: Party | undefined;
    readonly integers?: false;
  }): Promise<FloatTensor | undefined>;
  /** Reveal integers exactly, over all 64 bits, to one party only; `undefined` at the other party. */
  reveal(options: {
    readonly to?: Party | undefined;
    readonly integers: true;
  }): Promise<LongTensor | undefined>;
  reveal(
    options: { readonly to?: Party | undefined; readonly integers?: boolean } = {},
  ): Promise<FloatTensor | LongTensor | undefined> {
    checkOptions("reveal", options, ["to", "integers"]);
    const { integers = false } = options;
    if (typeof integers !== "boolean")
      throw new TypeError(`reveal: integers must be true or false, got ${inspect(integers)}`);
    const to = revealsTo(options);
    return integers ? revealIntegers(this.tensor, to) : reveal(this.tensor, to);
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

/** @throws {RangeError} `to` is not a party */
export function revealsTo({ to }: { readonly to?: unknown }): RevealOptions {
  if (to === undefined) return {};
  if (to === 0 || to === 1) return { to };
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

/** @throws {TypeError} the tensor is not this party's share */
function requireShare({ isShare, origin }: LongTensor): void {
  // If the words come from a computed share, `wrap` says what is wrong with that.
  if (isShare || origin.sources.some(({ kind }) => kind !== "planned")) return;
  throw new TypeError(
    "a SharedVariable is made from this party's share, and this tensor is not one: share a secret with " +
      "`await iface.input(owner, values)`, or make a secret of a value that both parties know with `iface.lift(value)`",
  );
}

function onesAtPartyZero(iface: DistributedInterface, shape: Shape): LongTensor {
  const { party, standIn } = iface;
  const word = party === 0 || standIn ? 1n : 0n;
  const ones = longTensor(ring64.full(sizeOf(shape), word), shape, 0, { isShare: true });
  standIn?.mark(ones.vector);
  return ones;
}
