import { TransportError } from "../errors";
import type { Party } from "./channel";

/** Why a side says goodbye; the byte on the wire. */
export const Goodbye = { closed: 0, malformed: 1 } as const;

export function farewell(reason: number | undefined): TransportError {
  if (reason === Goodbye.malformed) {
    return new TransportError(
      "malformed",
      "the other party received bytes that are no valid frame of this session, and closed its interface",
    );
  }
  return new TransportError("closed", "the other party closed its interface");
}

export function nobodyCame(
  party: Party,
  address: string,
  timeoutMs: number,
  outdated: boolean,
): TransportError {
  const other = party === 0 ? 1 : 0;
  const check = outdated
    ? "A notebook answered that still holds an earlier session: let it make its interface again."
    : `Check that the other notebook has run its DistributedInterface(${other}) cell; that both use the same ` +
      "address (SPDZ_BIND of party 0, SPDZ_PEER of party 1); and that no firewall is between them.";
  return new TransportError(
    "timeout",
    `the other party did not come within ${seconds(timeoutMs)} at ${address}. ${check}`,
  );
}

export function notBack(address: string, resumeMs: number): TransportError {
  return new TransportError(
    "timeout",
    `the connection to the other party at ${address} was lost and did not come back within ${seconds(resumeMs)}. ` +
      "Check that the other notebook's kernel is running and the network is up; then start a new session on both sides.",
  );
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
