/**
 * Jupyter's widget protocol, version 2: models with the same state in the kernel and in the front end.
 *
 * A front end with widgets announces them when it connects: it opens a comm, or asks for ours. Send nothing before
 * that, because JupyterLab without its widget manager would log an error for each comm. Show widgets as HTML until
 * then, and show them again when widgets are announced.
 */

import { randomUUID } from "node:crypto";
import type { Content } from "../wire/message";
import { type Comm, comms } from "./comms";

const TARGET = "jupyter.widget";
/** The version of the protocol and of the models. */
const VERSION = { version: "2.0.0" };
/** The minimum time between two updates, in milliseconds. */
const INTERVAL = 100;

/** The front end's classes for a model and its view. */
export interface ModelClass {
  readonly module: string;
  readonly model: string;
  readonly view: string;
  /** The module of the view's class. Default: the model's module. */
  readonly viewModule?: string;
  /** The version of the modules. Default: that of Jupyter's controls, 2.0.0. */
  readonly version?: string;
  /** The names of the state that the kernel never sends, such as a password. */
  readonly hidden?: readonly string[];
}

/** Events of a model, besides changes of its state. */
export interface ModelEvents {
  /** The state changed and the front end has no widgets, or the front end has just announced widgets. */
  readonly refresh?: () => void;
  /** The view wants to change a part of the state. Return whether the value is allowed. */
  readonly allows?: (name: string, value: unknown) => boolean;
  /** The view has changed parts of the state. */
  readonly changed?: (names: readonly string[]) => void;
  /** A custom message from the view. */
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
      _model_module_version: kind.version ?? VERSION.version,
      _model_name: kind.model,
      _view_module: kind.viewModule ?? kind.module,
      _view_module_version: kind.version ?? VERSION.version,
      _view_name: kind.view,
      _view_count: null,
      ...state,
    };
    models.set(this.id, this);
    this.comm = comms.add(this.id, TARGET, {
      message: (data) => this.receive(data),
      closed: () => models.delete(this.id),
    });
    if (present) comms.announce(this.id, { state: this.visible, buffer_paths: [] }, VERSION);
  }

  /** The reference to this model in the state of another model. */
  get reference(): string {
    return `IPY_MODEL_${this.id}`;
  }

  /** The model's description for a front end that connects later. */
  get described(): Content {
    const { module, model } = this.kind;
    return {
      model_name: model,
      model_module: module,
      model_module_version: this.kind.version ?? VERSION.version,
      state: this.visible,
    };
  }

  /** The state without what is hidden. */
  private get visible(): Content {
    const state = { ...this.state };
    for (const name of this.kind.hidden ?? []) state[name] = "";
    return state;
  }

  get(name: string): unknown {
    return this.state[name];
  }

  /** Change a part of the state. The front end is updated soon. */
  set(name: string, value: unknown): void {
    if (this.state[name] === value || !models.has(this.id)) return;
    this.state[name] = value;
    if (!this.kind.hidden?.includes(name)) this.pending[name] = value;
    changed.add(this);
    timer ??= setTimeout(flushModels, Math.max(0, flushed + INTERVAL - Date.now()));
  }

  /** Send the changes. */
  flush(): void {
    const state = this.pending;
    this.pending = {};
    if (present && Object.keys(state).length === 0) return;
    if (present) this.comm.send({ method: "update", state, buffer_paths: [] });
    else this.show();
  }

  /** Show the model again. */
  show(): void {
    this.events.refresh?.();
  }

  /** Remove the model from the front end. */
  close(): void {
    changed.delete(this);
    models.delete(this.id);
    this.comm.close(present);
  }

  private receive({ method, state, content }: Content): void {
    if (method === "request_state") {
      arrive();
      this.comm.send({ method: "update", state: this.visible, buffer_paths: [] });
    } else if (method === "custom") {
      this.events.custom?.((content ?? {}) as Content);
    } else if (method === "update") {
      // Take the view's changes, but let it add nothing to the model.
      const names: string[] = [];
      for (const [name, value] of Object.entries((state ?? {}) as Content)) {
        const known = Object.hasOwn(this.state, name) && !name.startsWith("_");
        if (!known || this.state[name] === value || this.events.allows?.(name, value) === false) continue;
        this.state[name] = value;
        names.push(name);
      }
      if (names.length > 0) this.events.changed?.(names);
    }
  }
}

/** Send all pending changes, for example at the end of a cell. */
export function flushModels(): void {
  clearTimeout(timer);
  timer = undefined;
  if (changed.size === 0) return;
  flushed = Date.now();
  const all = [...changed];
  changed.clear();
  for (const model of all) model.flush();
}

/** Return whether a front end has announced widgets. */
export function hasWidgets(): boolean {
  return present;
}

/** Note a comm_info_request. Only a front end with widgets asks for the comms of widgets. */
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
