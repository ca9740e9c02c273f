import { inspect } from "node:util";
import type { StockLevel } from "../../preprocessing/pool/pool";
import type { FactoryStatus } from "../../preprocessing/producer";
import { formatBytes } from "../../text/figures";
import { escapeHtml, htmlTable } from "../../text/html";
import { jupyterDisplay } from "../../text/mime";
import { nameOf } from "./names";

/** The amounts of one kind of correlated randomness. */
export interface StoreLine {
  readonly kind: string;
  /** Ready items. */
  readonly ready: number;
  /** Items that are being made. */
  readonly coming: number;
  /** Items that have been used; each is used once. */
  readonly used: number;
  /** Bytes of memory of the ready items. */
  readonly bytes: number;
}

/** The correlated randomness at the time of the call to `store()`: a gauge in a notebook, text elsewhere. */
export class Store {
  readonly lines: readonly StoreLine[];

  /** @param factory - what workers on other machines do; undefined if the session has none */
  constructor(
    levels: readonly StockLevel[],
    readonly factory?: FactoryStatus,
  ) {
    const lines = new Map<string, StoreLine>();
    for (const { kind, ready, coming, used, bytes } of levels) {
      const name = nameOf(kind);
      const sum = lines.get(name) ?? { kind: name, ready: 0, coming: 0, used: 0, bytes: 0 };
      lines.set(name, {
        kind: name,
        ready: sum.ready + ready,
        coming: sum.coming + coming,
        used: sum.used + used,
        bytes: sum.bytes + bytes,
      });
    }
    this.lines = [...lines.values()].filter(({ ready, coming, used }) => ready + coming + used > 0);
  }

  /** Return the number of ready items of a kind, such as `ready("triples")`. */
  ready(kind: string): number {
    return this.lines.find((line) => line.kind === kind)?.ready ?? 0;
  }

  toString(): string {
    const lines = this.lines.map((line) => `${line.kind}: ${figures(line)}`);
    if (lines.length === 0) lines.push(EMPTY);
    if (this.factory) lines.push(showFactory(this.factory));
    return lines.join("\n");
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [jupyterDisplay](): Record<string, string> {
    const html = this.lines.length === 0 ? EMPTY : gauge(this.lines);
    const workers = this.factory ? `<div>${escapeHtml(showFactory(this.factory))}</div>` : "";
    return { "text/plain": this.toString(), "text/html": html + workers };
  }
}

const EMPTY = "The store is empty: nothing has been made yet.";

/** Say in one line what the workers do. */
function showFactory(status: FactoryStatus): string {
  const { connected, workers, pairs, underWay, jobs, items, itemsPerSecond, embedded, retries, lost } =
    status;
  if (!connected) return "factory: NATS cannot be reached; everything is made in this process";
  const number = (value: number) => Math.round(value).toLocaleString("en");
  const count = workers.free + workers.pairing + workers.ready + workers.busy;
  return [
    `factory: ${count} workers here (${workers.busy} busy, ${workers.free} without a partner), ${pairs} pairs ready`,
    `${underWay} jobs under way`,
    `${number(items)} items in ${number(jobs)} jobs (${number(itemsPerSecond)} a second)`,
    `${number(embedded)} jobs made in this process`,
    ...(retries + lost > 0 ? [`${retries} jobs published again, ${lost} runs lost`] : []),
  ].join(", ");
}

function figures({ ready, coming, used, bytes }: StoreLine): string {
  return [
    `${ready.toLocaleString("en")} ready (${formatBytes(bytes)})`,
    ...(coming > 0 ? [`${coming.toLocaleString("en")} being made`] : []),
    `${used.toLocaleString("en")} used`,
  ].join(", ");
}

/** Draw a bar for each kind: items that are ready, being made, and used. */
function gauge(lines: readonly StoreLine[]): string {
  const part = (colour: string, share: number, title: string) =>
    share > 0
      ? `<span title="${escapeHtml(title)}" style="display:inline-block;height:100%;width:${(100 * share).toFixed(1)}%;background:${colour}"></span>`
      : "";
  const rows = lines.map((line) => {
    const { ready, coming, used } = line;
    const all = ready + coming + used;
    const bar =
      part("#2e7d32", ready / all, "ready") +
      part("#a5d6a7", coming / all, "being made") +
      part("#bdbdbd", used / all, "used");
    const html = `<span style="display:inline-block;width:16em;height:0.9em;overflow:hidden;white-space:nowrap;border-radius:3px;background:#eee">${bar}</span>`;
    return [{ html }, figures(line)];
  });
  const names = lines.map(({ kind }) => kind);
  return htmlTable(rows, { names, content: "text", label: "correlated randomness in store" });
}
