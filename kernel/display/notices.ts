/** Show the library's notices in the cell that caused them. Warnings and notes stay; waiting lines are removed. */

import type { Notice } from "../../lib/session/host/notice";
import { fractionOf, textBar } from "../../lib/text/bar";
import { escapeHtml } from "../../lib/text/html";
import { type Cell, currentCell, type MimeBundle } from "../cell/cell";

interface Line {
  cell: Cell;
  displayId: string;
  notice: Notice;
}

const NOTHING: MimeBundle = { data: { "text/plain": "", "text/html": "" }, metadata: {} };

let serial = 0;

/** Shows notices in the notebook. */
export class Notices {
  private readonly lines = new Map<string, Line>();
  private readonly warned = new Set<string>();
  /** The cell that started last. It shows the waiting lines. */
  private latest: Cell | undefined;

  /** The texts of all waiting lines. */
  get waiting(): string[] {
    return [...this.lines.values()].map((line) => line.notice.text);
  }

  /** Show a notice, or update or remove the one with the same id. */
  notify(notice: Notice): void {
    const { id, kind, text } = notice;
    if (kind === "warning") this.warn(id, text);
    else if (kind === "note") currentCell()?.display(bundle(text, "opacity:0.75;font-size:smaller"));
    else if (kind === "waiting") this.wait(notice);
    else this.done(id);
  }

  /** Move the waiting lines to a cell that has just started: it waits for the operations of an interrupted cell too. */
  moveTo(cell: Cell): void {
    this.latest = cell;
    for (const line of this.lines.values()) {
      line.cell.update(NOTHING, line.displayId);
      line.cell = cell;
      this.show(line);
    }
  }

  private show(line: Line): void {
    line.displayId = `spdzlab-${process.pid}-${serial++}`;
    const { data, metadata } = waitingBundle(line.notice);
    // Plain-text clients, such as a console, may never update the line. Give them no bar, which would stand still.
    const { text, lasting = text } = line.notice;
    line.cell.display({ data: { ...data, "text/plain": lasting }, metadata }, line.displayId);
  }

  private warn(id: string, text: string): void {
    const cell = currentCell();
    const key = `${id}\n${text}\n${cell?.name}`;
    if (cell === undefined || this.warned.has(key)) return;
    this.warned.add(key);
    cell.display(
      bundle(`Warning: ${text}`, "background:#fff3bf;color:#5c4400;border-left:4px solid #f0b400"),
    );
  }

  /** Show or update a waiting line. The library's host limits how often this is called. */
  private wait(notice: Notice): void {
    const line = this.lines.get(notice.id);
    if (line !== undefined) {
      line.notice = notice;
      line.cell.update(waitingBundle(notice), line.displayId);
      return;
    }
    const cell = this.latest ?? currentCell();
    if (cell === undefined) return;
    const started: Line = { cell, displayId: "", notice };
    this.lines.set(notice.id, started);
    this.show(started);
  }

  private done(id: string): void {
    const line = this.lines.get(id);
    if (line === undefined) return;
    this.lines.delete(id);
    line.cell.update(NOTHING, line.displayId);
  }
}

function waitingBundle({ text, progress }: Notice): MimeBundle {
  const style = "border-left:4px solid #8ab4f8";
  if (progress === undefined) return bundle(text, style);
  const percent = Math.floor(fractionOf(progress) * 100);
  const bar =
    `<div role="progressbar" aria-valuenow="${percent}" aria-valuemin="0" aria-valuemax="100" ` +
    'style="max-width:30em;height:8px;margin:3px 0;border-radius:4px;overflow:hidden;background:rgba(128,128,128,0.3)">' +
    `<div style="width:${percent}%;height:100%;background:#4c8bf5"></div></div>`;
  return bundle(text, style, bar, ` ${textBar(progress)}`);
}

function bundle(text: string, style: string, below = "", after = ""): MimeBundle {
  const html = `<div style="padding:2px 8px;${style}">${escapeHtml(text)}${below}</div>`;
  return { data: { "text/plain": text + after, "text/html": html }, metadata: {} };
}
