import { inspect } from "node:util";
import { fractionOf, textBar } from "../../lib/text/bar";
import { escapeHtml } from "../../lib/text/html";
import { Widget } from "./widget";

/** The initial state of an {@link IntProgress}. */
export interface IntProgressOptions {
  readonly value?: number;
  readonly min?: number;
  readonly max?: number;
  readonly description?: string;
  readonly barStyle?: BarStyle;
}

/** The colour of a bar. */
export type BarStyle = "" | "success" | "info" | "warning" | "danger";

const colours: Record<BarStyle, string> = {
  "": "#4c8bf5",
  success: "#4caf50",
  info: "#00bcd4",
  warning: "#ff9800",
  danger: "#f44336",
};

/**
 * A progress bar that this cell and later cells can update. For a simple loop, use `progress` instead.
 *
 * @example
 * const bar = new IntProgress({ max: 100, description: "Training" });
 * bar                                   // shows it
 * bar.value = 30;                       // in this cell or a later one
 */
export class IntProgress extends Widget {
  /**
   * Create a bar. Show it as the last expression of a cell, or by `display`.
   *
   * @param options - integers. Default: `min` is 0, `max` is 100, and `value` is `min`.
   * @throws {RangeError} a number is not an integer, or `max` is less than `min`
   */
  constructor(options: IntProgressOptions = {}) {
    const { min = 0, max = 100, value = min, description = "", barStyle = "" } = options;
    for (const number of [min, max, value]) whole(number);
    ordered(min, max);
    const state = {
      value: Math.min(max, Math.max(min, value)),
      min,
      max,
      description: String(description),
      description_allow_html: false,
      bar_style: known(barStyle),
      orientation: "horizontal",
    };
    super({ model: "IntProgressModel", view: "ProgressView" }, state, { style: "ProgressStyleModel" });
  }

  /** The current value, limited to the range from `min` to `max`. */
  get value(): number {
    return this.get("value") as number;
  }

  set value(value: number) {
    this.set("value", Math.min(this.max, Math.max(this.min, whole(value))));
  }

  /** The value at which the bar is empty. */
  get min(): number {
    return this.get("min") as number;
  }

  set min(min: number) {
    ordered(whole(min), this.max);
    this.set("min", min);
    this.value = this.value;
  }

  /** The value at which the bar is full. */
  get max(): number {
    return this.get("max") as number;
  }

  set max(max: number) {
    ordered(this.min, whole(max));
    this.set("max", max);
    this.value = this.value;
  }

  /** The text before the bar. */
  get description(): string {
    return this.get("description") as string;
  }

  set description(description: string) {
    this.set("description", String(description));
  }

  /** The colour of the bar, named by its meaning. */
  get barStyle(): BarStyle {
    return this.get("bar_style") as BarStyle;
  }

  set barStyle(barStyle: BarStyle) {
    this.set("bar_style", known(barStyle));
  }

  protected override fallback(): { text: string; html: string } {
    const { value, min, max, description, barStyle } = this;
    const progress = { done: value - min, total: max - min };
    const percent = Math.floor(fractionOf(progress) * 100);
    const html =
      `<div style="display:flex;align-items:center;gap:8px;max-width:30em"><span>${escapeHtml(description)}</span>` +
      `<div role="progressbar" aria-valuemin="${min}" aria-valuemax="${max}" aria-valuenow="${value}" ` +
      'style="flex:1;height:12px;overflow:hidden;border-radius:2px;background:rgba(128,128,128,0.3)">' +
      `<div style="width:${percent}%;height:100%;background:${colours[barStyle]}"></div></div></div>`;
    return { text: `${description} ${textBar(progress)}`.trim(), html };
  }
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`value, min and max must be integers, got ${value}`);
  return value;
}

function ordered(min: number, max: number): void {
  if (max < min) throw new RangeError(`max must be at least min, got min ${min} and max ${max}`);
}

function known(style: BarStyle): BarStyle {
  if (!Object.hasOwn(colours, style))
    throw new RangeError(
      `barStyle must be one of ${Object.keys(colours)
        .map((name) => JSON.stringify(name))
        .join(", ")}, got ${inspect(style)}`,
    );
  return style;
}
