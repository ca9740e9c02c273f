import { inspect } from "node:util";
import type { Party } from "../channel/channel";
import { addPublic, combine, negate } from "../primitives/add";
import { broadcastTo, transpose } from "../primitives/layout";
import { timesMatrix, timesPublicMatrix } from "../primitives/matmul";
import { times, timesPublic } from "../primitives/multiply";
import { sumTo } from "../primitives/reduce";
import { reveal, revealTo } from "../primitives/reveal";
import { dataOf, detach, type PublicTensor, type SharedTensor, wrap } from "../primitives/shared-tensor";
import { ring64 } from "../ring";
import { DistributedInterface } from "../session/distributed-interface";
import type { FloatTensor } from "../tensor/float-tensor";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import {
  bracketShape,
  type Shape,
  sameShape,
  sizeOf,
  transposedShape,
  transposeIndices,
} from "../tensor/shape";
import { factsHtml } from "../text/html";
import { jupyterDisplay, type MimeBundle } from "../text/mime";
import { backpropagate, type Differentiable, type GradNode } from "./backward";
import { type PublicInput, publicFactor, publicTensor } from "./operand";
import { sigmoidGradient, sigmoidOf } from "./sigmoid";
import { Variable } from "./variable";

/** What `backward` left at each variable; a plan leaves its own apart. */
const gradients = new WeakMap<SharedVariable, SharedVariable>();

/**
 * A secret that the two parties share, to compute on as on an ordinary tensor. Each party holds one share, which
 * alone tells nothing. Operations return at once with a handle whose shape is known; its values are there when the
 * cell ends, or after `await iface.settled()`. Both notebooks must run the same operations in the same order.
 *
 * @example
 * const output = data.matmul(weights);
 * output.backward(new LongTensor([[1]]));
 * await output.reveal(); // FloatTensor, the same on both sides
 */
export class SharedVariable implements Differentiable {
  /** The session it belongs to. */
  readonly iface: DistributedInterface;
  /** The secret itself, for the library's own operations. @internal */
  readonly tensor: SharedTensor;
  /** How it was computed; undefined for a leaf. @internal */
  readonly node: GradNode | undefined;

  /**
   * Makes a shared value from this party's share. Both parties make theirs at the same place, because they count the
   * values alike: each `new SharedVariable` is a value of its own.
   *
   * To share a secret of one party, prefer `await iface.input(owner, values)`: a share that passed through the other
   * party can be changed by it, and with it the secret.
   *
   * @param variable - this party's share, in a Variable that says whether a gradient is wanted; the other party
   *   wraps its share of the same secret
   * @param iface - the session
   * @throws {RangeError} the share has more than 62 fractional bits
   * @throws {TypeError} where shares have MACs: the share was computed from `data` of another SharedVariable
   */
  constructor(variable: Variable | LongTensor, iface: DistributedInterface);
  /** @internal */
  constructor(tensor: SharedTensor, node?: GradNode);
  constructor(source: Variable | LongTensor | SharedTensor, context?: DistributedInterface | GradNode) {
    if (source instanceof Variable || source instanceof LongTensor) {
      if (!(context instanceof DistributedInterface)) {
        throw new TypeError("a SharedVariable needs the interface: new SharedVariable(variable, iface)");
      }
      const { data, requiresGrad } = source instanceof Variable ? source : new Variable(source);
      this.iface = context;
      this.tensor = wrap(context, data, requiresGrad);
      return;
    }
    if (typeof source !== "object" || source === null || !("held" in source)) {
      throw new TypeError("a SharedVariable is made from a Variable or a LongTensor, this party's share");
    }
    this.iface = source.iface;
    this.tensor = source;
    if (source.requiresGrad) this.node = context as GradNode | undefined;
  }

  /** Sizes along each axis. */
  get shape(): Shape {
    return this.tensor.shape;
  }

  /** The value of an element is the shared integer divided by 2^fracBits. */
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
   * Where shares have MACs, `swapShares` opens it the checked way; anything computed from it outside the session is
   * refused there, because nothing would check it.
   */
  get data(): LongTensor {
    return dataOf(this.tensor);
  }

  /** This party's share in a Variable, as in the 2018 demo. */
  get var(): Variable {
    return new Variable(this.data, { requiresGrad: this.requiresGrad });
  }

  /** The gradient that `backward` left here; undefined where none was wanted or computed. */
  get grad(): SharedVariable | undefined {
    return this.iface.executor.notes(gradients).get(this);
  }

  /** The sizes along all axes, or along one. */
  size(): number[];
  size(axis: number): number;
  size(axis?: number): number | number[] {
    return axis === undefined ? [...this.shape] : this.shape[axis]!;
  }

