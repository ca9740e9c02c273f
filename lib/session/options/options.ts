import type { Channel, Settings } from "../../channel/channel";
import type { CheckError } from "../../errors";
import { DealerProducer } from "../../preprocessing/dealer/party/dealer-producer";
import { InsecureFirstPartyDealer } from "../../preprocessing/dealer/party/insecure-first-party-dealer";
import { FactoryProducer } from "../../preprocessing/factory/notebook/factory-producer";
import { AUTHENTICATED, PLAIN } from "../../preprocessing/kinds/raw";
import type { Progress } from "../../preprocessing/pool/pool";
import type { Producer } from "../../preprocessing/producer";
import { createProducer } from "../../preprocessing/producers/create-producer";
import { AdditiveSession } from "../../protocol/additive/session";
import { AuthenticatedSession, type AuthenticatedSessionOptions } from "../../protocol/authenticated/session";
import type { SharingSession } from "../../protocol/sharing-session";
import { checkPrecision, DEFAULT_PRECISION } from "../../tensor/fixed-point";
import { checkOptions } from "../../text/options";
import type { StoreOptions } from "./choose-store";
import { chooseDealer, type DealerOptions } from "./dealer";
import type { EncryptionOptions } from "./encryption";
import { chooseFactory, type FactoryChoice } from "./factory";

/**
 * How a party joins a session. Both parties must choose the same, except for addresses, keys, stores and time limits.
 */
export interface InterfaceOptions extends EncryptionOptions, DealerOptions, StoreOptions, FactoryChoice {
  /**
   * Fractional bits of fixed-point numbers, 0 to 24. Default: 16. Products must stay below 2^(62 − 2·precision) in
   * magnitude: 2^30 at 16, 2^14 at 24.
   */
  readonly precision?: number;
  /**
   * What a party is protected from. `"malicious"`: SPDZ2k; a party that cheats in any way learns nothing and is caught
   * before anything wrong is output. `"semi-honest"`: neither party learns anything as long as both follow the protocol;
   * products need much less communication. Default: `"malicious"`, except with `"insecureFirstPartyDealer"`.
   */
  readonly security?: "malicious" | "semi-honest";
  /**
   * Where correlated randomness comes from. `"ot"`: the two parties make it by oblivious transfer, with no third party.
   * `"dealer"`: a third process, `spdzlab dealer`, makes it. The dealer sees no input and is trusted not to collude with
   * either party; it is much faster and works with either security. `"lattice"`: the two parties make products of numbers
   * and of matrices by ring-LWE, with far fewer bytes, and all else by oblivious transfer; semi-honest only.
   * `"insecureFirstPartyDealer"`: as in the 2018 demo, party 0 makes it and could read what party 1 shares; semi-honest
   * only. Default: `"ot"` with malicious security; with semi-honest security oblivious transfer or lattices, whichever
   * costs less.
   */
  readonly preprocessing?: "ot" | "lattice" | "dealer" | "insecureFirstPartyDealer";
  /**
   * How much correlated randomness of a kind is made ahead, between cells, once a cell has asked for that kind: at most
   * as much as was asked for so far, and at most this many of the largest batches. 0 makes nothing ahead. Default: 1. See
   * `store` and `prepare`.
   */
  readonly ahead?: number;
  /**
   * How long, in milliseconds, the connection may be down, or the other party may not answer (its kernel is stopped, or a
   * cell computes without an `await`), before the session ends. Default: ten minutes.
   */
  readonly resumeMs?: number;
  /** Reconnect when the other party has not answered for this many milliseconds. Default: 3,000. */
  readonly silenceMs?: number;
  /**
   * Where party 0 listens. Default: the environment's SPDZ_BIND, or else `tcp://127.0.0.1:29500`. Every user of this
   * machine can connect there; use `ipc://PATH` in a folder of your own, or keys, to keep others out.
   */
  readonly bind?: string;
  /** Where party 1 finds party 0. Default: the environment's SPDZ_PEER, or else `tcp://127.0.0.1:29500`. */
  readonly peer?: string;
  /**
   * How long to wait for the other party to connect, in milliseconds. Default: the environment's SPDZ_TIMEOUT, which is in
   * seconds, or else ten minutes. A notice shows the wait, and the stop button ends it.
   */
  readonly timeoutMs?: number;
  /** A channel of your own instead of ZeroMQ, such as one end of `createMemoryPair()`. */
  readonly channel?: (settings: Settings) => Channel;
}

