/** Building blocks for all our HTML. Colours follow JupyterLab's theme, with a fallback where there is no theme. */

/** Muted text. */
export const MUTED = "color:var(--jp-ui-font-color2,#757575)";

/** The font of code and figures. */
export const CODE_FONT = "font-family:var(--jp-code-font-family,monospace)";

const TEXT_FONT = "font-family:var(--jp-content-font-family,sans-serif)";
const RULE = "1px solid var(--jp-border-color1,#9e9e9e)";

/** A line of muted text. */
export function captionHtml(...notes: string[]): string {
  return `<div style="${MUTED}">${escapeHtml(notes.join(" · "))}</div>`;
}

/** Show facts about a value without the value itself. */
export function factsHtml(title: string, facts: readonly (readonly [name: string, value: string])[]): string {
  const [names, values] = [facts.map(([name]) => name), facts.map(([, value]) => [value])];
  return `<div class="spdzlab-tensor"><b>${escapeHtml(title)}</b>${htmlTable(values, { names, content: "text" })}</div>`;
}

/** Markup to insert into a cell of a table as it is. */
export interface Markup {
  readonly html: string;
}

export interface TableOptions {
  /** The heading of each column. */
  readonly columns?: readonly string[];
  /** The name of each row. */
  readonly names?: readonly string[];
  /** The heading of the names. */
  readonly corner?: string;
  /** A line above the table. */
  readonly title?: string;
  /** A muted line below the table. */
  readonly caption?: string;
  /** The subject of the table, for screen readers. */
  readonly label?: string;
  /** Align figures right, in a fixed-width font; align text left. Default: `figures`. */
  readonly content?: "figures" | "text";
}

/** Format rows of text as a table. All our tables are made here, so that they look alike. */
export function htmlTable(
  rows: readonly (readonly (string | Markup)[])[],
  { columns, names, corner = "", title, caption, label, content = "figures" }: TableOptions = {},
): string {
  const align = content === "figures" ? "right" : "left";
  const cell = (text: string | Markup) =>
    typeof text === "string"
      ? `<td${attribute("style", cellStyle(text, align))}>${escapeHtml(text)}</td>`
      : `<td${attribute("style", cellStyle("", align))}>${text.html}</td>`;
  const head = (text: string, side = align) =>
    `<th style="text-align:${side};font-weight:normal;${TEXT_FONT};${MUTED}">${escapeHtml(text)}</th>`;
  const body = rows.map(
    (row, i) => `<tr>${names ? head(names[i]!, "left") : ""}${row.map(cell).join("")}</tr>`,
  );
  const heading = columns
    ? `<thead style="border-bottom:${RULE}"><tr>${names ? head(corner, "left") : ""}` +
      `${columns.map((text) => head(text)).join("")}</tr></thead>`
    : "";
  const font = attribute("style", content === "figures" ? CODE_FONT : "");
  return (
    (title ? `<div style="max-width:60em">${escapeHtml(title)}</div>` : "") +
    `<table${attribute("aria-label", label ?? "")} style="margin:0;text-align:${align}">${heading}` +
    `<tbody${font}>${body.join("")}</tbody></table>${caption ? captionHtml(caption) : ""}`
  );
}

/** Keep spaces in a cell. JupyterLab's own style wraps the text of a cell, and aligns it right. */
function cellStyle(text: string, align: "left" | "right"): string {
  const styles = [align === "left" && "text-align:left", /\s/.test(text) && "white-space:pre"];
  return styles.filter(Boolean).join(";");
}

function attribute(name: string, value: string): string {
  return value === "" ? "" : ` ${name}="${escapeHtml(value)}"`;
}

/** Escape text for HTML and for HTML attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