  /**
   * The sum with another secret or a public value, element by element, with NumPy's broadcasting.
   *
   * @throws {RangeError} the shapes do not match
   *
   * Cost: none; shares are added where they are.
   */
  add(other: SharedVariable | PublicInput): SharedVariable {
    if (!(other instanceof SharedVariable)) {
      return this.#then(addPublic(this.tensor, this.#public(other)), [this], (g) => [g]);
    }
    return this.#then(combine("add", this.tensor, other.tensor), [this, other], (g) => [g, g]);
  }

  /** The difference, element by element; see `add`. Cost: none. */
  sub(other: SharedVariable | PublicInput): SharedVariable {
    if (!(other instanceof SharedVariable)) {
      return this.#then(addPublic(this.tensor, negated(this.#public(other))), [this], (g) => [g]);
    }
    return this.#then(combine("sub", this.tensor, other.tensor), [this, other], (g) => [
      g,
      other.requiresGrad ? negate(g) : undefined,
    ]);
  }

  /** The negative. Cost: none. */
  neg(): SharedVariable {
    return this.#then(negate(this.tensor), [this], (g) => [negate(g)]);
  }

  /**
   * The product, element by element, with NumPy's broadcasting.
   *
   * @param other - another secret, or a public value
   * @returns at the session's precision, rounded down or up by at most one unit in the last place
   * @throws {RangeError} the shapes do not match
   *
   * Cost: with a secret, 2 rounds and 24 bytes for each element each way (one round fewer where nothing is
   * truncated), 1 triple; with public integers none, with other public numbers 1 round.
   * Products must stay below 2^30 in magnitude at 16 fractional bits; beyond, they wrap around unnoticed. A public
   * factor that is no integer is first rounded to 16 fractional bits itself, so small ones are coarse: 0.001 stands
   * for 0.001007.
   */
  mul(other: SharedVariable | PublicInput): SharedVariable {
    if (!(other instanceof SharedVariable)) {
      const constant = publicFactor(other, this.iface.precision);
      return this.#then(timesPublic(this.tensor, constant), [this], (g) => [timesPublic(g, constant)]);
    }
    const [x, y] = [detach(this.tensor), detach(other.tensor)];
    return this.#then(times(this.tensor, other.tensor), [this, other], (g) => [
      this.requiresGrad ? times(g, y) : undefined,
      other.requiresGrad ? times(g, x) : undefined,
    ]);
  }

  /**
   * The matrix product.
   *
   * @param other - another secret, or a public matrix
   * @returns m×n for m×k and k×n, at the session's precision, off by at most one unit in the last place
   * @throws {RangeError} the inner sizes differ
   *
   * Cost: with a secret, 2 rounds, 8·(m·k + k·n + m·n) bytes each way and 1 matrix triple (one round fewer where
   * nothing is truncated); with public integers none, with other public numbers 1 round.
   */
  matmul(other: SharedVariable | PublicInput): SharedVariable {
    if (!(other instanceof SharedVariable)) {
      const constant = this.#public(other);
      const turned = () => transposedPublic(constant);
      return this.#then(timesPublicMatrix(this.tensor, constant, "right"), [this], (g) => [
        timesPublicMatrix(g, turned(), "right"),
      ]);
    }
    const [x, y] = [detach(this.tensor), detach(other.tensor)];
    return this.#then(timesMatrix(this.tensor, other.tensor), [this, other], (g) => [
      this.requiresGrad ? timesMatrix(g, transpose(y)) : undefined,
      other.requiresGrad ? timesMatrix(transpose(x), g) : undefined,
    ]);
  }

  /** The matrix product with a public matrix on the left, `left · this`; see `matmul`. */
  matmulLeft(left: PublicInput): SharedVariable {
    const constant = this.#public(left);
    return this.#then(timesPublicMatrix(this.tensor, constant, "left"), [this], (g) => [
      timesPublicMatrix(g, transposedPublic(constant), "left"),
    ]);
  }

  /** The transpose of a matrix. Cost: none. */
  t(): SharedVariable {
    return this.#then(transpose(this.tensor), [this], (g) => [transpose(g)]);
  }

  /** The sum of all elements, a scalar. Cost: none. */
  sum(): SharedVariable {
    return this.#then(sumTo(this.tensor, []), [this], (g) => [broadcastTo(g, this.shape)]);
  }

  /**
   * 1 / (1 + exp(−x)), element by element, by a polynomial of degree 9.
   *
   * @returns for |x| ≤ 8 within 0.01 of the sigmoid at 16 fractional bits; beyond 8 the polynomial runs away, so
   *   keep inputs inside
   *
   * Cost: 13 rounds, 6 triples for each element.
   */
  sigmoid(): SharedVariable {
    const result = sigmoidOf(this.tensor);
    return this.#then(result, [this], (g) => [sigmoidGradient(result, g)]);
  }

  /**
   * Computes the gradients of everything that wants one and that this value came from; read them by `grad`, which
   * adds up over several calls as in PyTorch.
   *
   * @param upstream - this party's share of the gradient of this value. Both shares add up: when both parties pass
   *   ones, as the demo does, the upstream gradient is two. Without it, for a scalar, it is one
   * @throws {RangeError} `upstream` has another shape, or is missing for what is no single number
   * @throws {TypeError} nothing it came from requires a gradient
   */
  backward(upstream?: LongTensor): void {
    if (!this.requiresGrad)
      throw new TypeError("nothing here requires a gradient: pass { requiresGrad: true } to Variable");
    if (upstream !== undefined && !(upstream instanceof LongTensor)) {
      throw new TypeError("backward takes a LongTensor, this party's share of the gradient from above");
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
    const { grad } = this;
    const sum = grad ? combine("add", grad.tensor, gradient) : gradient;
    this.iface.executor.notes(gradients).set(this, new SharedVariable(sum));
  }

  /** The same secret outside the graph: no gradient flows through it. Cost: none. */
  detach(): SharedVariable {
    return new SharedVariable(detach(this.tensor));
  }

  /**
   * Opens the secret to both parties, which must both call it. Where shares have MACs, everything that it depends on is
   * checked before anything is opened. To open it to one party alone write `x.reveal({ to: 0 })`.
   *
   * @returns the plain values
   * @throws {RangeError} a value overflowed what the precision can hold
   * @throws {DesyncError} the other party runs another operation
   *
   * @example
   * await x.reveal()
   */
  reveal(): Promise<FloatTensor>;
  /**
   * Opens the secret to one party alone; both must call it alike. Where shares have MACs, everything that it depends on
   * is checked before anything is opened.
   *
   * @param options.to - the only party that learns the values, 0 or 1
   * @returns the plain values; `undefined` at the other party
   * @throws {RangeError} a value overflowed what the precision can hold, or `to` is not 0 or 1
   * @throws {DesyncError} the other party runs another operation
   *
   * @example
   * await x.reveal({ to: 0 }) // undefined at party 1
   */
  reveal(options: { readonly to: Party }): Promise<FloatTensor | undefined>;
  /** The same, where it is not known before which of both it is. */
  reveal(options?: { readonly to?: Party | undefined }): Promise<FloatTensor | undefined>;
  reveal(options: { readonly to?: Party | undefined } = {}): Promise<FloatTensor | undefined> {
    const to = revealsTo(options);
    return to === undefined ? reveal(this.tensor) : revealTo(this.tensor, to);
  }

  /** Shape and party only; whoever wants to see the share asks for `data`. */
  toString(): string {
    return `SharedVariable(${this.shape.join("×") || "scalar"}, party ${this.iface.party})`;
  }

  /**
   * A secret is no number: `x + 1`, `x > 1` and the like throw instead of computing nonsense.
   *
   * @throws {TypeError} always, but for a template or `String(x)`
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError(
      "the value of a SharedVariable is secret, so JavaScript's operators cannot use it: compute with add, mul, " +
        "matmul … or math.evaluate, or open it with `await x.reveal()`",
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

  #public(input: PublicInput): PublicTensor {
    return publicTensor(input, this.iface.precision);
  }

  #then(
    result: SharedTensor,
    parents: readonly SharedVariable[],
    gradients: (upstream: SharedTensor) => readonly (SharedTensor | undefined)[],
  ): SharedVariable {
    return new SharedVariable(result, { parents, gradients });
  }
}

/** @throws {TypeError | RangeError} options that there are not */
function revealsTo(options: unknown): Party | undefined {
  if (typeof options !== "object" || options === null)
    throw new TypeError("reveal takes options: x.reveal() or x.reveal({ to: 0 })");
  const unknown = Object.keys(options).find((name) => name !== "to");
  if (unknown !== undefined) throw new TypeError(`reveal: unknown option "${unknown}"; there is "to"`);
  const { to } = options as { to?: unknown };
  if (to === undefined || to === 0 || to === 1) return to;
  throw new RangeError(`reveal: to is a party, 0 or 1, got ${inspect(to)}`);
}

function onesAtPartyZero(iface: DistributedInterface, shape: Shape): LongTensor {
  return longTensor(ring64.full(sizeOf(shape), iface.party === 0 ? 1n : 0n), shape, 0);
}

function negated({ vector, ...rest }: PublicTensor): PublicTensor {
  return { ...rest, vector: vector.ring.neg(vector) };
}

function transposedPublic({ shape, fracBits, vector }: PublicTensor): PublicTensor {
  return {
    shape: transposedShape(shape),
    fracBits,
    vector: vector.ring.gather(vector, transposeIndices(shape)),
  };
}
