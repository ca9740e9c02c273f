import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLinkPair } from "../../../test/links";
import { scenarios } from "../../../test/scenarios";

/** Digests of each protocol's messages under fixed seeds; UPDATE_WIRE=1 writes them anew. */
const file = join(__dirname, "wire-digests.json");

test("no protocol's messages changed unseen", async () => {
  const digests: Record<string, { messages: [number, number]; bytes: [number, number]; sha256: string }> = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    const sent: [Uint8Array[], Uint8Array[]] = [[], []];
    const bodies = scenario.start(createLinkPair(({ from, payload }) => sent[from].push(payload.slice())));
    await Promise.all([bodies[0](), bodies[1]()]);
    const hash = createHash("sha256");
    for (const messages of sent)
      for (const message of messages) hash.update(`${message.length}:`).update(message);
    const sizes = sent.map((messages) => messages.reduce((sum, { length }) => sum + length, 0));
    digests[name] = {
      messages: [sent[0].length, sent[1].length],
      bytes: sizes as [number, number],
      sha256: hash.digest("hex"),
    };
  }
  if (process.env.UPDATE_WIRE || !existsSync(file))
    writeFileSync(file, `${JSON.stringify(digests, null, 2)}\n`);
  expect(digests).toEqual(JSON.parse(readFileSync(file, "utf8")));
});
