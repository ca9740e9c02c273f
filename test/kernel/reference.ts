/**
 * The messages that a kernel may send by version 5.4 of Jupyter's messaging specification: one schema for each type.
 *
 * It is as strict as the strictest client: a field that is missing, that has another type, or that the specification
 * does not know is a mistake.
 */

/** Gives back a value of type `T`; throws and says where if it is something else. */
type Schema<T> = (value: unknown, at: string) => T;
type Typed<S> = S extends Schema<infer T> ? T : never;
type Fields = Record<string, Schema<unknown>>;
type Shape<R extends Fields, O extends Fields> = { [K in keyof R]: Typed<R[K]> } & {
  [K in keyof O]?: Typed<O[K]>;
};

function wrong(at: string, expected: string, value: unknown): never {
  throw new TypeError(`${at} should be ${expected}, not ${JSON.stringify(value)?.slice(0, 200)}`);
}

const primitive =
  <T>(type: string): Schema<T> =>
  (value, at) =>
    typeof value === type ? (value as T) : wrong(at, `a ${type}`, value);

const string = primitive<string>("string");
const boolean = primitive<boolean>("boolean");
const count: Schema<number> = (value, at) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : wrong(at, "a whole number", value);
const amount: Schema<number> = (value, at) =>
  typeof value === "number" && value >= 0 ? value : wrong(at, "a number", value);
const json: Schema<unknown> = (value, at) => (value === undefined ? wrong(at, "there", value) : value);

const matching =
  (pattern: RegExp): Schema<string> =>
  (value, at) =>
    typeof value === "string" && pattern.test(value) ? value : wrong(at, `like ${pattern}`, value);

const oneOf =
  <const T>(...values: readonly T[]): Schema<T> =>
  (value, at) =>
    values.includes(value as T) ? (value as T) : wrong(at, `one of ${values.join(", ")}`, value);

const nullOr =
  <T>(inner: Schema<T>): Schema<T | null> =>
  (value, at) =>
    value === null ? null : inner(value, at);

const list =
  <T>(inner: Schema<T>): Schema<T[]> =>
  (value, at) =>
    Array.isArray(value) ? value.map((item, i) => inner(item, `${at}[${i}]`)) : wrong(at, "an array", value);

const tuple =
  (...items: readonly Schema<unknown>[]): Schema<unknown[]> =>
  (value, at) =>
    Array.isArray(value) && value.length === items.length
      ? items.map((item, i) => item(value[i], `${at}[${i}]`))
      : wrong(at, `an array of ${items.length}`, value);

function plain(value: unknown, at: string): Record<string, unknown> {
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
  return isPlain ? (value as Record<string, unknown>) : wrong(at, "an object", value);
}

const record =
  <T>(inner: Schema<T>, key: RegExp = /^/): Schema<Record<string, T>> =>
  (value, at) => {
    const fields = plain(value, at);
    for (const [name, field] of Object.entries(fields)) {
      matching(key)(name, `a name in ${at}`);
      inner(field, `${at}.${name}`);
    }
    return fields as Record<string, T>;
  };

/** An object with all of the required fields, any of the optional ones, and no other. */
const object =
  <R extends Fields, O extends Fields = Record<never, never>>(
    required: R,
    optional?: O,
  ): Schema<Shape<R, O>> =>
  (value, at) => {
    const fields = plain(value, at);
    for (const [name, schema] of Object.entries(required)) schema(fields[name], `${at}.${name}`);
    for (const [name, field] of Object.entries(fields)) {
      if (name in required) continue;
      const schema = optional?.[name];
      if (schema === undefined) wrong(`${at}.${name}`, "left out", field);
      else schema(field, `${at}.${name}`);
    }
    return fields as Shape<R, O>;
  };

/** An object whose field `tag` says which of several shapes it has. */
const variant =
  <V extends Record<string, Schema<unknown>>>(tag: string, shapes: V): Schema<Typed<V[keyof V]>> =>
  (value, at) => {
    const chosen = shapes[String(plain(value, at)[tag])];
    if (chosen === undefined) wrong(`${at}.${tag}`, `one of ${Object.keys(shapes).join(", ")}`, value);
    return chosen(value, at) as Typed<V[keyof V]>;
  };

const anything = record(json);
const ok = oneOf("ok");
const mimeType = /^[a-z]+\/[\w.+-]+$/;

/** Data by MIME type: text under a type of text or picture, any JSON under a type of JSON. */
const mimeBundle: Schema<Record<string, unknown>> = (value, at) => {
  const bundle = record(json, mimeType)(value, at);
  for (const [type, entry] of Object.entries(bundle)) {
    if (!/[/+]json$/.test(type)) string(entry, `${at}.${type}`);
  }
  return bundle;
};

const failure = { status: oneOf("error"), ename: string, evalue: string, traceback: list(string) };
const shown = { data: mimeBundle, metadata: anything };
const displayed = object({ ...shown, transient: object({}, { display_id: string }) });
const comm = { comm_id: string, data: anything };

/** A reply that is as described if all went well, and otherwise an error. */
const reply = <S>(success: Schema<S>) => variant("status", { ok: success, error: object(failure) });

const payload = variant("source", {
  page: object({ source: oneOf("page"), data: mimeBundle, start: count }),
  set_next_input: object({ source: oneOf("set_next_input"), text: string, replace: boolean }),
  ask_exit: object({ source: oneOf("ask_exit"), keepkernel: boolean }),
});
const expression = variant("status", { ok: object({ status: ok, ...shown }), error: object(failure) });
const executed = { execution_count: count, user_expressions: record(expression), payload: list(payload) };

