import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { OperationLink } from "../../lib/channel/operation-link";
import { createLinkPair } from "./links";

/** Both parties of a protocol under fixed seeds. */
export type Start = (links: readonly [OperationLink, OperationLink]) => readonly (() => Promise<unknown>)[];

/** The messages of one protocol: their size and digest. */
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

/**
 * Compares the digests of each protocol's messages with the committed ones. UPDATE_WIRE=1 writes the file.
 *
 * @throws {Error} the file is missing
 */
export async function compareWire(
  file: string,
  protocols: Readonly<Record<string, Start>>,
): Promise<{ found: unknown; committed: unknown }> {
  const found: Record<string, Digest> = {};
  for (const [name, start] of Object.entries(protocols)) found[name] = await digestOf(start);
  if (process.env.UPDATE_WIRE === "1") writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  else if (!existsSync(file))
    throw new Error(`${file} is missing. UPDATE_WIRE=1 writes it; commit it after a look at what changed.`);
  return { found, committed: JSON.parse(readFileSync(file, "utf8")) };
}
