/** Rich text that a cell writes by hand: html, md, svg, latex. */

import { inspect } from "node:util";
import { escapeHtml } from "../../lib/text/html";
import { escapeLatex } from "./latex";

const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/** Text that a notebook shows as HTML, Markdown, a drawing or a formula. As plain text it is its own source. */
export class RichText {
  /**
   * @param mime - what the source is, such as `text/html`
   * @param source - the text itself
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
 * HTML to show in the notebook. Values put into the template are escaped, except for other `html` and `svg`; an
 * array is put in piece by piece. Called as a function, it takes the text as it is.
 *
 * @example
 * html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`
 */
export function html(source: TemplateStringsArray | string, ...values: unknown[]): RichText {
  return rich("text/html", ["text/html", "image/svg+xml"], escapeHtml, source, values);
}

/**
 * Markdown to show in the notebook. Values put into the template lose their power as HTML, but `*` and the like in
 * them still count as Markdown; other `md`, `html` and `svg` stand as they are.
 *
 * @example
 * md`**${count}** values, the largest \`${largest}\``
 */
export function md(source: TemplateStringsArray | string, ...values: unknown[]): RichText {
  const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return rich("text/markdown", ["text/markdown", "text/html", "image/svg+xml"], escaped, source, values);
}

/**
 * A drawing in SVG to show in the notebook. Values put into the template are escaped, except for other `svg`.
 *
 * @example
 * svg`<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><circle cx="10" cy="10" r="${radius}"/></svg>`
 */
export function svg(source: TemplateStringsArray | string, ...values: unknown[]): RichText {
  return rich("image/svg+xml", ["image/svg+xml"], escapeHtml, source, values);
}

/**
 * A formula in LaTeX to show in the notebook; backslashes are written once. Values put into the template are
 * escaped, except for other `latex`.
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
  // A formula is full of backslashes, so its template is taken as it is written.
  const parts = mime === "text/latex" ? source.raw : source;
  return new RichText(mime, parts.map((part, i) => (i === 0 ? part : fill(values[i - 1]) + part)).join(""));
}
