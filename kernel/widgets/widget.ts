/** The common part of all widgets: a model, a layout, a style, and a fallback in HTML. */

import { AsyncResource } from "node:async_hooks";
import { type Cell, currentCell } from "../cell/cell";
import { DISPLAY, DISPLAY_ID } from "../display/render";
import type { Content } from "../wire/message";
import { hasWidgets, Model, type ModelClass } from "./models";

const BASE = "@jupyter-widgets/base";
const CONTROLS = "@jupyter-widgets/controls";
const VIEW = "application/vnd.jupyter.widget-view+json";

/** What a front end without widgets shows. */
export interface Fallback {
  readonly text: string;
  readonly html: string;
}

/** What only some widgets have. */
export interface WidgetParts {
  /** The class of the style's model. */
  readonly style?: string;
  readonly custom?: (content: Content) => void;
  /** Whether the view may set a part of the state to a value. Default: any value of the same type as before. */
  readonly allows?: (name: string, value: unknown) => boolean;
}

/** What a box needs of the widgets in it. */
interface Inside {
  /** The reference to its model in the state of another model. */
  readonly reference: string;
  readonly fallback: Fallback;
  /** Call `changed` when it changes and the front end has no widgets. */
  watch(changed: () => void): void;
}

let inside: (widget: Widget) => Inside;

/** Return what a box needs of a widget in it. A method of the widget would be offered to users. */
export function insideOf(widget: Widget): Inside {
  return inside(widget);
}

/** An object in a cell's output that can change after it is shown. */
export abstract class Widget {
  static {
    inside = (widget) => ({
      reference: widget.#model.reference,
      fallback: widget.fallback(),
      watch: (changed) => widget.#watchers.add(changed),
    });
  }

  readonly #model: Model;
  readonly #parts: Model[];
  readonly #watchers = new Set<() => void>();
  readonly #handlers = new Map<string, Set<() => void>>();
  #cell: Cell | undefined;

  protected constructor(
    kind: Partial<ModelClass> & Pick<ModelClass, "model" | "view">,
    state: Content,
    { style, custom, allows }: WidgetParts = {},
  ) {
    const layout = new Model({ module: BASE, model: "LayoutModel", view: "LayoutView" }, {});
    this.#parts = [layout];
    const common: Content = { _dom_classes: [], tabbable: null, tooltip: null, layout: layout.reference };
    if (style !== undefined) {
      const look = new Model({ module: CONTROLS, model: style, view: "StyleView", viewModule: BASE }, {});
      this.#parts.push(look);
      common.style = look.reference;
    }
    this.#model = new Model(
      { module: CONTROLS, ...kind },
      { ...common, ...state },
      {
        refresh: () => this.#refresh(),
        allows: allows ?? ((name, value) => typeof value === typeof this.get(name)),
        // Not on the stack of the kernel's own reader: an interrupt of a handler would end it too.
        changed: (names) => setTimeout(() => this.#tell(names)),
        ...(custom && { custom }),
      },
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
  protected abstract fallback(): Fallback;

  protected get(name: string): unknown {
    return this.#model.get(name);
  }

  protected set(name: string, value: unknown): void {
    if (this.get(name) === value) return;
    this.#model.set(name, value);
    this.#tell([name]);
  }

  /** Call `handler` when a part of the state has changed. Return a function that removes it. */
  protected listen(name: string, handler: () => unknown): () => void {
    // Bind the handler to the cell. The kernel shows its errors as uncaught ones.
    const run = AsyncResource.bind(() => void (async () => handler())());
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(run));
    return () => {
      handlers.delete(run);
    };
  }

  #tell(names: readonly string[]): void {
    for (const name of names) for (const run of [...(this.#handlers.get(name) ?? [])]) run();
  }

  #data(): Content {
    const { text, html } = this.fallback();
    if (!hasWidgets()) return { "text/plain": text, "text/html": html };
    // This text is saved with the notebook as it is now, so leave out everything that may change.
    const view = { version_major: 2, version_minor: 0, model_id: this.#model.id };
    return { "text/plain": `[${this.constructor.name}]`, [VIEW]: view };
  }

  /** Show the widget again where the front end has no widgets. */
  protected refresh(): void {
    this.#refresh();
  }

  #refresh(): void {
    this.#cell?.update({ data: this.#data(), metadata: {} }, this.#model.id);
    for (const watch of this.#watchers) watch();
  }
}
