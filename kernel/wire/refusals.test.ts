import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { Codec } from "./message";
import { Once } from "./once";
import { type Refusal, Refusals } from "./refusals";

function framesOf(key: string, header: object): Buffer[] {
  const parts = [header, {}, {}, { code: "secret" }].map((part) => JSON.stringify(part));
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return ["client", "<IDS|MSG>", hmac.digest("hex"), ...parts].map((text) => Buffer.from(text));
}

test("each refused message is counted with its reason", () => {
  const refused: Refusal[] = [];
  const codec = new Codec("key", new Once(), (refusal) => refused.push(refusal));
  const header = { msg_id: "1", msg_type: "execute_request", session: "a", date: "2026-01-01T00:00:00Z" };
  expect(codec.decode(framesOf("key", header))).toBeDefined();
  expect(refused).toEqual([]);
  codec.decode(framesOf("key", header));
  codec.decode(framesOf("another key", { ...header, msg_id: "2" }));
  codec.decode([Buffer.from("nonsense")]);
  codec.decode(framesOf("key", { msg_id: "3" }));
  codec.decode(codec.encode("comm_close", {}, {}).map((frame) => Buffer.from(frame)));
  expect(refused).toEqual(["repeated", "unsigned", "malformed", "malformed", "own"]);
});

test("refused messages are counted, and reported at most once a minute", () => {
  const lines: string[] = [];
  let now = 0;
  const refusals = new Refusals(
    (line) => lines.push(line),
    () => now,
  );
  refusals.add("unsigned", "shell");
  for (let i = 0; i < 1000; i++) refusals.add("repeated", "control");
  expect(lines).toEqual([
    "spdzlab kernel: refused a message on the shell channel: its signature does not fit the key of the connection file.\n",
  ]);
  now = 60_000;
  refusals.add("malformed", "stdin");
  expect(lines[1]).toBe(
    "spdzlab kernel: refused a message on the stdin channel: it does not follow Jupyter's messaging protocol. 1002 refused so far.\n",
  );
  expect([...refusals.counts]).toEqual([
    ["unsigned", 1],
    ["repeated", 1000],
    ["malformed", 1],
  ]);
});
