/** Runs of the extension over a link, in one direction or in both at once; see soft-spoken.ts. */

import type { OperationLink } from "../../channel/operation-link";
import { wipe } from "../../crypto/bytes";
import { tossCoins } from "../../crypto/coins";
import type { Identity } from "../../crypto/identity";
import type { OtKernels } from "../wasm/kernels";
import type { Pads } from "./pads";
import { ANSWER_BYTES, type ExtensionReceiver, type ExtensionSender } from "./soft-spoken";

/** The receiver's secret result: choice bits, one in each byte, and messages of 16 bytes. */
export interface Chosen {
  readonly choices: Uint8Array;
  readonly messages: readonly Uint8Array[];
}

export async function extendAsReceiver(
  link: OperationLink,
  identity: Identity,
  kernels: OtKernels,
  receiver: ExtensionReceiver,
  count: number,
): Promise<Chosen> {
  await runAsReceiver(link, identity, receiver, count);
  const packed = kernels.read(receiver.choices, count / 8);
  const messages: Uint8Array[] = [];
  for (const { pads } of receiver.finish()) messages.push(...blocksAt(kernels, pads));
  const choices = Uint8Array.from({ length: count }, (_, i) => (packed[i >> 3]! >> (i & 7)) & 1);
  wipe(packed);
  return { choices, messages };
}

/**
 * @returns both messages of each transfer
 * @throws {CheckError} the receiver deviated
 */
export async function extendAsSender(
  link: OperationLink,
  identity: Identity,
  kernels: OtKernels,
  sender: ExtensionSender,
  count: number,
): Promise<[Uint8Array, Uint8Array][]> {
  await runAsSender(link, identity, sender, count);
  const pairs: [Uint8Array, Uint8Array][] = [];
  for (const { zeros, ones } of sender.finish()) {
    const second = blocksAt(kernels, ones);
    for (const [i, zero] of blocksAt(kernels, zeros).entries()) pairs.push([zero, second[i]!]);
  }
  return pairs;
}

function blocksAt(kernels: OtKernels, { low, count }: Pads): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => kernels.read(low + 16 * i, 16));
}

/** Run `count` transfers from the other party. Call `finish` of the receiver to get the messages. */
export async function runAsReceiver(
  link: OperationLink,
  identity: Identity,
  receiver: ExtensionReceiver,
  count: number,
): Promise<void> {
  receiver.prepare(count, (corrections) => link.send(corrections));
  const seed = await tossCoins(link, identity, "ot");
  link.send(receiver.answer(seed));
}

/**
 * Run `count` transfers to the other party. Call `finish` of the sender to get the messages.
 *
 * @throws {CheckError} the receiver deviated
 */
export async function runAsSender(
  link: OperationLink,
  identity: Identity,
  sender: ExtensionSender,
  count: number,
): Promise<void> {
  await sender.absorb(count, (length) => link.receive(length));
  const seed = await tossCoins(link, identity, "ot");
  sender.verify(seed, await link.receive(ANSWER_BYTES));
}

/**
 * Run `count` transfers each way. One toss of coins serves both, because both parties' corrections are fixed before it.
 * Call `finish` of both sides to get the messages.
 *
 * @throws {CheckError} the other party deviated as receiver
 */
export async function extendBoth(
  link: OperationLink,
  identity: Identity,
  sender: ExtensionSender,
  receiver: ExtensionReceiver,
  count: number,
): Promise<void> {
  receiver.prepare(count, (corrections) => link.send(corrections));
  await sender.absorb(count, (length) => link.receive(length));
  const seed = await tossCoins(link, identity, "ot");
  sender.verify(seed, await link.exchange(receiver.answer(seed)));
}
