/** Rich text for cells: html, md, svg, latex. */

import { inspect } from "node:util";
import { escapeHtml } from "../../lib/text/html";
import { escapeLatex } from "./latex";

const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/** Text that a notebook shows as HTML, Markdown, a drawing or a formula. Its plain text is its source. */
export class RichText {
  /**
   * @param mime - the type of the source, such as `text/html`
   * @param source - the text
   */
  constructor(
    readonly mime: string,
    readonly source: string,
  ) {}

  toString(): string {
    return this.source;
  }

  [inspect.custom](): string {
    return this.source;
  }

  [DISPLAY](): Record<string, string> {
    const formula = this.mime === "text/latex" && !/^\s*(\$|\\\[|\\\(|\\begin\b)/.test(this.source);
    return { "text/plain": this.source, [this.mime]: formula ? `$$${this.source}$$` : this.source };
  }
}

/**
 * HTML to show in the notebook. Values in the template are escaped, except for other `html` and `svg`. The items of an
 * array are inserted one after the other. If you call it as a function, it does not change the text.
 *
 * @example
 * html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`
 */
export function html(source: TemplateStringsArray | string, ...values: unknown[]): RichText {
  return rich("text/html", ["text/html", "image/svg+xml"], escapeHtml, source, values);
}

/**
 * Markdown to show in the notebook. HTML in the values is escaped, but Markdown in them, such as `*`, still works.
 * Other `md`, `html` and `svg` are inserted as they are.
 *
 * @example
 * md`**${count}** values, the largest \`${largest}\``
 */
export function md(source: TemplateStringsArray | string, ...values: unknown[]): RichText {
  const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return rich("text/markdown", ["text/markdown", "text/html", "image/svg+xml"], escaped, source, values);
}

/**
 * A drawing in SVG to show in the notebook. Values in the template are escaped, except for other `svg`.
 *
 * @example
 * svg`<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><circle cx="10" cy="10" r="${radius}"/></svg>`
 */
export function svg(source: TemplateStringsArray | string, ...values: unknown[]): RichText {
  return rich("image/svg+xml", ["image/svg+xml"], escapeHtml, source, values);
}

/**
 * A formula in LaTeX to show in the notebook. Write each backslash once. Values in the template are escaped, except for
 * other `latex`.
 *
 * @example
 * latex`\sum_{i=1}^{${n}} x_i`
 */
export function latex(source: TemplateStringsArray | string, ...values: unknown[]): RichText {
  return rich("text/latex", ["text/latex"], (text) => escapeLatex(text), source, values);
}

function rich(
  mime: string,
  trusted: readonly string[],
  escaped: (text: string) => string,
  source: TemplateStringsArray | string,
  values: readonly unknown[],
): RichText {
  if (typeof source === "string") return new RichText(mime, source);
  const fill = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(fill).join("");
    if (value instanceof RichText && trusted.includes(value.mime)) return value.source;
    return escaped(String(value));
  };
  // A formula is full of backslashes, so take its template without processing escapes.
  const parts = mime === "text/latex" ? source.raw : source;
  return new RichText(mime, parts.map((part, i) => (i === 0 ? part : fill(values[i - 1]) + part)).join(""));
}
