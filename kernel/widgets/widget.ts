/** The common part of all widgets: a model, a layout, a style, and a fallback in HTML. */

import { type Cell, currentCell } from "../cell/cell";
import { DISPLAY, DISPLAY_ID } from "../display/render";
import type { Content } from "../wire/message";
import { hasWidgets, Model, type ModelClass } from "./models";

const BASE = "@jupyter-widgets/base";
const CONTROLS = "@jupyter-widgets/controls";
const VIEW = "application/vnd.jupyter.widget-view+json";

/** An object in a cell's output that can change after it is shown. */
export abstract class Widget {
  readonly #model: Model;
  readonly #parts: readonly Model[];
  #cell: Cell | undefined;

  protected constructor(
    kind: Pick<ModelClass, "model" | "view">,
    style: string,
    state: Content,
    custom?: (content: Content) => void,
  ) {
    const layout = new Model({ module: BASE, model: "LayoutModel", view: "LayoutView" }, {});
    const look = new Model({ module: CONTROLS, model: style, view: "StyleView", viewModule: BASE }, {});
    const common = { _dom_classes: [], tabbable: null, tooltip: null };
    this.#parts = [layout, look];
    this.#model = new Model(
      { module: CONTROLS, ...kind },
      { ...common, layout: layout.reference, style: look.reference, ...state },
      { refresh: () => this.#refresh(), ...(custom && { custom }) },
    );
  }

  /** Show the widget if the front end has widgets. Otherwise show HTML, and replace it when the widget changes. */
  [DISPLAY](): Record<string, unknown> {
    this.#cell = currentCell();
    return this.#data();
  }

  /** @internal */
  get [DISPLAY_ID](): string {
    return this.#model.id;
  }

  /** Remove the widget from the notebook. */
  close(): void {
    for (const model of [this.#model, ...this.#parts]) model.close();
    this.#cell?.update({ data: { "text/plain": "", "text/html": "" }, metadata: {} }, this.#model.id);
    this.#cell = undefined;
  }

  /** The widget as text and as HTML. */
  protected abstract fallback(): { readonly text: string; readonly html: string };

  protected get(name: string): unknown {
    return this.#model.get(name);
  }

  protected set(name: string, value: unknown): void {
    this.#model.set(name, value);
  }

  #data(): Content {
    const { text, html } = this.fallback();
    if (!hasWidgets()) return { "text/plain": text, "text/html": html };
    // This text is saved with the notebook as it is now, so leave out everything that may change.
    const view = { version_major: 2, version_minor: 0, model_id: this.#model.id };
    return { "text/plain": `[${this.constructor.name}]`, [VIEW]: view };
  }

  #refresh(): void {
    this.#cell?.update({ data: this.#data(), metadata: {} }, this.#model.id);
  }
}
