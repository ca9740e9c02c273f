/** The state of one notebook, and the replies to requests about it. */

import { join } from "node:path";
import { Cell, currentCell, type MimeBundle, type Publish, runIn } from "./cell/cell";
import { setInputRequest } from "./cell/input";
import { CellCompiler } from "./compile/compiler";
import { completeReply, inspectReply, isCompleteReply } from "./compile/language";
import { Notices } from "./display/notices";
import { Interrupter, KernelExit } from "./execute/interrupt";
import { magicOf, runCommand, timed, whoLines } from "./execute/magic";
import { Rejections } from "./execute/rejections";
import { Results } from "./execute/results";
import { evaluate, type Outcome, runCell, type Surroundings } from "./execute/runner";
import { Scope } from "./execute/scope";
import { place, Tracebacks } from "./execute/traceback";
import { History, type HistoryRequest } from "./history/history";
import { loadPrelude } from "./prelude";
import { flushModels } from "./widgets/models";
import type { Content, Message } from "./wire/message";

type HostModule = typeof import("../lib/session/host/host");
type RegistryModule = typeof import("../lib/session/registry");

/** Words that can follow `!` in TypeScript without being declared. */
const KEYWORDS = new Set([
  "await",
  "false",
  "new",
  "null",
  "super",
  "this",
  "true",
  "typeof",
  "undefined",
  "void",
]);

/** How a session reaches its clients. */
export interface Clients {
  readonly publish: Publish;
  /** Ask the client that sent `request` for a line of text. */
  readonly askInput: (request: Message, content: Content) => void;
  /** Resolve when everything published so far has been handed to ZeroMQ. */
  readonly flushed: () => Promise<void>;
}

/** The state of one notebook. */
export class Session {
  readonly interrupter = new Interrupter();
  private readonly rejections = new Rejections();
  private readonly history = new History();
  private readonly notices = new Notices();
  private readonly results = new Results();
  private readonly around: Surroundings;
  private readonly registry: RegistryModule;
  private readonly preloaded: Readonly<Record<string, unknown>>;
  private executions = 0;
  private running: Cell | undefined;

  /** Load the compiler, the library and its types. This is slow. */
  constructor(
    private readonly clients: Clients,
    cwd = process.cwd(),
  ) {
    const prelude = loadPrelude(cwd);
    this.preloaded = prelude.values;
    const library = join(__dirname, "../lib/session");
    (require(join(library, "host/host.js")) as HostModule).setHost({
      cell: () => currentCell()?.name,
      notify: (notice) => this.notices.notify(notice),
      place,
    });
    this.registry = require(join(library, "registry.js")) as RegistryModule;
    setInputRequest((cell, content) => clients.askInput(cell.request, content));
    this.around = {
      compiler: new CellCompiler(cwd, {
        prelude: prelude.declarations + this.results.declarations,
        library: prelude.folder,
        paths: prelude.types,
      }),
      scope: new Scope(cwd, this.results.into(prelude.values), prelude.modules),
      rejections: this.rejections,
      showUncaught: (thrown) => this.showUncaught(thrown),
      tracebacks: new Tracebacks(),
      interrupter: this.interrupter,
      settle: () => this.registry.settleAll().finally(flushModels),
      waiting: () => this.notices.waiting,
    };
    const tslab = require("tslab/dist/jupyter") as { lastWriteDisplayData: unknown };
    tslab.lastWriteDisplayData = (content: Content, update: boolean | undefined) =>
      currentCell()?.send(update ? "update_display_data" : "display_data", content);
  }

  /** The running cell, if there is one. */
  get runningCell(): Cell | undefined {
    return this.running;
  }

  /** Run a cell, and return the content of the reply. */
  async execute(request: Message): Promise<Content> {
    const { code, silent, store_history, user_expressions } = request.content;
    const source = String(code ?? "");
    const quiet = silent === true;
    const stored = !quiet && store_history !== false;
    if (stored) {
      this.executions++;
      this.history.add(this.executions, source);
    }
    const count = this.executions;
    const cell = new Cell(quiet ? 0 : count, request, this.clients.publish, quiet);
    cell.send("execute_input", { code: source, execution_count: count });
    // Send this before the cell runs: a cell that never awaits delays all messages.
    await this.clients.flushed();
    const asked = /^\s*(?:([\w$.]+)\s*\?(\??)|\?(\??)\s*([\w$.]+))\s*$/.exec(source);
    if (asked !== null) {
      const [, before, twice, alsoTwice, after] = asked;
      return this.explainName((before ?? after)!, (twice ?? alsoTwice)!.length, count);
    }
    this.running = cell;
    if (!quiet) this.notices.moveTo(cell);
    try {
      const outcome = await this.interrupter
        .guard(this.runShorthand(source, cell))
        .catch((thrown: unknown): Outcome => ({ error: this.around.tracebacks.report(thrown) }));
      if ("error" in outcome) {
        cell.send("error", { ...outcome.error });
        if (!quiet) this.registry.tellFailed(cell.name, outcome.error.ename);
        // Wait for the other operations, so that they do not end in the next cell. After an interrupt, do not wait.
        if (!["Interrupted", "KernelExit"].includes(outcome.error.ename)) {
          await this.interrupter.race(this.registry.settleAll()).catch(() => {});
        } else this.registry.releaseAll();
        return {
          status: "error",
          execution_count: count,
          ...outcome.error,
          user_expressions: {},
          payload: [],
        };
      }
      if (outcome.shown !== undefined) this.showResult(cell, outcome.shown, stored);
      if (stored && "value" in outcome) this.results.keep(count, outcome.value);
      const expressions = await this.evaluateAll(user_expressions, cell);
      return { status: "ok", execution_count: count, user_expressions: expressions, payload: [] };
    } finally {
      this.running = undefined;
    }
  }

