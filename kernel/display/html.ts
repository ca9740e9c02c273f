/** HTML that only the kernel needs; see `lib/text/html` for the rest. */
import { CODE_FONT, escapeHtml, MUTED } from "../../lib/text/html";

/** Show lines of text under a title. They are hidden until someone clicks the title. */
export function htmlFolded(title: string, lines: readonly string[]): string {
  const text = escapeHtml(lines.join("\n"));
  return (
    `<details><summary style="cursor:pointer;${MUTED}">${escapeHtml(title)}</summary>` +
    `<pre style="margin:4px 0 0;white-space:pre-wrap;${CODE_FONT}">${text}</pre></details>`
  );
}
