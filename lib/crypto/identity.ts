import type { Party } from "../channel/channel";
import type { ByteSource } from "../ring";
import { type Gate, OPEN_GATE } from "./gate";
import { hashLabelled } from "./hash";
import { createPrivateRandom } from "./prg";

/** The length of a session's identifier in bytes. */
export const SESSION_BYTES = 32;

/** The party that runs a protocol, its session, and its secret randomness. */
export interface Identity {
  readonly party: Party;
  /** The session's identifier: the same on both sides, and unique to this session. */
  readonly session: Uint8Array;
  /** Secret randomness of this party alone. */
  readonly random: ByteSource;
  /**
   * Return a number that this session has not used for this purpose yet. Both parties ask in the same order within one
   * protocol run, and each concurrent run has its own purpose, so both get the same number.
   */
  counter(purpose: string): number;
  /** The gate through which every exchange of commitments passes. */
  readonly gate: Gate;
}

/**
 * @param random - Default: OS entropy.
 * @param gate - the session's gate. Default: one that lets everything pass.
 */
export function createIdentity(
  party: Party,
  session: Uint8Array,
  random: ByteSource = createPrivateRandom(),
  gate: Gate = OPEN_GATE,
): Identity {
  if (session.length !== SESSION_BYTES)
    throw new RangeError(`a session's identifier must have ${SESSION_BYTES} bytes, got ${session.length}`);
  const counters = new Map<string, number>();
  return {
    party,
    session: session.slice(),
    random,
    gate,
    counter(purpose) {
      const next = counters.get(purpose) ?? 0;
      counters.set(purpose, next + 1);
      return next;
    },
  };
}

/** Return the identity of the same party for one part of the session that runs concurrently, with its own counters. */
export function forkIdentity(identity: Identity, label: string): Identity {
  const session = hashLabelled("fork", identity.session, new TextEncoder().encode(label));
  return createIdentity(identity.party, session, identity.random, identity.gate);
}