/** The names of all options; the compiler holds them to the type. */
const KNOWN: Readonly<Record<keyof InterfaceOptions, true>> = {
  precision: true,
  security: true,
  preprocessing: true,
  dealer: true,
  dealerKey: true,
  factory: true,
  ahead: true,
  store: true,
  storePassphrase: true,
  bind: true,
  peer: true,
  encrypted: true,
  insecurePlaintext: true,
  resumeMs: true,
  silenceMs: true,
  timeoutMs: true,
  channel: true,
};

/**
 * Check the names of options: a misspelled one would leave its default in place, unseen.
 *
 * @throws {TypeError} options are not an object, or one is unknown; the message names the nearest
 */
export function checkNames(options: InterfaceOptions): void {
  checkOptions("DistributedInterface", options, Object.keys(KNOWN));
}

/** A session's configuration, from checked options. */
export interface SessionConfig {
  readonly precision: number;
  /**
   * Start secret sharing.
   *
   * @param onCaught - called when the other party is caught cheating, including in the background
   */
  readonly share: (
    onProgress: (progress: Progress) => void,
    onCaught: (error: CheckError) => void,
  ) => SharingSession;
  /** A warning or a note about the mode, for the user, if there is one. */
  readonly notice: { readonly kind: "warning" | "note"; readonly text: string } | undefined;
  readonly settings: Settings;
}

/** The securities of each source of correlated randomness. */
const MODES = {
  ot: ["malicious", "semi-honest"],
  lattice: ["semi-honest"],
  dealer: ["malicious", "semi-honest"],
  insecureFirstPartyDealer: ["semi-honest"],
} as const satisfies Record<NonNullable<InterfaceOptions["preprocessing"]>, readonly string[]>;

/**
 * Check the options, and fill in defaults.
 *
 * @throws {RangeError} an option is out of range
 * @throws {TransportError} `refused`: the dealer's connection needs keys that are missing
 */
export function resolveOptions(options: InterfaceOptions): SessionConfig {
  const precision = checkPrecision(options.precision ?? DEFAULT_PRECISION);
  const { ahead = 1 } = options;
  if (!Number.isInteger(ahead) || ahead < 0 || ahead > 1000)
    throw new RangeError(`ahead must be an integer from 0 to 1000, got ${ahead}`);
  const security =
    options.security ?? (options.preprocessing === "insecureFirstPartyDealer" ? "semi-honest" : "malicious");
  const preprocessing = options.preprocessing ?? "ot";
  const securities: readonly string[] = Object.hasOwn(MODES, preprocessing) ? MODES[preprocessing] : [];
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
  // Without MACs the parties choose between both ways themselves, unless one of them is forced.
  const both = !malicious && options.preprocessing === undefined;
  // The parties compare settings in this order, so a setting that follows from another comes after it.
  const settings = {
    security,
    preprocessing: both ? "ot or lattice" : preprocessing,
    ring: malicious ? "Z_2^(64+64)" : "Z_2^64",
    precision: String(precision),
    ahead: String(ahead),
  };
  const factory = chooseFactory(options, preprocessing, security);
  // Batches are larger with workers, so both parties must have them.
  const withFactory = factory ? { ...settings, factory: "yes" } : settings;
  const made = (embedded: Producer) => (factory ? new FactoryProducer(embedded, factory) : embedded);
  switch (preprocessing) {
    case "ot":
      return {
        precision,
        share: (onProgress, onCaught) =>
          malicious
            ? authenticated({ onProgress, onCaught, ahead })
            : additive(made(createProducer(both ? "ot-or-lattice" : "semi-honest")), onProgress, ahead),
        notice: malicious ? undefined : { kind: "warning", text: SEMI_HONEST_WARNING },
        settings: withFactory,
      };
    case "lattice":
      return {
        precision,
        share: (onProgress) => additive(createProducer("lattice"), onProgress, ahead),
        notice: { kind: "warning", text: SEMI_HONEST_WARNING },
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

/** The session layer does not look into shares, so drop their types here. */
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
