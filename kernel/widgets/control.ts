/** The common part of the widgets that have a value: sliders, fields, menus, boxes to tick. */

import { escapeHtml } from "../../lib/text/html";
import type { Content } from "../wire/message";
import type { ModelClass } from "./models";
import { type Fallback, Widget } from "./widget";

/** What every control can be given. */
export interface ControlOptions {
  /** The text before the control. */
  readonly description?: string;
  readonly disabled?: boolean;
}

/** A widget with a value that the user or the code changes. */
export abstract class Control<T> extends Widget {
  /**
   * @param read - returns the value if it is allowed
   * @throws {RangeError} the value is not allowed
   * @internal
   */
  protected constructor(
    kind: Partial<ModelClass> & Pick<ModelClass, "model" | "view">,
    style: string,
    state: Content,
    { description = "", disabled = false }: ControlOptions,
  ) {
    const common = {
      description: String(description),
      description_allow_html: false,
      disabled: disabled === true,
    };
    super(
      kind,
      { ...common, ...state },
      { style, allows: (name, value) => name === this.key && this.valid(value) },
    );
  }

  /** The current value. Setting it changes the control in the notebook. */
  abstract get value(): T;
  abstract set value(value: T);

  /** The text before the control. */
  get description(): string {
    return this.get("description") as string;
  }

  set description(description: string) {
    this.set("description", String(description));
  }

  /** Whether the user cannot change it. */
  get disabled(): boolean {
    return this.get("disabled") as boolean;
  }

  set disabled(disabled: boolean) {
    this.set("disabled", disabled === true);
  }

  /**
   * Run `handler` with the new value after each change. Its output, and its error if it fails, appear in the cell that
   * called `onChange`.
   *
   * @returns a function that removes the handler
   */
  onChange(handler: (value: T) => unknown): () => void {
    return this.listen(this.key, () => handler(this.value));
  }

  /** The part of the model's state that holds the value. */
  protected get key(): string {
    return "value";
  }

  /** Whether the front end may set the state to a value. */
  protected abstract valid(value: unknown): boolean;

  /** The value as text. */
  protected shown(): string {
    return String(this.value);
  }

  protected override fallback(): Fallback {
    const text = `${this.description} ${this.shown()}`.trim();
    return { text, html: `<div>${escapeHtml(text)}</div>` };
  }
}
