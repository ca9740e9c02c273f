/** Runs of the extension over a link, in one direction or in both at once; see soft-spoken.ts. */

import type { OperationLink } from "../../channel/operation-link";
import { tossCoins } from "../../crypto/coins";
import type { Identity } from "../../crypto/identity";
import { ANSWER_BYTES, correctionBytes, type ExtensionReceiver, type ExtensionSender } from "./soft-spoken";

/** Cost: 4 rounds, 3.9 bytes for each transfer. */
export async function extendAsReceiver(
  link: OperationLink,
  identity: Identity,
  receiver: ExtensionReceiver,
  count: number,
): Promise<ReturnType<ExtensionReceiver["finish"]>> {
  link.send(receiver.prepare(count));
  const seed = await tossCoins(link, identity, "ot");
  link.send(receiver.answer(seed));
  return receiver.finish();
}

/** @throws {CheckError} the receiver deviated */
export async function extendAsSender(
  link: OperationLink,
  identity: Identity,
  sender: ExtensionSender,
  count: number,
): Promise<ReturnType<ExtensionSender["finish"]>> {
  sender.absorb(count, await link.receive(correctionBytes(count)));
  const seed = await tossCoins(link, identity, "ot");
  sender.verify(seed, await link.receive(ANSWER_BYTES));
  return sender.finish();
}

/**
 * `count` transfers each way, of 32 bytes if they are `wide` and 16 otherwise; one toss of coins serves both, as both parties' corrections are fixed before it.
 *
 * @throws {CheckError} the other party deviated as receiver
 *
 * Cost: 4 rounds, 3.9 bytes for each transfer each way.
 */
export async function extendBoth(
  link: OperationLink,
  identity: Identity,
  sender: ExtensionSender,
  receiver: ExtensionReceiver,
  count: number,
  wide = false,
): Promise<ReturnType<ExtensionSender["finish"]> & ReturnType<ExtensionReceiver["finish"]>> {
  sender.absorb(count, await link.exchange(receiver.prepare(count)));
  const seed = await tossCoins(link, identity, "ot");
  sender.verify(seed, await link.exchange(receiver.answer(seed)));
  return { ...sender.finish(wide), ...receiver.finish(wide) };
}
