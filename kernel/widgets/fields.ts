import { inspect } from "node:util";
import type { RichText } from "../display/templates";
import { Control, type ControlOptions } from "./control";
import type { Fallback } from "./widget";

/** The initial state of a {@link Text} or a {@link Password}. */
export interface TextOptions extends ControlOptions {
  readonly value?: string;
  /** Shown while the field is empty. */
  readonly placeholder?: string;
}

abstract class Field extends Control<string> {
  /** @internal */
  protected constructor(name: string, options: TextOptions, hidden: readonly string[] = []) {
    const { value = "", placeholder = "\u200b" } = options;
    // Report a text when the user leaves the field or presses Enter, not each letter.
    const state = { value: String(value), placeholder: String(placeholder), continuous_update: false };
    super({ model: `${name}Model`, view: `${name}View`, hidden }, "TextStyleModel", state, options);
  }

  override get value(): string {
    return this.get("value") as string;
  }

  override set value(value: string) {
    this.set("value", String(value));
  }

  protected override valid(value: unknown): boolean {
    return typeof value === "string";
  }
}

/**
 * A field for a line of text. `onChange` is called when the user leaves the field or presses Enter.
 *
 * @example
 * const name = new Text({ description: "Name" });
 */
export class Text extends Field {
  /** Create a field. Show it as the last expression of a cell, or by `display`. */
  constructor(options: TextOptions = {}) {
    super("Text", options);
  }
}

/** A field for a password. The kernel never sends its value: it is in no output and not in the saved notebook. */
export class Password extends Field {
  /** Create a field. Show it as the last expression of a cell, or by `display`. */
  constructor(options: TextOptions = {}) {
    super("Password", options, ["value"]);
  }

  protected override shown(): string {
    return this.value === "" ? "" : "••••••";
  }
}

/** The initial state of a {@link Checkbox}. */
export interface CheckboxOptions extends ControlOptions {
  readonly value?: boolean;
}

/** A box to tick. */
export class Checkbox extends Control<boolean> {
  /** Create a box. Show it as the last expression of a cell, or by `display`. */
  constructor(options: CheckboxOptions = {}) {
    const state = { value: options.value === true, indent: false };
    super({ model: "CheckboxModel", view: "CheckboxView" }, "CheckboxStyleModel", state, options);
  }

  override get value(): boolean {
    return this.get("value") as boolean;
  }

  override set value(value: boolean) {
    this.set("value", value === true);
  }

  protected override valid(value: unknown): boolean {
    return typeof value === "boolean";
  }

  protected override shown(): string {
    return this.value ? "☑" : "☐";
  }
}

/** The initial state of a {@link Dropdown}. */
export interface DropdownOptions<T> extends ControlOptions {
  /** The values to choose from. Pairs give each value a label; else its label is its text. */
  readonly options: readonly T[] | readonly (readonly [label: string, value: T])[];
  /** The value that is chosen at first. Default: the first one. */
  readonly value?: T;
}

/**
 * A menu to choose one of several values.
 *
 * @example
 * const column = new Dropdown({ options: ["age", "income"], description: "Column" });
 */
export class Dropdown<T> extends Control<T> {
  readonly #values: readonly T[];

  /**
   * Create a menu. Show it as the last expression of a cell, or by `display`.
   *
   * @throws {RangeError} there is nothing to choose from, or `value` is not among it
   */
  constructor(options: DropdownOptions<T>) {
    const pairs = options.options.map((option): readonly [string, T] =>
      Array.isArray(option) && option.length === 2 && typeof option[0] === "string"
        ? (option as unknown as readonly [string, T])
        : [String(option), option as T],
    );
    if (pairs.length === 0) throw new RangeError("a Dropdown needs at least one option");
    const values = pairs.map(([, value]) => value);
    const state = { _options_labels: pairs.map(([label]) => label), index: find(values, options) };
    super({ model: "DropdownModel", view: "DropdownView" }, "DescriptionStyleModel", state, options);
    this.#values = values;
  }

  override get value(): T {
    return this.#values[this.get("index") as number]!;
  }

  override set value(value: T) {
    this.set("index", find(this.#values, { value }));
  }

  protected override get key(): string {
    return "index";
  }

  protected override valid(value: unknown): boolean {
    return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < this.#values.length;
  }

  protected override shown(): string {
    return (this.get("_options_labels") as string[])[this.get("index") as number]!;
  }
}

function find<T>(values: readonly T[], chosen: { readonly value?: T }): number {
  if (!("value" in chosen) || chosen.value === undefined) return 0;
  const index = values.indexOf(chosen.value);
  if (index < 0) throw new RangeError(`the Dropdown has no option ${inspect(chosen.value)}`);
  return index;
}

/** The initial state of an {@link HTML}. */
export interface HTMLOptions extends ControlOptions {
  readonly value?: string | RichText;
}

/**
 * HTML that later cells can replace. For HTML that stays as it is, use the template `html`.
 *
 * @example
 * const result = new HTML({ value: html`<b>${count}</b> rows` });
 */
export class HTML extends Control<string> {
  /** Create it. Show it as the last expression of a cell, or by `display`. */
  constructor(options: HTMLOptions = {}) {
    const state = { value: String(options.value ?? ""), placeholder: "" };
    super({ model: "HTMLModel", view: "HTMLView" }, "HTMLStyleModel", state, options);
  }

  override get value(): string {
    return this.get("value") as string;
  }

  override set value(value: string | RichText) {
    this.set("value", String(value));
  }

  protected override valid(): boolean {
    return false;
  }

  protected override fallback(): Fallback {
    return { text: this.value.replace(/<[^>]*>/g, ""), html: this.value };
  }
}
