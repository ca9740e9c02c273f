import type { OperationLink } from "../../channel/operation-link";
import { hashLabelled } from "../../crypto/hash";
import { DesyncError } from "../../errors";
import type { Kind } from "../kinds/kinds";

/** Bytes of a batch's name. */
const NAME_BYTES = 16;

/** The name of the message. `insecureCheat` does not alter it, because it only detects that notebooks differ. */
export const BATCH_NAME = "names a batch";

/** How long the session may take to find out in which operations the parties differ: its message is clearer. */
export const PATIENCE_MS = 10_000;

/**
 * Check that both parties are about to make the same batch. If their notebooks have run different operations they are
 * not, and their messages would then look like a deviation from the protocol.
 *
 * @param before - settles when this party has received everything it waits for on this link; the name is sent at once
 * @throws {DesyncError} the batches differ, and the session did not report it first
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
  // While this party waits for a message, the parties compare their positions, and the wait then ends with what they
  // found. Names of further batches may arrive meanwhile.
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
  const found = async () => {
    for (;;) await link.receive(NAME_BYTES);
  };
  await Promise.race([patience, found()]);
  throw differentBatches();
}

/** The error of parties that need different batches. */
export function differentBatches(): DesyncError {
  return new DesyncError(
    "the two notebooks need different correlated randomness, so they have run different operations: " +
      "compare their cells, then run `await iface.resync()` in both",
  );
}
