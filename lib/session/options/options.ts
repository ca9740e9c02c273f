import type { Channel, Settings } from "../../channel/channel";
import type { CheckError } from "../../errors";
import { DealerProducer } from "../../preprocessing/dealer/party/dealer-producer";
import { InsecureFirstPartyDealer } from "../../preprocessing/dealer/party/insecure-first-party-dealer";
import { AUTHENTICATED, PLAIN } from "../../preprocessing/kinds/raw";
import type { Progress } from "../../preprocessing/pool/pool";
import { createProducer } from "../../preprocessing/producers/create-producer";
import { AdditiveSession } from "../../protocol/additive/session";
import { AuthenticatedSession, type AuthenticatedSessionOptions } from "../../protocol/authenticated/session";
import type { SharingSession } from "../../protocol/sharing-session";
import { checkFracBits, DEFAULT_PRECISION } from "../../tensor/fixed-point";
import type { StoreOptions } from "./choose-store";
import { chooseDealer, type DealerOptions } from "./dealer";
import type { EncryptionOptions } from "./encryption";

/** How a party joins a session. Both parties must choose alike, but for the addresses. */
export interface InterfaceOptions extends EncryptionOptions, DealerOptions, StoreOptions {
  /** Fractional bits of fixed-point numbers, 16 unless given; 1 to 31. */
  readonly precision?: number;
  /**
   * What a party is protected from. `"malicious"`, unless given otherwise: SPDZ2k, in which a party that cheats in any
   * way learns nothing and is caught before anything wrong is output. `"semi-honest"`: it learns nothing as long as the
   * other one follows the protocol, and a product takes 0.8 kB each way in place of 13.
   */
  readonly security?: "malicious" | "semi-honest";
  /**
   * Where correlated randomness comes from. `"ot"`, unless given otherwise: the two parties make it by oblivious
   * transfer, with no third party. `"dealer"`: a third process makes it, `spdzlab dealer`, which sees no input: a
   * helper trusted not to collude with either party, much faster, for either security. `"insecureFirstPartyDealer"`,
   * which means semi-honest, is the 2018 demo's: party 0 makes it and could read what party 1 shares.
   */
  readonly preprocessing?: "ot" | "dealer" | "insecureFirstPartyDealer";
  /**
   * How much correlated randomness of a kind is made ahead, between cells, once a cell has asked for that kind: at most
   * as much as was asked for so far, and at most this many of the largest batches (1,024 triples in the default mode).
   * 1 unless given; 0 makes nothing ahead. See `store` and `prepare`.
   */
  readonly ahead?: number;
  /**
   * How long the connection may be broken, or the other party may answer nothing (its kernel is stopped, or a cell
   * computes without an `await`), before the session ends, in milliseconds. Default: ten minutes.
   */
  readonly resumeMs?: number;
  /** A connection over which a question stays unanswered for so long is made again, in milliseconds. Default: 3,000. */
  readonly silenceMs?: number;
  /**
   * Where party 0 listens, `tcp://127.0.0.1:29500` unless given here or by SPDZ_BIND. Every user of this machine may come
   * in there; `ipc://PATH` in a folder of yours, or keys, keep the others out.
   */
  readonly bind?: string;
  /** Where party 1 finds party 0, `tcp://127.0.0.1:29500` unless given here or by SPDZ_PEER. */
  readonly peer?: string;
  /**
   * How long to wait for the other party to come, in milliseconds; unless given, SPDZ_TIMEOUT, which is in seconds, and
   * without it ten minutes. The wait is shown, and the stop button ends it.
   */
  readonly timeoutMs?: number;
  /** A link of your own instead of ZeroMQ, such as one end of `createMemoryPair()`. */
  readonly channel?: (settings: Settings) => Channel;
}

/** What a session runs with, once the options are checked. */
export interface SessionConfig {
  readonly precision: number;
  /**
   * Begins to share secrets over a fresh session.
   *
   * @param onCaught - called when the other party was caught cheating, also in the background
   */
  readonly share: (
    onProgress: (progress: Progress) => void,
    onCaught: (error: CheckError) => void,
  ) => SharingSession;
  /** What a person should know of the mode before trusting it, if there is something. */
  readonly notice: { readonly kind: "warning" | "note"; readonly text: string } | undefined;
  readonly settings: Settings;
}

