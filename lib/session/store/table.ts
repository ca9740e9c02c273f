import { escapeHtml } from "../../tensor/display";

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
