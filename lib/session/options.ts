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
   * Where correlated randomness comes from. `"insecureFirstPartyDealer"`, for now the only choice, is the 2018
   * demo's: party 0 makes it and could read what party 1 shares.
   */
  readonly preprocessing?: "insecureFirstPartyDealer";
  /** How long a connection that breaks may take to come back, in milliseconds; ten minutes unless given. */
  readonly resumeMs?: number;
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
  readonly preprocessing: Preprocessing;
  readonly settings: Settings;
}

/** @throws {RangeError} an option has a value that cannot be */
export function resolveOptions(options: InterfaceOptions): SessionConfig {
  const precision = checkFracBits(options.precision ?? DEFAULT_PRECISION);
  const name = options.preprocessing ?? "insecureFirstPartyDealer";
  if (name !== "insecureFirstPartyDealer") {
    throw new RangeError(`preprocessing can be "insecureFirstPartyDealer", not ${JSON.stringify(name)}`);
  }
  return {
    precision,
    preprocessing: insecureFirstPartyDealer,
    settings: {
      ring: "Z_2^64",
      precision: String(precision),
      security: "semi-honest",
      preprocessing: insecureFirstPartyDealer.name,
    },
  };
}