/** The securities that each source of correlated randomness has, the one that holds unless given first. */
const MODES = {
  ot: ["malicious", "semi-honest"],
  dealer: ["malicious", "semi-honest"],
  insecureFirstPartyDealer: ["semi-honest"],
} as const satisfies Record<NonNullable<InterfaceOptions["preprocessing"]>, readonly string[]>;

/**
 * @throws {RangeError} an option has a value that cannot be
 * @throws {TransportError} `refused`: the dealer's connection needs keys that are missing
 */
export function resolveOptions(options: InterfaceOptions): SessionConfig {
  const precision = checkFracBits(options.precision ?? DEFAULT_PRECISION);
  const { ahead = 1, preprocessing = "ot" } = options;
  if (!Number.isInteger(ahead) || ahead < 0 || ahead > 1000)
    throw new RangeError(`ahead: ${ahead} is no whole number from 0 to 1000`);
  const securities: readonly string[] = Object.hasOwn(MODES, preprocessing) ? MODES[preprocessing] : [];
  const security = options.security ?? securities[0] ?? "malicious";
  if (!securities.includes(security)) {
    const available = Object.entries(MODES).map(
      ([name, each]) => `"${name}" with ${each.map(quote).join(" or ")}`,
    );
    throw new RangeError(
      `security ${JSON.stringify(security)} with preprocessing ${JSON.stringify(preprocessing)} is not available: ` +
        `choose ${available.join(", ")}`,
    );
  }
  const malicious = security === "malicious";
  // They are compared in this order: what follows from a choice comes after the choice.
  const settings = {
    security,
    preprocessing,
    ring: malicious ? "Z_2^(64+64)" : "Z_2^64",
    precision: String(precision),
    ahead: String(ahead),
  };
  switch (preprocessing) {
    case "ot":
      return {
        precision,
        share: (onProgress, onCaught) =>
          malicious
            ? authenticated({ onProgress, onCaught, ahead })
            : additive(createProducer("semi-honest"), onProgress, ahead),
        notice: malicious ? undefined : { kind: "warning", text: SEMI_HONEST_WARNING },
        settings,
      };
    case "dealer": {
      const { client, key, notice } = chooseDealer(options);
      const share: SessionConfig["share"] = malicious
        ? (onProgress, onCaught) =>
            authenticated({
              onProgress,
              onCaught,
              ahead,
              producer: new DealerProducer(AUTHENTICATED, client),
            })
        : (onProgress) => additive(new DealerProducer(PLAIN, client), onProgress, ahead);
      return {
        precision,
        share,
        notice: malicious
          ? { kind: "note", text: notice }
          : { kind: "warning", text: `${notice} ${SEMI_HONEST_WARNING}` },
        settings: { ...settings, "the dealer's key": key },
      };
    }
    case "insecureFirstPartyDealer":
      return {
        precision,
        share: (onProgress) => additive(new InsecureFirstPartyDealer(), onProgress, ahead),
        notice: { kind: "warning", text: FIRST_PARTY_WARNING },
        settings,
      };
  }
}

/** The session layer does not look into shares, so their types end here. */
const authenticated = (options: AuthenticatedSessionOptions) =>
  new AuthenticatedSession(options) as unknown as SharingSession;
const additive = (...options: ConstructorParameters<typeof AdditiveSession>) =>
  new AdditiveSession(...options) as unknown as SharingSession;

function quote(text: string): string {
  return `"${text}"`;
}

const SEMI_HONEST_WARNING =
  "semi-honest: this session keeps secrets from a party that follows the protocol. One that deviates from it could " +
  "change results unnoticed, and learn secrets in doing so.";

const FIRST_PARTY_WARNING =
  "insecureFirstPartyDealer: party 0 makes all correlated randomness in this session and could read what party 1 " +
  "shares. Good for learning, not for data that must stay private.";
