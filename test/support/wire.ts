import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { OperationLink } from "../../lib/channel/operation-link";
import { createLinkPair } from "./links";

/** Both parties of a protocol under fixed seeds. */
export type Start = (links: readonly [OperationLink, OperationLink]) => readonly (() => Promise<unknown>)[];

/** What one protocol sent: how much, and what exactly. */
interface Digest {
  readonly messages: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly sha256: string;
}

async function digestOf(start: Start): Promise<Digest> {
  const sent: [Uint8Array[], Uint8Array[]] = [[], []];
  const bodies = start(createLinkPair(({ from, payload }) => sent[from].push(payload.slice())));
  await Promise.all(bodies.map((body) => body()));
  const hash = createHash("sha256");
  for (const messages of sent)
    for (const message of messages) hash.update(`${message.length}:`).update(message);
  const [first, second] = sent.map((messages) => messages.reduce((sum, { length }) => sum + length, 0));
  return {
    messages: [sent[0].length, sent[1].length],
    bytes: [first!, second!],
    sha256: hash.digest("hex"),
  };
}

/** Digests of each protocol's messages, and those that were committed; UPDATE_WIRE=1 writes them anew. */
export async function compareWire(
  file: string,
  protocols: Readonly<Record<string, Start>>,
): Promise<{ found: unknown; committed: unknown }> {
  const found: Record<string, Digest> = {};
  for (const [name, start] of Object.entries(protocols)) found[name] = await digestOf(start);
  if (process.env.UPDATE_WIRE || !existsSync(file))
    writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  return { found, committed: JSON.parse(readFileSync(file, "utf8")) };
}
