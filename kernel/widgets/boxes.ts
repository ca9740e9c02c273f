import { type Fallback, insideOf, Widget } from "./widget";

abstract class Box extends Widget {
  readonly #children: readonly Widget[];
  readonly #html: string;

  /** @internal */
  protected constructor(name: string, direction: string, children: readonly Widget[]) {
    for (const child of children) {
      if (!(child instanceof Widget)) throw new TypeError(`${name} takes an array of widgets`);
    }
    const state = { children: children.map((child) => insideOf(child).reference), box_style: "" };
    super({ model: `${name}Model`, view: `${name}View` }, state);
    this.#children = children;
    this.#html = `<div style="display:flex;flex-direction:${direction};gap:8px">`;
    for (const child of children) insideOf(child).watch(() => this.refresh());
  }

  protected override fallback(): Fallback {
    const shown = this.#children.map((child) => insideOf(child).fallback);
    return {
      text: shown.map(({ text }) => text).join("\n"),
      html: `${this.#html}${shown.map(({ html }) => html).join("")}</div>`,
    };
  }
}

/** Widgets beside one another. */
export class HBox extends Box {
  /** @throws {TypeError} a child is not a widget */
  constructor(children: readonly Widget[]) {
    super("HBox", "row", children);
  }
}

/**
 * Widgets below one another.
 *
 * @example
 * new VBox([column, new HBox([start, stop]), output])
 */
export class VBox extends Box {
  /** @throws {TypeError} a child is not a widget */
  constructor(children: readonly Widget[]) {
    super("VBox", "column", children);
  }
}
