import type { Channel, Settings } from "../channel/channel";
import { InsecureFirstPartyDealer } from "../preprocessing/insecure-first-party-dealer";
import type { Progress } from "../preprocessing/pool";
import { AdditiveSession } from "../protocol/additive-session";
import { AuthenticatedSession } from "../protocol/authenticated-session";
import type { SharingSession } from "../protocol/sharing-session";
import { checkFracBits, DEFAULT_PRECISION } from "../tensor/fixed-point";
import type { EncryptionOptions } from "./encryption";

/** How a party joins a session. Both parties must choose alike, but for the addresses. */
export interface InterfaceOptions extends EncryptionOptions {
  /** Fractional bits of fixed-point numbers, 16 unless given; 1 to 31. */
  readonly precision?: number;
  /**
   * What a party is protected from. `"malicious"`, unless given otherwise: SPDZ2k, in which a party that cheats in any
   * way learns nothing and is caught before anything wrong is output. `"semi-honest"`: it learns nothing as long as the
   * other one follows the protocol.
   */
  readonly security?: "malicious" | "semi-honest";
  /**
   * Where correlated randomness comes from. `"ot"`, unless given otherwise: the two parties make it by oblivious
   * transfer, with no third party. `"insecureFirstPartyDealer"`, which means semi-honest, is the 2018 demo's: party 0
   * makes it and could read what party 1 shares.
   */
  readonly preprocessing?: "ot" | "insecureFirstPartyDealer";
  /**
   * How much correlated randomness of a kind is made ahead, between cells, once a cell has asked for that kind: at most
   * as much as was asked for so far, and at most this many of the largest batches (1,024 triples in the default mode).
   * 1 unless given; 0 makes nothing ahead. See `store` and `prepare`.
   */
  readonly ahead?: number;
  /** How long a connection that breaks may take to come back, in milliseconds; ten minutes unless given. */
  readonly resumeMs?: number;
  /** A connection that is silent for so long is taken for broken and made again, in milliseconds; 3,000 unless given. */
  readonly silenceMs?: number;
  /** Where party 0 listens, `tcp://127.0.0.1:29500` unless given here or by SPDZ_BIND. */
  readonly bind?: string;
  /** Where party 1 finds party 0, `tcp://127.0.0.1:29500` unless given here or by SPDZ_PEER. */
  readonly peer?: string;
  /** How long to wait for the other party to come, in milliseconds; 60,000 unless given. */
  readonly timeoutMs?: number;
  /** A link of your own instead of ZeroMQ, such as one end of `createMemoryPair()`. */
  readonly channel?: (settings: Settings) => Channel;
}

/** What a session runs with, once the options are checked. */
export interface SessionConfig {
  readonly precision: number;
  /** Begins to share secrets over a fresh session. */
  readonly share: (onProgress: (progress: Progress) => void) => SharingSession;
  /** What a person should know of the mode before trusting it, if there is something. */
  readonly warning: string | undefined;
  readonly settings: Settings;
}

/** @throws {RangeError} an option has a value that cannot be */
export function resolveOptions(options: InterfaceOptions): SessionConfig {
  const precision = checkFracBits(options.precision ?? DEFAULT_PRECISION);
  const dealt = options.preprocessing === InsecureFirstPartyDealer.label;
  const { security = dealt ? "semi-honest" : "malicious", preprocessing = "ot" } = options;
  const { ahead = 1 } = options;
  if (!Number.isInteger(ahead) || ahead < 0 || ahead > 1000)
    throw new RangeError(`ahead: ${ahead} is no whole number from 0 to 1000`);
  const malicious = security === "malicious";
  if (!(malicious && preprocessing === "ot") && !(security === "semi-honest" && dealt)) {
    throw new RangeError(
      `security ${JSON.stringify(security)} with preprocessing ${JSON.stringify(preprocessing)} is not available: ` +
        'choose "malicious" with "ot", which is the default, or "semi-honest" with "insecureFirstPartyDealer"',
    );
  }
  return {
    precision,
    share: (onProgress) =>
      malicious
        ? new AuthenticatedSession({ onProgress, ahead })
        : new AdditiveSession(new InsecureFirstPartyDealer(), onProgress, ahead),
    warning: malicious ? undefined : DEALER_WARNING,
    settings: {
      ring: malicious ? "Z_2^(64+64)" : "Z_2^64",
      precision: String(precision),
      ahead: String(ahead),
      security,
      preprocessing,
    },
  };
}

const DEALER_WARNING =
  "insecureFirstPartyDealer: party 0 makes all correlated randomness in this session and could read what party 1 " +
  "shares. Good for learning, not for data that must stay private.";
