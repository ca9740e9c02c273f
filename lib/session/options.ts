import type { Channel, Settings } from "../channel/channel";
import { insecureFirstPartyDealer } from "../preprocessing/insecure-first-party-dealer";
import type { Preprocessing } from "../preprocessing/preprocessing";
import { checkFracBits, DEFAULT_PRECISION } from "../tensor/fixed-point";
import type { EncryptionOptions } from "./encryption";

/** How a party joins a session. Both parties must choose alike, but for the addresses. */
export interface InterfaceOptions extends EncryptionOptions {
  /** Fractional bits of fixed-point numbers, 16 unless given; 1 to 31. */
  readonly precision?: number;
  /**
   * What a party is protected from. `"semi-honest"`, unless given otherwise: it learns nothing as long as the other one
   * follows the protocol. `"insecureMaliciousPreview"`: SPDZ2k from oblivious transfer, no third party; results cannot
   * be changed unnoticed, but its triples still leak: a party that cheats while they are made is caught half the time,
   * and otherwise learns a bit of a secret.
   */
  readonly security?: "semi-honest" | "insecureMaliciousPreview";
  /**
   * Where correlated randomness comes from. `"insecureFirstPartyDealer"`, semi-honest only, is the 2018 demo's: party 0
   * makes it and could read what party 1 shares. `"ot"`: the two parties make it by oblivious transfer, for
   * `insecureMaliciousPreview`.
   */
  readonly preprocessing?: "insecureFirstPartyDealer" | "ot";
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
  /** Undefined where the parties make authenticated randomness themselves. */
  readonly preprocessing: Preprocessing | undefined;
  /** What a person should know of the mode before trusting it. */
  readonly warning: string;
  readonly settings: Settings;
}

/** @throws {RangeError} an option has a value that cannot be */
export function resolveOptions(options: InterfaceOptions): SessionConfig {
  const precision = checkFracBits(options.precision ?? DEFAULT_PRECISION);
  const { security = "semi-honest" } = options;
  const malicious = security === "insecureMaliciousPreview";
  const { preprocessing = malicious ? "ot" : insecureFirstPartyDealer.name } = options;
  const known = malicious || security === "semi-honest";
  if (!known || preprocessing !== (malicious ? "ot" : insecureFirstPartyDealer.name)) {
    throw new RangeError(
      `security ${JSON.stringify(security)} with preprocessing ${JSON.stringify(preprocessing)} is not available: ` +
        'choose "semi-honest" with "insecureFirstPartyDealer", or "insecureMaliciousPreview" with "ot"',
    );
  }
  return {
    precision,
    preprocessing: malicious ? undefined : insecureFirstPartyDealer,
    warning: malicious ? PREVIEW_WARNING : DEALER_WARNING,
    settings: {
      ring: malicious ? "Z_2^(64+64)" : "Z_2^64",
      precision: String(precision),
      security,
      preprocessing,
    },
  };
}

const DEALER_WARNING =
  "insecureFirstPartyDealer: party 0 makes all correlated randomness in this session and could read what party 1 " +
  "shares. Good for learning, not for data that must stay private.";

const PREVIEW_WARNING =
  "insecureMaliciousPreview: no party can change a result unnoticed, but one that cheats while correlated randomness " +
  "is made learns a bit of a secret half the time and is caught otherwise. Not for data that must stay private.";
