/** The reference is strict: each message here breaks one rule. */

import { expect, test } from "vitest";
import { checkMessage, type Received } from "./reference";

const request = {
  msg_id: "r1",
  msg_type: "execute_request",
  session: "client",
  username: "test",
  date: "2030-01-02T03:04:05.678Z",
  version: "5.4",
};
const sent = (id: string) => (id === "r1" ? JSON.stringify(request) : undefined);

function message(type: string, content: object, changes: object = {}): Received {
  const header = { ...request, msg_id: "k1", session: "kernel", msg_type: type };
  return { channel: "iopub", header, parent: request, metadata: {}, content, ...changes };
}

const count = { execution_count: 1 };
const good: Received[] = [
  message("status", { execution_state: "busy" }),
  message("status", { execution_state: "starting" }, { parent: {} }),
  message("stream", { name: "stdout", text: "\n" }),
  message("display_data", { data: { "text/plain": "" }, metadata: {}, transient: { display_id: "d" } }),
  message("execute_result", { ...count, data: { "application/json": [1] }, metadata: {} }),
  message(
    "execute_reply",
    { status: "ok", ...count, user_expressions: {}, payload: [] },
    { channel: "shell" },
  ),
  message("comm_open", { comm_id: "c", target_name: "t", data: {} }),
  message("input_request", { prompt: "?", password: false }, { channel: "stdin" }),
];

test.each(good.map((item) => [(item.header as { msg_type: string }).msg_type, item] as const))(
  "a correct %s passes",
  (_type, item) => {
    expect(() => checkMessage(item, sent)).not.toThrow();
  },
);

const header = { ...request, msg_id: "k1", msg_type: "status" };
const idle = { execution_state: "idle" };
const bad: [string, Received][] = [
  ["an unknown state", message("status", { execution_state: "ready" })],
  ["a state that is an object", message("status", { execution_state: { name: "idle" } })],
  ["a field too many", message("status", { ...idle, extra: 1 })],
  ["a field missing", message("stream", { name: "stdout" })],
  ["text that is not for text", message("stream", { name: "stdout", text: 1 })],
  ["empty printed text", message("stream", { name: "stdout", text: "" })],
  ["a stream of another name", message("stream", { name: "stdlog", text: "x" })],
  ["metadata that is no object", message("status", idle, { metadata: null })],
  ["metadata of a display missing", message("display_data", { data: {}, transient: {} })],
  ["an update of nothing", message("update_display_data", { data: {}, metadata: {}, transient: {} })],
  [
    "a picture as an object",
    message("display_data", { data: { "image/png": {} }, metadata: {}, transient: {} }),
  ],
  ["a name that is no MIME type", message("execute_result", { ...count, data: { html: "" }, metadata: {} })],
  ["a number as text", message("execute_input", { code: "", execution_count: "1" })],
  ["an unknown type", message("greeting", {})],
  ["a broadcast on shell", message("status", idle, { channel: "shell" })],
  ["a reply of another type", message("interrupt_reply", { status: "ok" }, { channel: "control" })],
  [
    "an aborted cell with the number of another",
    message("execute_reply", { status: "aborted", ...count }, { channel: "shell" }),
  ],
  ["an unknown parent", message("status", idle, { parent: { ...request, msg_id: "r2" } })],
  ["a changed parent", message("status", idle, { parent: { ...request, username: "other" } })],
  [
    "a reply to nothing",
    message(
      "execute_reply",
      { status: "ok", ...count, user_expressions: {}, payload: [] },
      { channel: "shell", parent: {} },
    ),
  ],
  ["a date without a zone", message("status", idle, { header: { ...header, date: "2030-01-02T03:04:05" } })],
  ["a date that is a number", message("status", idle, { header: { ...header, date: 1 } })],
  ["another version", message("status", idle, { header: { ...header, version: "5.3" } })],
  ["a header with a field too many", message("status", idle, { header: { ...header, extra: "" } })],
];

test.each(bad)("%s does not pass", (_what, item) => {
  expect(() => checkMessage(item, sent)).toThrow(TypeError);
});
