import type { Party } from "../../../channel/channel";
import { TransportError } from "../../../errors";

/** Messages to a person about the dealer: who and where it is, and what to do. */
export class DealerErrors {
  constructor(
    readonly address: string,
    readonly party: Party,
  ) {}

  /** The event that this party waits for, as it reads after the dealer's name. */
  waiting(alone: boolean, met: boolean): string {
    if (alone) return `to be joined by party ${1 - this.party}`;
    return met ? "to come back" : "to come";
  }

  late(alone: boolean, met: boolean, patienceMs: number, refused: number): TransportError {
    const seconds = `${Math.round(patienceMs / 100) / 10} s`;
    const other = 1 - this.party;
    if (alone) {
      return new TransportError(
        "timeout",
        `party ${other} did not connect to the dealer at ${this.address} within ${seconds}. Both parties must name the same ` +
          `dealer, by \`dealer:\` or SPDZ_DEALER: check that at party ${other}, and look into the dealer's log.`,
      );
    }
    // A dealer that is being stopped breaks off handshakes too.
    if (refused > 0 && !met) {
      return new TransportError(
        "timeout",
        `the dealer at ${this.address} did not accept this party within ${seconds}: ${refused} connections failed to ` +
          `prove a pinned key. Check that the dealer has this party's present public key and this party the dealer's ` +
          "(`spdzlab pair --dealer LINE`), and that both use keys.",
      );
    }
    return new TransportError(
      "timeout",
      met
        ? `the dealer at ${this.address} was lost and did not come back within ${seconds}. Start it again with the same ` +
            "keys (`spdzlab dealer`) and check the network; then start a new session on both sides."
        : `the dealer at ${this.address} did not answer within ${seconds}. Check that \`spdzlab dealer\` runs there, that ` +
            "this address is right (`dealer:` or SPDZ_DEALER), that each of the two has the other's public key, " +
            "and that no firewall is between them.",
    );
  }

  refusal(text: string): TransportError {
    return new TransportError(
      "refused",
      `the dealer at ${this.address} refuses to serve this party: ${text}. The dealer's log shows the same reason to the person who runs it.`,
    );
  }

  otherVersion(theirs: number): TransportError {
    return new TransportError(
      "mismatch",
      `the dealer at ${this.address} speaks version ${theirs} of the protocol, and this party another one. Install the ` +
        "same version of spdzlab at the dealer and at both parties.",
    );
  }
}
