import { escapeHtml } from "../../lib/text/html";
import { Cell, currentCell, runWithin } from "../cell/cell";
import { flushOutput } from "../cell/streams";
import { render } from "../display/render";
import type { Content } from "../wire/message";
import { type Fallback, Widget } from "./widget";

/** Keep at most this many outputs. */
const MOST = 1000;

/**
 * An area for output that later cells and handlers can fill.
 *
 * @example
 * const out = new Output();
 * start.onClick(() => out.run(async () => { out.clear(); console.log(await compute()); }));
 * new VBox([start, out])
 */
export class Output extends Widget {
  /** Create an area. Show it as the last expression of a cell, or by `display`. */
  constructor() {
    const kind = { module: "@jupyter-widgets/output", version: "1.0.0" };
    super({ ...kind, model: "OutputModel", view: "OutputView" }, { msg_id: "", outputs: [] });
  }

  /** Run `work`, and show here what it prints and displays. */
  run<T>(work: () => T): T {
    const cell = currentCell();
    if (cell === undefined) return work();
    const here = new Cell(cell.number, cell.request, (type, content) => this.#take(type, content), false);
    return runWithin(here, work);
  }

  /** Show a value here, after what is shown already. */
  async show(value: unknown): Promise<void> {
    const { data, metadata } = await render(value);
    this.#take("display_data", { data, metadata });
  }

  /** Remove what is shown here. */
  clear(): void {
    this.set("outputs", []);
  }

  #take(type: string, content: Content): void {
    if (type !== "stream") flushOutput();
    const outputs = this.get("outputs") as readonly Content[];
    const last = outputs.at(-1);
    if (type === "clear_output") this.clear();
    else if (type === "stream" && last?.output_type === "stream" && last.name === content.name) {
      const text = `${last.text}${content.text}`;
      this.set("outputs", [...outputs.slice(0, -1), { ...last, text }]);
    } else if (type === "stream" || type === "display_data" || type === "error") {
      const { transient: _, ...output } = content;
      this.set("outputs", [...outputs.slice(1 - MOST), { output_type: type, ...output }]);
    }
  }

  protected override fallback(): Fallback {
    const texts = (this.get("outputs") as readonly Content[]).map(({ text, data }) =>
      String(text ?? (data as Content | undefined)?.["text/plain"] ?? ""),
    );
    const text = texts.join("");
    return { text, html: `<pre>${escapeHtml(text)}</pre>` };
  }
}
