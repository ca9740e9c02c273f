import type { Party } from "../channel/channel";
import type { ByteSource } from "../ring";
import { type Gate, OPEN_GATE } from "./gate";
import { hashLabelled } from "./hash";
import { createPrivateRandom } from "./prg";

/** Bytes of a session's identifier. */
export const SESSION_BYTES = 32;

/** Who runs a protocol, in which session, and with what secret randomness. */
export interface Identity {
  readonly party: Party;
  /** The same on both sides, and of no other session. */
  readonly session: Uint8Array;
  /** Secret randomness of this party alone. */
  readonly random: ByteSource;
  /**
   * A number that this session has not used for this purpose yet. Both parties ask in the same order within one
   * protocol run, and each concurrent run has a purpose of its own, so both get the same.
   */
  counter(purpose: string): number;
  /** Every exchange of commitments passes it. */
  readonly gate: Gate;
}

/**
 * @param random - Default: OS entropy.
 * @param gate - the session's. Default: one that lets everything pass.
 */
export function createIdentity(
  party: Party,
  session: Uint8Array,
  random: ByteSource = createPrivateRandom(),
  gate: Gate = OPEN_GATE,
): Identity {
  if (session.length !== SESSION_BYTES)
    throw new RangeError(`a session's identifier has ${SESSION_BYTES} bytes, not ${session.length}`);
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

/** The same party for one part of the session that runs beside others, with counters of its own. */
export function forkIdentity(identity: Identity, label: string): Identity {
  const session = hashLabelled("fork", identity.session, new TextEncoder().encode(label));
  return createIdentity(identity.party, session, identity.random, identity.gate);
}
