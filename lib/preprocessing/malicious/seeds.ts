/** Seeds from which a state continues after a restart, without base OTs and under the same MAC key. */

import type { Party } from "../../channel/channel";
import { concatBytes, wipe } from "../../crypto/bytes";
import type { Gate } from "../../crypto/gate";
import { hashLabelled } from "../../crypto/hash";
import { createIdentity } from "../../crypto/identity";
import type { ByteSource } from "../../ring";
import { KEY_BYTES } from "../ot/base-ot";
import type { TreeShape } from "../ot/punctured-prf";
import { EXTENSION_TREES, ExtensionReceiver, ExtensionSender } from "../ot/soft-spoken";
import type { Resumption } from "../producer";
import { OtKernels } from "../wasm/kernels";
import type { OtState } from "./ot-state";
import { VOLE_TREES, VoleKeeper, VoleProver } from "./ring-vole";

const leafBytes = ({ trees, depth }: TreeShape) => (trees << depth) * KEY_BYTES;

/** In the order in which they are packed. */
const PARTS = [
  { leaves: leafBytes(EXTENSION_TREES), missing: EXTENSION_TREES.trees },
  { leaves: leafBytes(EXTENSION_TREES), missing: 0 },
  { leaves: leafBytes(VOLE_TREES), missing: VOLE_TREES.trees },
  { leaves: leafBytes(VOLE_TREES), missing: 0 },
] as const;
const ALL = PARTS.reduce((sum, { leaves, missing }) => sum + leaves + missing, 0);

/**
 * Derive seeds for the next session: a hash of every leaf, from which nobody can compute the leaf. The missing leaves stay
 * the same, and with them both keys.
 */
export function seedsOf({ sender, receiver, keeper, prover }: OtState): Uint8Array {
  const packed = concatBytes(
    ...[sender, receiver, keeper, prover].flatMap(({ seeds: { leaves, missing } }) => [
      leaves,
      missing ?? new Uint8Array(0),
    ]),
  );
  step(packed);
  return packed;
}

/**
 * Create a state from seeds that no session has used, in a session of its own. Both parties compute the same number of
 * steps, and the session's name, from both parties' nonces, goes into every seed. So no stream is ever drawn twice, even
 * if both parties restore an old copy of their stores.
 *
 * @param random - secret randomness of this party alone
 * @throws {RangeError} the seeds have a wrong length
 */
export function resumeOtState(
  party: Party,
  { session, seeds, steps }: Resumption,
  random: ByteSource,
  gate?: Gate,
): { state: OtState; next: Uint8Array } {
  if (seeds.length !== ALL) throw new RangeError(`seeds must have ${ALL} bytes, got ${seeds.length}`);
  const next = seeds.slice();
  for (let i = 0; i < steps; i++) step(next);
  const now = next.slice();
  mapLeaves(now, (leaf) => hashLabelled("seeds/session", session, leaf));
  step(next);
  const [sender, receiver, keeper, prover] = unpack(now);
  const kernels = new OtKernels();
  const state: OtState = {
    identity: createIdentity(party, session, random, gate),
    kernels,
    sender: new ExtensionSender(kernels, sender.leaves, sender.missing),
    receiver: new ExtensionReceiver(kernels, receiver.leaves),
    keeper: new VoleKeeper(kernels, keeper.leaves, keeper.missing),
    prover: new VoleProver(kernels, prover.leaves),
  };
  // Each part has copied its leaves, and keeps the array of missing ones.
  wipe(now, sender.leaves, receiver.leaves, keeper.leaves, prover.leaves);
  return { state, next };
}

/** Advance seeds by one generation. */
function step(packed: Uint8Array): void {
  mapLeaves(packed, (leaf) => hashLabelled("seeds/next", leaf));
}

/** Replace every leaf. Missing leaves are not secret, and are replaced alike. */
function mapLeaves(packed: Uint8Array, change: (leaf: Uint8Array) => Uint8Array): void {
  let at = 0;
  for (const { leaves, missing } of PARTS) {
    for (const end = at + leaves; at < end; at += KEY_BYTES) {
      const changed = change(packed.subarray(at, at + KEY_BYTES));
      packed.set(changed.subarray(0, KEY_BYTES), at);
      wipe(changed);
    }
    at += missing;
  }
}

function unpack(packed: Uint8Array) {
  let at = 0;
  const take = (bytes: number) => {
    at += bytes;
    return packed.slice(at - bytes, at);
  };
  return PARTS.map(({ leaves, missing }) => ({ leaves: take(leaves), missing: take(missing) })) as [
    Leaves,
    Leaves,
    Leaves,
    Leaves,
  ];
}

interface Leaves {
  readonly leaves: Uint8Array;
  readonly missing: Uint8Array;
}