  complete({ content }: Message): Content {
    return completeReply(
      this.around.compiler,
      String(content.code ?? ""),
      Number(content.cursor_pos ?? 0),
      this.preloaded,
    );
  }

  inspect({ content }: Message): Content {
    return inspectReply(
      this.around.compiler,
      String(content.code ?? ""),
      Number(content.cursor_pos ?? 0),
      Object.keys(this.preloaded),
      Number(content.detail_level ?? 0),
    );
  }

  isComplete({ content }: Message): Content {
    return isCompleteReply(String(content.code ?? ""));
  }

  findHistory({ content }: Message): Content {
    return { status: "ok", history: this.history.find(content as HistoryRequest) };
  }

  /** Show a rejected promise that nobody awaits: as the running cell's error, otherwise as an uncaught error. */
  showRejected(reason: unknown, promise: Promise<unknown>): void {
    if (!this.rejections.take(reason, promise)) this.showUncaught(reason);
  }

  /** Take back a rejection: somebody awaits the promise after all. */
  forgetRejected(promise: Promise<unknown>): void {
    this.rejections.forget(promise);
  }

  /** Show an uncaught error in the cell whose callback threw it. */
  showUncaught(thrown: unknown): void {
    if (thrown instanceof KernelExit) return;
    const { tracebacks } = this.around;
    const folded = tracebacks.folded(thrown);
    if (folded !== undefined) currentCell()?.display({ data: { "text/html": folded }, metadata: {} });
    process.stderr.write(`Uncaught ${tracebacks.report(thrown).traceback.join("\n")}\n`);
  }

  /** Close every interface and stop watching files. */
  async close(): Promise<void> {
    await this.registry.closeAll();
    this.around.compiler.close();
  }

  /** Run a cell that may begin with a shorthand. */
  private async runShorthand(source: string, cell: Cell): Promise<Outcome> {
    const { scope, tracebacks } = this.around;
    const magic = magicOf(source, (name) => name in scope.values || name in globalThis || KEYWORDS.has(name));
    switch (magic?.kind) {
      case undefined:
        return runCell(source, cell, this.around);
      case "code": {
        const run = () => runCell(magic.code, cell, this.around);
        return magic.timed ? runIn(cell, () => timed(run)) : run();
      }
      case "who":
        runIn(cell, () => process.stdout.write(`${whoLines(scope.values).join("\n")}\n`));
        return { shown: undefined };
      case "unknown":
        return { error: { ename: "UsageError", evalue: magic.hint, traceback: [magic.hint] } };
      case "shell":
        try {
          for (const command of magic.commands)
            await runIn(cell, () => this.interrupter.race(runCommand(command, scope.cwd)));
          return { shown: undefined };
        } catch (thrown) {
          return { error: tracebacks.report(thrown) };
        }
    }
  }

  private showResult(cell: Cell, shown: MimeBundle, stored: boolean): void {
    cell.result(shown);
    if (stored) this.history.setOutput(String(shown.data["text/plain"]));
  }

  private async evaluateAll(expressions: unknown, cell: Cell): Promise<Content> {
    const replies: Content = {};
    for (const [name, code] of Object.entries((expressions ?? {}) as Record<string, string>)) {
      const quiet = new Cell(0, cell.request, this.clients.publish, true);
      replies[name] = expressionReply(await evaluate(code, quiet, this.around));
    }
    return replies;
  }

  /** Open the pager: with the type and comment of a name for `name?`, and with its code too for `name??`. */
  private explainName(name: string, detail: number, count: number): Content {
    const length = [...name].length;
    const { data } = inspectReply(
      this.around.compiler,
      name,
      length,
      Object.keys(this.preloaded),
      detail,
    ) as {
      data: Content;
    };
    const known = "text/plain" in data ? data : { "text/plain": `Nothing is known about ${name}.` };
    const page = { source: "page", data: known, start: 0 };
    return { status: "ok", execution_count: count, user_expressions: {}, payload: [page] };
  }
}

function expressionReply(outcome: Outcome): Content {
  if ("error" in outcome) return { status: "error", ...outcome.error };
  const { data, metadata } = outcome.shown ?? { data: { "text/plain": "undefined" }, metadata: {} };
  return { status: "ok", data, metadata };
}
