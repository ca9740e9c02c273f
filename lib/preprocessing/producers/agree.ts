import type { OperationLink } from "../../channel/operation-link";
import { hashLabelled } from "../../crypto/hash";
import { DesyncError } from "../../errors";
import type { Kind } from "../kinds/kinds";

/** Bytes in which a batch is named. */
const NAME_BYTES = 16;

/** What the message is called; `insecureCheat` lets it pass, for it only tells where notebooks differ. */
export const BATCH_NAME = "names a batch";

/** How long the session has to find out in which operations the parties differ; it can say it better. */
const PATIENCE_MS = 10_000;

/**
 * Sees that both parties are about to make the same batch. Where their notebooks have run different operations they
 * are not, and what they sent each other would look like a deviation.
 *
 * @param before - ends when this party has received what it waits for on this link; the name is sent at once
 * @throws {DesyncError} they are not, and the session did not say so first
 *
 * Cost: 1 round, 16 bytes each way.
 */
export async function agreeOnBatch(
  link: OperationLink,
  kind: Kind,
  count: number,
  start: number,
  before?: Promise<unknown>,
): Promise<void> {
  const text = new TextEncoder().encode(`${kind}/${start}/${count}`);
  const name = hashLabelled("batch", text).subarray(0, NAME_BYTES);
  link.send(name.slice(), BATCH_NAME);
  await before;
  const theirs = await link.receive(NAME_BYTES, BATCH_NAME);
  if (Buffer.compare(name, theirs) === 0) return;
  // While a message is waited for, the parties compare where they are; the wait then ends with what they found. Names
  // of further batches may come meanwhile.
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
  const found = async () => {
    for (;;) await link.receive(NAME_BYTES);
  };
  await Promise.race([patience, found()]);
  throw new DesyncError(
    "the two notebooks need different correlated randomness, so they have run different operations: " +
      "compare their cells, then run `await iface.resync()` in both",
  );
}
