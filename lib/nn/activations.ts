import type { Operand } from "../autograd/operand";
import * as ops from "../ops/all";
import type { Value } from "../ops/signature";
import { Layer } from "./layer";

/** The greater of x and 0, element by element; exact. */
export class ReLU extends Layer {
  protected compute(x: Operand): Value {
    return ops.relu(x);
  }
}

/** x where it is positive, and slope · x elsewhere, within 1 + |x| / 2 units in the last place. */
export class LeakyReLU extends Layer {
  /** @param slope - Default: 0.01 */
  constructor(readonly slope: number = 0.01) {
    super();
  }

  protected compute(x: Operand): Value {
    return ops.leakyRelu(x, this.slope);
  }
}

/** 1 / (1 + exp(−x)), element by element, within two units in the last place at 16 fractional bits. */
export class Sigmoid extends Layer {
  protected compute(x: Operand): Value {
    return ops.sigmoid(x);
  }
}

/** The hyperbolic tangent, element by element; the error is that of `ops.tanh`. */
export class Tanh extends Layer {
  protected compute(x: Operand): Value {
    return ops.tanh(x);
  }
}

/** x times the normal distribution function of x, within two units in the last place at 16 fractional bits. */
export class GELU extends Layer {
  protected compute(x: Operand): Value {
    return ops.gelu(x);
  }
}

/** exp(x) over its sum along an axis; the error is that of `ops.softmax`. */
export class Softmax extends Layer {
  /** @param axis - negative ones count from the last. Default: -1 */
  constructor(readonly axis: number = -1) {
    super();
  }

  protected compute(x: Operand): Value {
    return ops.softmax(x, this.axis);
  }
}
