import { Control, type ControlOptions } from "./control";

/** The initial state of a slider. */
export interface SliderOptions extends ControlOptions {
  readonly value?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Report every value while the user drags, instead of the last. Default: true. */
  readonly continuousUpdate?: boolean;
}

abstract class Slider extends Control<number> {
  /** @internal */
  protected constructor(name: string, format: string, options: Required<Omit<SliderOptions, "disabled">>) {
    const { value, min, max, step, continuousUpdate } = options;
    for (const number of [value, min, max, step]) {
      if (!Number.isFinite(number))
        throw new RangeError(`value, min, max and step must be numbers, got ${number}`);
    }
    if (!(min <= max && step > 0))
      throw new RangeError(`a slider needs min ≤ max and step > 0, got ${min}, ${max} and ${step}`);
    const state = {
      ...{ value: Math.min(max, Math.max(min, value)), min, max, step },
      ...{ continuous_update: continuousUpdate, orientation: "horizontal", behavior: "drag-tap" },
      ...{ readout: true, readout_format: format },
    };
    super({ model: `${name}Model`, view: `${name}View` }, "SliderStyleModel", state, options);
  }

  /** The current value. What you assign is limited to the range from `min` to `max`. */
  override get value(): number {
    return this.get("value") as number;
  }

  override set value(value: number) {
    const limited = Math.min(this.max, Math.max(this.min, value));
    if (!this.valid(limited)) throw new RangeError(`not a value of this slider: ${value}`);
    this.set("value", limited);
  }

  /** The least value. */
  get min(): number {
    return this.get("min") as number;
  }

  /** The greatest value. */
  get max(): number {
    return this.get("max") as number;
  }

  protected override valid(value: unknown): boolean {
    return typeof value === "number" && value >= this.min && value <= this.max;
  }
}

/**
 * A slider for integers.
 *
 * @example
 * const rounds = new IntSlider({ value: 5, max: 20, description: "Rounds" });
 * rounds.onChange((value) => console.log(value));
 * rounds                                // shows it
 */
export class IntSlider extends Slider {
  /**
   * Create a slider. Show it as the last expression of a cell, or by `display`.
   *
   * @param options - integers. Default: from 0 to 100 in steps of 1, at `min`.
   * @throws {RangeError} a number is not an integer, or the range is empty
   */
  constructor(options: SliderOptions = {}) {
    const { min = 0, max = 100, value = min, step = 1, continuousUpdate = true } = options;
    for (const number of [min, max, value, step]) {
      if (!Number.isSafeInteger(number)) throw new RangeError(`an IntSlider takes integers, got ${number}`);
    }
    super("IntSlider", "d", { description: "", ...options, value, min, max, step, continuousUpdate });
  }

  protected override valid(value: unknown): boolean {
    return Number.isSafeInteger(value) && super.valid(value);
  }
}

/**
 * A slider for numbers.
 *
 * @example
 * const rate = new FloatSlider({ value: 0.1, max: 1, step: 0.01, description: "Rate" });
 */
export class FloatSlider extends Slider {
  /**
   * Create a slider. Show it as the last expression of a cell, or by `display`.
   *
   * @param options - Default: from 0 to 10 in steps of 0.1, at `min`.
   * @throws {RangeError} a number is not finite, or the range is empty
   */
  constructor(options: SliderOptions = {}) {
    const { min = 0, max = 10, value = min, step = 0.1, continuousUpdate = true } = options;
    super("FloatSlider", ".2f", { description: "", ...options, value, min, max, step, continuousUpdate });
  }
}
