/** The few pieces that all our HTML is made of. Colours follow JupyterLab's theme, and have a value without one. */
import { escapeHtml, MUTED } from "../../lib/text/html";

const CODE = "font-family:var(--jp-code-font-family,monospace)";
const RULE = "1px solid var(--jp-border-color1,#9e9e9e)";

/** A table of plain texts: numbers stand right, with the names of rows and columns where there are some. */
export function htmlTable(
  rows: readonly (readonly string[])[],
  {
    columns,
    names,
    caption = "",
  }: { columns?: readonly string[]; names?: readonly string[]; caption?: string } = {},
): string {
  const cell = (text: string) =>
    `<td style="text-align:right;white-space:pre;${CODE}">${escapeHtml(text)}</td>`;
  const head = (text: string) =>
    `<th style="text-align:right;font-weight:normal;${MUTED}">${escapeHtml(text)}</th>`;
  const body = rows.map((row, i) => `<tr>${names ? head(names[i] ?? "") : ""}${row.map(cell).join("")}</tr>`);
  const heading = columns && `<tr>${names ? head("") : ""}${columns.map(head).join("")}</tr>`;
  return (
    `<table style="margin:0">${heading ? `<thead style="border-bottom:${RULE}">${heading}</thead>` : ""}` +
    `<tbody>${body.join("")}</tbody></table>${caption && `<div style="${MUTED}">${escapeHtml(caption)}</div>`}`
  );
}

/** Plain lines under a title, folded until it is clicked. */
export function htmlFolded(title: string, lines: readonly string[]): string {
  const text = escapeHtml(lines.join("\n"));
  return (
    `<details><summary style="cursor:pointer;${MUTED}">${escapeHtml(title)}</summary>` +
    `<pre style="margin:4px 0 0;white-space:pre-wrap;${CODE}">${text}</pre></details>`
  );
}
