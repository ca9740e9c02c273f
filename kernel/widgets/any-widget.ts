import { inspect } from "node:util";
import { escapeHtml } from "../../lib/text/html";
import { type Fallback, Widget } from "./widget";

/** Where the front end finds the classes of a widget. */
export interface WidgetClass {
  /** The class of the view. Default: the model's name with `View` instead of `Model`. */
  readonly view?: string;
  /** The JavaScript module. Default: Jupyter's controls. */
  readonly module?: string;
  /** The version of the module. Default: `2.0.0`. */
  readonly version?: string;
}

/**
 * Any other widget of Jupyter or of an installed extension, by the name of its model. Its state has the names of the
 * JavaScript model.
 *
 * @example
 * const day = new JupyterWidget("BoundedIntTextModel", { value: 3, min: 1, max: 7, description: "Day" },
 *   { view: "IntTextView" });
 */
export class JupyterWidget extends Widget {
  readonly #name: string;

  /** Create it. Show it as the last expression of a cell, or by `display`. */
  constructor(model: string, state: Readonly<Record<string, unknown>>, options: WidgetClass = {}) {
    const { view = model.replace(/Model$/, "View"), module, version } = options;
    super({ model, view, ...(module && { module }), ...(version && { version }) }, { ...state });
    this.#name = model;
  }

  /** Return a part of the state. */
  override get(name: string): unknown {
    return super.get(name);
  }

  /** Change a part of the state. */
  override set(name: string, value: unknown): void {
    super.set(name, value);
  }

  /**
   * Run `handler` with the new value after each change of a part of the state.
   *
   * @returns a function that removes the handler
   */
  onChange(name: string, handler: (value: unknown) => unknown): () => void {
    return this.listen(name, () => handler(this.get(name)));
  }

  protected override fallback(): Fallback {
    const text = `${this.#name} ${inspect(this.get("value"))}`;
    return { text, html: `<div>${escapeHtml(text)}</div>` };
  }
}