const completion = object({ text: string, start: count, end: count, type: string });
const language = object(
  { name: string, version: string, mimetype: matching(mimeType), file_extension: matching(/^\.\w+$/) },
  // A string, though the specification allows an object too: strict clients read no other.
  { pygments_lexer: string, codemirror_mode: string, nbconvert_exporter: string },
);

/** The content of every message that goes to the client which asked. */
const replies = {
  execute_reply: variant("status", {
    ok: object({ status: ok, ...executed }),
    error: object({ ...failure, ...executed }),
    // The specification would have a count here, too; ipykernel sends none, and a cell that was not run has none.
    aborted: object({ status: oneOf("aborted") }),
  }),
  inspect_reply: reply(object({ status: ok, found: boolean, ...shown })),
  complete_reply: reply(
    object({
      status: ok,
      matches: list(string),
      cursor_start: count,
      cursor_end: count,
      metadata: object({}, { _jupyter_types_experimental: list(completion) }),
    }),
  ),
  history_reply: reply(
    object({
      status: ok,
      history: list((entry, at) => {
        const withOutput = Array.isArray(entry) && Array.isArray(entry[2]);
        return tuple(count, count, withOutput ? tuple(string, nullOr(string)) : string)(entry, at);
      }),
    }),
  ),
  is_complete_reply: variant("status", {
    complete: object({ status: oneOf("complete") }),
    incomplete: object({ status: oneOf("incomplete"), indent: matching(/^\s*$/) }),
    invalid: object({ status: oneOf("invalid") }),
    unknown: object({ status: oneOf("unknown") }),
    error: object(failure),
  }),
  comm_info_reply: reply(object({ status: ok, comms: record(object({ target_name: string })) })),
  kernel_info_reply: reply(
    object(
      {
        status: ok,
        protocol_version: matching(/^\d+\.\d+(\.\d+)?$/),
        implementation: string,
        implementation_version: string,
        language_info: language,
        banner: string,
      },
      // The last is of 5.5: JupyterLab asks for it by its name whatever the version.
      {
        debugger: boolean,
        help_links: list(object({ text: string, url: matching(/^https?:\/\//) })),
        supported_features: list(string),
      },
    ),
  ),
  shutdown_reply: reply(object({ status: ok, restart: boolean })),
  interrupt_reply: reply(object({ status: ok })),
  // Not in the specification: jupyter-resource-usage reads what ipykernel sends.
  usage_reply: object(
    {
      hostname: string,
      pid: count,
      kernel_cpu: amount,
      kernel_memory: count,
      cpu_count: count,
      host_virtual_memory: object({
        ...{ total: count, available: count, percent: amount, used: count, free: count },
      }),
    },
    { host_cpu_percent: amount },
  ),
} satisfies Record<string, Schema<unknown>>;

/** The content of every message that goes to all clients. */
const broadcasts = {
  status: object({ execution_state: oneOf("starting", "busy", "idle") }),
  stream: object({ name: oneOf("stdout", "stderr"), text: matching(/./s) }),
  display_data: displayed,
  update_display_data: object({ ...shown, transient: object({ display_id: string }) }),
  execute_input: object({ code: string, execution_count: count }),
  execute_result: object({ ...shown, execution_count: count }),
  error: object({ ename: string, evalue: string, traceback: list(string) }),
  clear_output: object({ wait: boolean }),
  comm_open: object({ ...comm, target_name: string }, { target_module: nullOr(string) }),
  comm_msg: object(comm),
  comm_close: object(comm),
  shutdown_reply: replies.shutdown_reply,
} satisfies Record<string, Schema<unknown>>;

const questions = { input_request: object({ prompt: string, password: boolean }) };

const schemas = { shell: replies, control: replies, iopub: broadcasts, stdin: questions };

/** The contents of the messages that a kernel sends, by their type. */
export type Contents = {
  [K in keyof typeof replies]: Typed<(typeof replies)[K]>;
} & { [K in keyof typeof broadcasts]: Typed<(typeof broadcasts)[K]> } & {
  [K in keyof typeof questions]: Typed<(typeof questions)[K]>;
};

const header = object({
  msg_id: matching(/^.+$/),
  msg_type: string,
  session: matching(/^.+$/),
  username: string,
  // ISO 8601 to the second at least, with a time zone.
  date: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/),
  version: oneOf("5.4"),
});

/** A message as its four parts were read. */
export interface Received {
  readonly channel: keyof typeof schemas;
  readonly header: unknown;
  readonly parent: unknown;
  readonly metadata: unknown;
  readonly content: unknown;
}

/**
 * Checks one message of a kernel.
 *
 * @param sent - the header that the client gave the request with an id, as JSON; undefined for an unknown id
 * @throws {TypeError} it is not what the specification says; the message names the field
 */
export function checkMessage(message: Received, sent: (id: string) => string | undefined): void {
  const { channel, content } = message;
  const { msg_type: type } = header(message.header, "header");
  const at = `${type} on ${channel}`;
  const schema = (schemas[channel] as Record<string, Schema<unknown>>)[type];
  if (schema === undefined) throw new TypeError(`a kernel sends no ${at}`);
  anything(message.metadata, `${at}: metadata`);
  schema(content, `${at}: content`);

  const parent = plain(message.parent, `${at}: parent_header`);
  if (Object.keys(parent).length === 0) {
    // Messages without a request: the kernel's start and end, and its own messages between them.
    if (channel !== "iopub") throw new TypeError(`${at} answers nothing`);
    return;
  }
  const request = sent(String(parent.msg_id));
  if (request !== JSON.stringify(parent)) {
    throw new TypeError(`${at}: the parent header is not that of a request: ${JSON.stringify(parent)}`);
  }
  const expected = String(parent.msg_type).replace(/_request$/, "_reply");
  if ((channel === "shell" || channel === "control") && type !== expected)
    throw new TypeError(`${at} answers a ${parent.msg_type}`);
}
