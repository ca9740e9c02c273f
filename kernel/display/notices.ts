/** The library's notices, in the cell that caused them: warnings and notes stay, waiting lines come and go. */

import type { Notice } from "../../lib/session/host";
import { type Cell, currentCell, type MimeBundle } from "../execute/cell";
import { escapeHtml } from "./html";

/** The least time between two updates of one line, in milliseconds. */
const INTERVAL = 100;

interface Line {
  cell: Cell;
  displayId: string;
  text: string;
  shown: string;
  timer: NodeJS.Timeout | undefined;
}

const NOTHING: MimeBundle = { data: { "text/plain": "", "text/html": "" }, metadata: {} };

let serial = 0;

/** Shows notices in the notebook. */
export class Notices {
  private readonly lines = new Map<string, Line>();
  private readonly warned = new Set<string>();

  /** What is being waited for, one sentence each. */
  get waiting(): string[] {
    return [...this.lines.values()].map((line) => line.text);
  }

  /** Shows a notice, or updates or takes away the one with the same id. */
  notify({ id, kind, text }: Notice): void {
    if (kind === "warning") this.warn(id, text);
    else if (kind === "note") currentCell()?.display(bundle(text, "color:#666;font-size:smaller"));
    else if (kind === "waiting") this.wait(id, text);
    else this.done(id);
  }

  /** Moves the waiting lines to a cell that has just begun: it goes on waiting for what an interrupted one began. */
  moveTo(cell: Cell): void {
    for (const line of this.lines.values()) {
      line.cell.update(NOTHING, line.displayId);
      line.cell = cell;
      this.show(line);
    }
  }

  private show(line: Line): void {
    line.displayId = `spdzlab-${process.pid}-${serial++}`;
    line.shown = line.text;
    line.cell.display(waitingBundle(line.text), line.displayId);
    // At most one update in an interval, counted from the first showing on.
    clearTimeout(line.timer);
    this.hold(line);
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

  private wait(id: string, text: string): void {
    const line = this.lines.get(id);
    if (line === undefined) {
      const cell = currentCell();
      if (cell === undefined) return;
      const started: Line = { cell, displayId: "", text, shown: "", timer: undefined };
      this.lines.set(id, started);
      this.show(started);
      return;
    }
    line.text = text;
    if (line.timer === undefined) this.refresh(line);
  }

  private refresh(line: Line): void {
    if (line.shown === line.text) return;
    line.shown = line.text;
    line.cell.update(waitingBundle(line.text), line.displayId);
    this.hold(line);
  }

  private hold(line: Line): void {
    line.timer = setTimeout(() => {
      line.timer = undefined;
      this.refresh(line);
    }, INTERVAL);
    line.timer.unref();
  }

  private done(id: string): void {
    const line = this.lines.get(id);
    if (line === undefined) return;
    clearTimeout(line.timer);
    this.lines.delete(id);
    line.cell.update(NOTHING, line.displayId);
  }
}

function waitingBundle(text: string): MimeBundle {
  return bundle(text, "color:#666;border-left:4px solid #8ab4f8");
}

function bundle(text: string, style: string): MimeBundle {
  const html = `<div style="padding:2px 8px;${style}">${escapeHtml(text)}</div>`;
  return { data: { "text/plain": text, "text/html": html }, metadata: {} };
}
