import { TransportError } from "../../errors";
import type { Party } from "../channel";

/** Why a side says goodbye, as one byte on the wire. */
export const Goodbye = { closed: 0, malformed: 1 } as const;

export function farewell(reason: number | undefined): TransportError {
  if (reason === Goodbye.malformed) {
    return new TransportError(
      "malformed",
      "the other party received bytes that are not a valid frame of this session, and closed its interface",
    );
  }
  return new TransportError("closed", "the other party closed its interface");
}

/** A possible reason why nobody connected. */
export interface Hints {
  /** A peer answered that is still in an earlier session. */
  readonly outdated: boolean;
  /** How many others were turned away. */
  readonly strangers: number;
  /** Whether keys decide who the peer is. */
  readonly keys: boolean;
}

export function nobodyCame(party: Party, address: string, timeoutMs: number, hints: Hints): TransportError {
  return new TransportError(
    "timeout",
    `the other party did not connect within ${duration(timeoutMs)} at ${address}. ${advice(party, hints)}`,
  );
}

function advice(party: Party, { outdated, strangers, keys }: Hints): string {
  if (outdated)
    return "A notebook answered that is still in an earlier session: run its DistributedInterface cell again.";
  if (strangers > 0 && keys) {
    return (
      `Connections that failed to prove the pinned key: ${strangers}. Check that each side has the other's present ` +
      "public key, that both use keys, and that the address is the other party's."
    );
  }
  return (
    `Check that the other notebook has run its DistributedInterface(${party === 0 ? 1 : 0}) cell; that both use the ` +
    "same address (SPDZ_BIND of party 0, SPDZ_PEER of party 1); and that no firewall blocks the connection."
  );
}

export function notBack(address: string, resumeMs: number): TransportError {
  return new TransportError(
    "timeout",
    `the connection to the other party at ${address} was lost and did not come back within ${duration(resumeMs)}. ` +
      "Check that the other notebook's kernel is running, that no cell there computed for that long without an await, " +
      "and that the network is up; then start a new session on both sides. Set resumeMs to wait longer.",
  );
}

function duration(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 6_000) / 10} minutes`;
}
