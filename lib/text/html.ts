/** Building blocks for all our HTML. Colours follow JupyterLab's theme, with a fallback where there is no theme. */

/** Muted text. */
export const MUTED = "color:var(--jp-ui-font-color2,#757575)";

/** A line of muted text. */
export function captionHtml(...notes: string[]): string {
  return `<div style="${MUTED}">${escapeHtml(notes.join(" · "))}</div>`;
}

/** Show facts about a value without the value itself. */
export function factsHtml(title: string, facts: readonly (readonly [name: string, value: string])[]): string {
  const rows = facts.map(
    ([name, value]) =>
      `<tr><th style="text-align:left;font-weight:normal;${MUTED}">${escapeHtml(name)}</th>` +
      `<td style="text-align:left">${escapeHtml(value)}</td></tr>`,
  );
  return (
    `<div class="spdzlab-tensor"><b>${escapeHtml(title)}</b>` +
    `<table style="margin:0"><tbody>${rows.join("")}</tbody></table></div>`
  );
}

/** Escape text for HTML and for HTML attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A small table under a caption; the first column is text, the others are figures. */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const row = (tag: string, texts: readonly string[]) =>
    `<tr>${texts
      .map(
        (text, i) => `<${tag} style="text-align:${i === 0 ? "left" : "right"}">${escapeHtml(text)}</${tag}>`,
      )
      .join("")}</tr>`;
  const body = rows.map((texts) => row("td", texts)).join("");
  return `<div><div style="max-width:60em">${escapeHtml(caption)}</div><table><thead>${row("th", headings)}</thead><tbody>${body}</tbody></table></div>`;
}
