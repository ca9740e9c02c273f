/** Comms, and the widgets that live on them: for a front end that has widgets, and for one that has none. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient, type Message, withoutColours } from "./client";

const VIEW = "application/vnd.jupyter.widget-view+json";
const CONTROLS = "@jupyter-widgets/controls";

let kernel: KernelClient;

async function succeeds(code: string) {
  const execution = await kernel.run(code);
  expect(execution.traceback).toBe("");
  return execution;
}

const latest = (type: string) => kernel.inbox.filter(({ header }) => header.msg_type === type).at(-1)!;

const isComm =
  (type: string, id: string) =>
  ({ header, content }: Message) =>
    header.msg_type === type && content.comm_id === id;

describe("where the front end has no widgets", () => {
  beforeAll(async () => {
    kernel = await KernelClient.start();
  });
  afterAll(() => kernel?.stop());

  test("a bar is HTML that is replaced in place, and no comm is offered", async () => {
    const { all } = await succeeds('const bar = new IntProgress({ max: 8, description: "a<b" }); bar');
    expect(all("execute_result")).toEqual([]);
    const [shown] = all("display_data");
    const { display_id } = shown!.transient;
    expect(display_id).toMatch(/^[0-9a-f]{32}$/);
    expect(Object.keys(shown!.data)).toEqual(["text/plain", "text/html"]);
    expect(shown!.data["text/plain"]).toMatch(/^a<b ▕░+▏ 0 %$/);
    expect(shown!.data["text/html"]).toContain("a&#60;b");
    expect(shown!.data["text/html"]).toContain('aria-valuenow="0"');

    // The change is on its way before the cell that made it ends, and belongs to the cell that shows the bar.
    const shownBy = latest("display_data").parent.msg_id;
    const later = await succeeds("bar.value = 4; bar.barStyle = 'danger'; bar.value += 2; 0");
    const update = latest("update_display_data");
    expect(update.parent.msg_id).toBe(shownBy);
    expect(update.content.transient).toEqual({ display_id });
    expect(update.content.data["text/plain"]).toMatch(/75 %$/);
    expect(update.content.data["text/html"]).toContain("#f44336");
    expect(kernel.inbox.indexOf(update)).toBeLessThan(kernel.inbox.indexOf(later.messages.at(-1)!));
    expect(kernel.inbox.filter(({ header }) => header.msg_type.startsWith("comm_"))).toEqual([]);
  });

  test("a bar that is set often is shown ten times a second at most, and its last value always", async () => {
    const { all, result } = await kernel.run(
      "const fast = new IntProgress({ max: 50 }); await display(fast); const t0 = Date.now(); for (let i = 1; i <= 50; i++) { fast.value = i; await new Promise((r) => setTimeout(r, 10)) } Date.now() - t0",
    );
    const updates = all("update_display_data");
    expect(updates.length).toBeGreaterThanOrEqual(2);
    // The end of the cell adds one.
    expect(updates.length).toBeLessThanOrEqual(Number(result) / 100 + 2);
    expect(updates.at(-1)!.data["text/plain"]).toMatch(/100 %$/);
  });

  test("a button is shown and can be clicked by code; close() takes it away", async () => {
    const { all } = await succeeds(
      'const lone = new Button({ description: "Go" }); lone.onClick(() => console.log("clicked")); await display(lone); lone.click()',
    );
    expect(all("display_data")[0]!.data).toMatchObject({ "text/plain": "[ Go ]" });
    expect(all("display_data")[0]!.data["text/html"]).toMatch(/^<button disabled .*>Go<\/button>$/);
    expect(all("stream")[0]!.text).toBe("clicked\n");
    await succeeds("lone.close()");
    const update = latest("update_display_data");
    expect(update.content.data).toEqual({ "text/plain": "", "text/html": "" });
  });

  test("values are kept in their range, and wrong ones are refused", async () => {
    const { result } = await succeeds(
      "const r = new IntProgress({ min: 2, max: 5, value: 9 }); const seen = [r.value]; r.value = -1; seen.push(r.value); r.max = 3; r.value = 4; seen.push(r.value); r.min = 3; seen.push(r.value); seen",
    );
    expect(result).toBe("[ 5, 2, 3, 3 ]");
    for (const [code, message] of [
      ["new IntProgress({ max: 1.5 })", "integers, got 1.5"],
      ["new IntProgress({ min: 3, max: 1 })", "got min 3 and max 1"],
      ["r.value = NaN", "got NaN"],
      ['r.barStyle = "pink" as any', "barStyle must be one of"],
      ['new Button({ buttonStyle: "pink" as any })', "buttonStyle must be one of"],
    ]) {
      const { reply } = await kernel.run(code!);
      expect(reply).toMatchObject({ ename: "RangeError", evalue: expect.stringContaining(message!) });
    }
  });

  test("a panel is HTML too, and code can use its controls", async () => {
    const { all } = await succeeds(
      'const n = new IntSlider({ value: 3, max: 9, description: "n" }); const who = new Dropdown({ options: [["Ann", 1], ["Bob <b>", 2]], description: "who" }); const pass = new Password({ description: "key" }); const panel = new VBox([n, new HBox([who, pass]), new HTML({ value: "<i>x</i>" }), new Checkbox({ value: true })]); panel',
    );
    const { data } = all("display_data")[0]!;
    expect(data["text/plain"]).toBe("n 3\nwho Ann\nkey\nx\n☑");
    const { result, text } = await succeeds(
      'const heard: unknown[] = []; n.onChange((value) => heard.push(value)); const off2 = who.onChange((value) => console.log("chosen", value)); n.value = 40; who.value = 2; off2(); who.value = 1; who.value = 2; pass.value = "hunter2"; await null; [n.value, who.value, pass.value === "hunter2", heard]',
    );
    expect(result).toBe("[ 9, 2, true, [ 9 ] ]");
    expect(text()).toBe("chosen 2\n");
    const update = latest("update_display_data").content.data;
    expect(update["text/plain"]).toContain("n 9\nwho Bob <b>\nkey ••••••");
    expect(update["text/html"]).toContain("Bob &#60;b&#62;");
    expect(JSON.stringify(kernel.inbox)).not.toMatch(/"text\/\w+":"[^"]*hunter2/);
    for (const [code, message] of [
      ["new IntSlider({ value: 1.5 })", "takes integers, got 1.5"],
      ["new FloatSlider({ min: 1, max: 0 })", "min ≤ max"],
      ["n.value = NaN", "not a value"],
      ["who.value = 3", "no option 3"],
      ["new Dropdown({ options: [] })", "at least one option"],
    ]) {
      const { reply } = await kernel.run(code!);
      expect(reply).toMatchObject({ ename: "RangeError", evalue: expect.stringContaining(message!) });
    }
  });

  test("widgets are typed and explained", async () => {
    expect((await kernel.run('new IntProgress({ max: "9" })')).reply.ename).toBe("TypeScriptError");
    const hover = async (code: string) =>
      (
        await kernel.request("inspect_request", {
          code,
          cursor_pos: code.length,
          detail_level: 0,
        })
      ).data["text/plain"];
    expect(await hover("IntProgress")).toContain("A progress bar that this cell and later cells can update");
    expect(await hover("new IntProgress")).toContain(
      "Create a bar. Show it as the last expression of a cell",
    );
    expect(await hover("bar.value")).toContain("The current value, limited to the range");
    expect(await hover("lone.onClick")).toContain("Run `handler` at each click.");
    const { matches } = await kernel.request("complete_request", { code: "bar.", cursor_pos: 4 });
    expect(matches).toEqual(
      expect.arrayContaining(["barStyle", "close", "description", "max", "min", "value"]),
    );
    expect(matches.join()).not.toMatch(/fallback|#|DISPLAY/);
  });
});

describe("where the front end has widgets", () => {
  const control = "control-1";
  beforeAll(async () => {
    kernel = await KernelClient.start();
    await succeeds("const early = new IntProgress({ value: 7 }); early");
    const metadata = { version: "1.0.0" };
    const open = { comm_id: control, target_name: "jupyter.widget.control", data: {} };
    kernel.send("shell", "comm_open", open, { metadata });
  });
  afterAll(() => kernel?.stop());

  /** The models that the kernel has, as the front end asks for them. */
  async function states() {
    const before = kernel.inbox.length;
    kernel.send("shell", "comm_msg", { comm_id: control, data: { method: "request_states" } });
    const answer = await kernel.waitFor(
      (message) => kernel.inbox.indexOf(message) >= before && isComm("comm_msg", control)(message),
    );
    expect(answer.content.data).toMatchObject({ method: "update_states", buffer_paths: [] });
    return answer.content.data.states as Record<string, { model_name: string; state: Message["content"] }>;
  }

  test("HTML that was shown before becomes a widget, without text that could get out of date", async () => {
    const isUpdate = ({ header }: Message) => header.msg_type === "update_display_data";
    const { content } = await kernel.waitFor(isUpdate);
    const { display_id } = content.transient;
    const view = { version_major: 2, version_minor: 0, model_id: display_id };
    expect(content.data).toEqual({ "text/plain": "[IntProgress]", [VIEW]: view });
    expect(latest("display_data").content.transient).toEqual({ display_id });
    expect((await states())[display_id]).toMatchObject({ model_name: "IntProgressModel" });
  });

  /** Makes a widget. Returns its model's id and the front end's messages about it. */
  async function made(code: string) {
    const { all, messages } = await succeeds(code);
    const { model_id } = all("display_data")[0]!.data[VIEW];
    const opened = messages.filter(({ header }) => header.msg_type === "comm_open");
    return { id: String(model_id), opened };
  }

  const click = (id: string) =>
    kernel.send("shell", "comm_msg", {
      comm_id: id,
      data: { method: "custom", content: { event: "click" } },
    });

  test("the front end gets the models that existed before it connected", async () => {
    const all = Object.values(await states());
    expect(all.map(({ model_name }) => model_name).sort()).toEqual([
      "IntProgressModel",
      "LayoutModel",
      "ProgressStyleModel",
    ]);
    expect(all.find(({ model_name }) => model_name === "IntProgressModel")).toMatchObject({
      model_module: CONTROLS,
      model_module_version: "2.0.0",
      state: { value: 7, _view_name: "ProgressView" },
    });
  });

  test("a bar is three models, and its state has what ipywidgets 8 sends", async () => {
    const { id, opened } = await made('const bar = new IntProgress({ max: 10, description: "d" }); bar');
    expect(opened.map(({ content }) => content.data.state._model_name)).toEqual([
      "LayoutModel",
      "ProgressStyleModel",
      "IntProgressModel",
    ]);
    const [layout, style, main] = opened;
    for (const { metadata, content } of opened) {
      expect(metadata).toEqual({ version: "2.0.0" });
      expect(content).toMatchObject({ target_name: "jupyter.widget", data: { buffer_paths: [] } });
    }
    expect(layout!.content.data.state).toMatchObject({
      _model_module: "@jupyter-widgets/base",
      _view_module: "@jupyter-widgets/base",
      _view_name: "LayoutView",
    });
    expect(style!.content.data.state).toMatchObject({
      _model_module: CONTROLS,
      _view_module: "@jupyter-widgets/base",
      _view_name: "StyleView",
    });
    expect(main!.content.comm_id).toBe(id);
    expect(main!.content.data.state).toEqual({
      _dom_classes: [],
      _model_module: CONTROLS,
      _model_module_version: "2.0.0",
      _model_name: "IntProgressModel",
      _view_count: null,
      _view_module: CONTROLS,
      _view_module_version: "2.0.0",
      _view_name: "ProgressView",
      bar_style: "",
      description: "d",
      description_allow_html: false,
      layout: `IPY_MODEL_${layout!.content.comm_id}`,
      max: 10,
      min: 0,
      orientation: "horizontal",
      style: `IPY_MODEL_${style!.content.comm_id}`,
      tabbable: null,
      tooltip: null,
      value: 0,
    });

    // Only what changed is sent, together, and no HTML beside it.
    const { messages } = await succeeds("bar.value = 3; bar.value = 4; bar.description = 'e'; 0");
    const updates = messages.filter(isComm("comm_msg", id));
    expect(updates.map(({ content }) => content.data)).toEqual([
      { method: "update", state: { value: 4, description: "e" }, buffer_paths: [] },
    ]);
    expect(messages.some(({ header }) => header.msg_type === "update_display_data")).toBe(false);

    const asked = kernel.send("shell", "comm_msg", { comm_id: id, data: { method: "request_state" } });
    const answer = await kernel.waitFor(
      (message) => message.parent.msg_id === asked && isComm("comm_msg", id)(message),
    );
    expect(answer.content.data.state).toMatchObject({ value: 4, max: 10, description: "e" });
  });

  test("comm_info lists the models, and none of another target", async () => {
    const info = async (content: object) => (await kernel.request("comm_info_request", content)).comms;
    const ids = Object.keys(await states());
    expect(Object.keys(await info({ target_name: "jupyter.widget" })).sort()).toEqual(ids.sort());
    expect(await info({ target_name: "other" })).toEqual({});
    expect(await info({})).toMatchObject({ [control]: { target_name: "jupyter.widget.control" } });
  });

  test("the kernel sees changes made in the view, and accepts nothing else", async () => {
    const { id } = await made("const seen = new IntProgress({ max: 10 }); seen");
    const state = { value: 6, invented: 1 };
    kernel.send("shell", "comm_msg", { comm_id: id, data: { method: "update", state, buffer_paths: [] } });
    expect((await succeeds("seen.value")).result).toBe("6");
    expect((await states())[id]!.state).not.toHaveProperty("invented");
  });

  test("a click runs the handler, whose output belongs to the cell that set it", async () => {
    const { id } = await made('const go = new Button({ description: "Go", buttonStyle: "primary" }); go');
    const owner = kernel.begin(
      'const off = go.onClick(async (b) => { console.log("clicked " + b.description); display("shown"); await null; throw new RangeError("in the handler") }); 0',
    );
    await kernel.finished(owner);
    await succeeds('"a later cell"');
    click(id);
    await kernel.printed(owner, "clicked Go");
    const failure = await kernel.printed(owner, "in the handler");
    expect(withoutColours(failure.content.text)).toMatch(
      /^Uncaught RangeError: in the handler\n {4}at .*In \[/m,
    );
    const display = ({ header, parent }: Message) =>
      header.msg_type === "display_data" && parent.msg_id === owner;
    expect((await kernel.waitFor(display)).content.data["text/plain"]).toBe("'shown'");

    await succeeds("off(); 0");
    const last = click(id);
    await kernel.waitFor(
      ({ parent, content }) => parent.msg_id === last && content.execution_state === "idle",
    );
    await succeeds("0");
    expect(kernel.inbox.filter(display)).toHaveLength(1);
  });

  test("a click arrives while a cell waits, so that a button can stop it", async () => {
    const { id } = await made('const stop = new Button({ description: "Stop" }); stop');
    const waiting = kernel.begin(
      'await new Promise<void>((r) => { stop.onClick(() => r()); console.log("waits") }); "stopped"',
    );
    await kernel.printed(waiting, "waits");
    click(id);
    expect((await kernel.finished(waiting)).result).toBe("'stopped'");
  });

  test("a disabled button ignores clicks", async () => {
    const { id } = await made(
      "let clicks = 0; const dull = new Button(); dull.onClick(() => clicks++); dull",
    );
    click(id);
    await succeeds("dull.disabled = true; 0");
    click(id);
    expect((await succeeds("clicks")).result).toBe("1");
  });

  test("the controls of a panel are Jupyter's, and what the user does in them is heard", async () => {
    const ids = await succeeds(
      'const n = new IntSlider({ value: 3, max: 9 }); const f = new FloatSlider({ max: 1, step: 0.01 }); const t = new Text({ placeholder: "name" }); const p = new Password(); const c = new Checkbox(); const d = new Dropdown({ options: ["a", "b"] }); const o = new Output(); const h = new HTML({ value: "<b>1</b>" }); const any = new JupyterWidget("BoundedIntTextModel", { value: 3, min: 1, max: 7 }, { view: "IntTextView" }); const panel = new VBox([new HBox([n, f, t, p, c, d]), o, h, any]); panel',
    );
    const opened = ids.messages.filter(({ header }) => header.msg_type === "comm_open");
    const model = (name: string) =>
      opened.find(({ content }) => content.data.state._model_name === name)!.content;
    const id = (name: string) => String(model(name).comm_id);
    const row = ["IntSlider", "FloatSlider", "Text", "Password", "Checkbox", "Dropdown"];
    expect(model("HBoxModel").data.state.children).toEqual(
      row.map((name) => `IPY_MODEL_${id(`${name}Model`)}`),
    );
    expect(model("IntSliderModel").data.state).toMatchObject({
      value: 3,
      min: 0,
      max: 9,
      step: 1,
      readout_format: "d",
    });
    expect(model("DropdownModel").data.state).toMatchObject({ _options_labels: ["a", "b"], index: 0 });
    expect(model("OutputModel").data.state).toMatchObject({
      _model_module: "@jupyter-widgets/output",
      _model_module_version: "1.0.0",
      outputs: [],
    });
    expect(model("BoundedIntTextModel").data.state).toMatchObject({ _view_name: "IntTextView", value: 3 });

    const owner = kernel.begin(
      'd.onChange((v) => o.run(async () => { console.log("now " + v); await null; await display(v); })); any.onChange("value", (v) => console.log("any", v)); t.onChange((v) => console.log("typed", v)); p.onChange(() => console.log("entered")); 0',
    );
    await kernel.finished(owner);
    const change = (name: string, state: object) =>
      kernel.send("shell", "comm_msg", {
        comm_id: id(name),
        data: { method: "update", state, buffer_paths: [] },
      });
    change("IntSliderModel", { value: 5 });
    // What is out of range or of another type is not taken, nor is a part that only the code may set.
    change("IntSliderModel", { value: 50 });
    change("IntSliderModel", { value: "7", max: 1000, _view_name: "x" });
    change("FloatSliderModel", { value: 0.25 });
    change("CheckboxModel", { value: true });
    change("DropdownModel", { index: 2 });
    change("DropdownModel", { index: 1 });
    change("TextModel", { value: "Ann" });
    change("PasswordModel", { value: "hunter2" });
    change("BoundedIntTextModel", { value: 4 });
    await kernel.printed(owner, "any 4");
    await kernel.printed(owner, "entered");
    await kernel.printed(owner, "typed Ann");
    const { result } = await succeeds(
      "[n.value, n.max, f.value, c.value, d.value, t.value, p.value.length, any.get('value')]",
    );
    expect(result!.replace(/\s+/g, " ")).toBe("[ 5, 9, 0.25, true, 'b', 'Ann', 7, 4 ]");
    const filled = await kernel.waitFor(
      (message) =>
        isComm("comm_msg", id("OutputModel"))(message) && message.content.data.state.outputs?.length === 2,
    );
    expect(filled.content.data.state.outputs).toMatchObject([
      { output_type: "stream", name: "stdout", text: "now b\n" },
      { output_type: "display_data", data: { "text/plain": "'b'" } },
    ]);
    // The kernel never sends a password, also not to a page that is loaded again.
    expect((await states())[id("PasswordModel")]!.state.value).toBe("");
    expect((await kernel.run("new VBox([1 as any])")).reply.ename).toBe("TypeError");
  });

  test("a widget can be closed from either side", async () => {
    const { id } = await made("const ours = new IntProgress(); ours");
    await succeeds("ours.close()");
    expect(kernel.inbox.filter(isComm("comm_close", id))).toHaveLength(1);
    const theirs = await made("const theirs = new IntProgress(); theirs");
    kernel.send("shell", "comm_close", { comm_id: theirs.id, data: {} });
    await succeeds("theirs.value = 5; 0");
    expect(kernel.inbox.filter(isComm("comm_msg", theirs.id))).toEqual([]);
    expect(await states()).not.toHaveProperty(theirs.id);
  });

  test("an unexpected comm is closed, and a message to an unknown comm is dropped", async () => {
    kernel.send("shell", "comm_open", { comm_id: "c1", target_name: "none", data: {} });
    await kernel.waitFor(isComm("comm_close", "c1"));
    const lost = kernel.send("shell", "comm_msg", { comm_id: "c2", data: {} });
    await succeeds("0");
    const answers = kernel.inbox.filter(({ parent }) => parent.msg_id === lost);
    expect(answers.map(({ content }) => content.execution_state)).toEqual(["busy", "idle"]);
  });
});
