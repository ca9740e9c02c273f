/**
 * Jupyter's widget protocol, version 2: models whose state is kept alike here and in the front end.
 *
 * A front end that has widgets says so when it connects, by a comm of its own or by asking for ours. Before that
 * nothing is sent: JupyterLab without its widget manager would note an error for each comm that it is offered. What
 * was shown by then is HTML, and is shown anew.
 */

import { randomUUID } from "node:crypto";
import type { Content } from "../wire/message";
import { type Comm, comms } from "./comms";

const TARGET = "jupyter.widget";
/** The version of the protocol, and that of the models. */
const VERSION = { version: "2.0.0" };
/** Changes are sent ten times a second at most. */
const INTERVAL = 100;

/** The front end's classes for a model and its view. */
export interface ModelClass {
  readonly module: string;
  readonly model: string;
  readonly view: string;
  /** Where the view's class is, if not in the model's module. */
  readonly viewModule?: string;
}

/** What happens to a model besides changes of its state. */
export interface ModelEvents {
  /** The state changed and the front end has no widgets, or it turns out to have them. */
  readonly refresh?: () => void;
  /** A message of the view. */
  readonly custom?: (content: Content) => void;
}

const models = new Map<string, Model>();
const changed = new Set<Model>();
let present = false;
let timer: NodeJS.Timeout | undefined;
let flushed = Number.NEGATIVE_INFINITY;

/** The state of one object in the front end. */
export class Model {
  readonly id = randomUUID().replaceAll("-", "");
  private readonly state: Content;
  private pending: Content = {};
  private readonly comm: Comm;

  constructor(
    private readonly kind: ModelClass,
    state: Content,
    private readonly events: ModelEvents = {},
  ) {
    this.state = {
      _model_module: kind.module,
      _model_module_version: VERSION.version,
      _model_name: kind.model,
      _view_module: kind.viewModule ?? kind.module,
      _view_module_version: VERSION.version,
      _view_name: kind.view,
      _view_count: null,
      ...state,
    };
    models.set(this.id, this);
    this.comm = comms.add(this.id, TARGET, {
      message: (data) => this.receive(data),
      closed: () => models.delete(this.id),
    });
    if (present) comms.announce(this.id, { state: this.state, buffer_paths: [] }, VERSION);
  }

  /** How the state of another model refers to this one. */
  get reference(): string {
    return `IPY_MODEL_${this.id}`;
  }

  /** The model as the front end asks for it when it comes later. */
  get described(): Content {
    const { module, model } = this.kind;
    return {
      model_name: model,
      model_module: module,
      model_module_version: VERSION.version,
      state: this.state,
    };
  }

  get(name: string): unknown {
    return this.state[name];
  }

  /** Changes a part of the state; the front end hears of it soon. */
  set(name: string, value: unknown): void {
    if (this.state[name] === value || !models.has(this.id)) return;
    this.state[name] = value;
    this.pending[name] = value;
    changed.add(this);
    timer ??= setTimeout(flushModels, Math.max(0, flushed + INTERVAL - Date.now()));
  }

  /** Sends what has changed. */
  flush(): void {
    const state = this.pending;
    this.pending = {};
    if (present) this.comm.send({ method: "update", state, buffer_paths: [] });
    else this.show();
  }

  /** Shows the model anew. */
  show(): void {
    this.events.refresh?.();
  }

  /** Takes the model out of the front end. */
  close(): void {
    changed.delete(this);
    models.delete(this.id);
    this.comm.close(present);
  }

  private receive({ method, state, content }: Content): void {
    if (method === "request_state") {
      arrive();
      this.comm.send({ method: "update", state: this.state, buffer_paths: [] });
    } else if (method === "custom") {
      this.events.custom?.((content ?? {}) as Content);
    } else if (method === "update") {
      // What the view changed; it may add nothing to a model.
      for (const [name, value] of Object.entries((state ?? {}) as Content))
        if (Object.hasOwn(this.state, name)) this.state[name] = value;
    }
  }
}

/** Sends all changes that are still held back, as at the end of a cell. */
export function flushModels(): void {
  clearTimeout(timer);
  timer = undefined;
  if (changed.size === 0) return;
  flushed = Date.now();
  const all = [...changed];
  changed.clear();
  for (const model of all) model.flush();
}

/** Whether the front end has widgets, as far as is known. */
export function hasWidgets(): boolean {
  return present;
}

/** Notes that the front end asked for comms; only its widgets ask for those of widgets. */
export function noteCommInfo({ target_name }: Content): void {
  if (target_name === TARGET) arrive();
}

function arrive(): void {
  if (present) return;
  present = true;
  for (const model of models.values()) model.show();
}

comms.register(`${TARGET}.control`, (comm) => {
  arrive();
  return {
    message: ({ method }) => {
      if (method !== "request_states") return;
      const states = [...models].map(([id, model]) => [id, model.described]);
      comm.send({ method: "update_states", states: Object.fromEntries(states), buffer_paths: [] });
    },
  };
});
