/**
 * Errors of the peer, the network or the protocol. (A wrong call, such as a wrong shape, type or range, throws a
 * TypeError or RangeError before any byte is sent.)
 *
 * Each error has a stable `code` to branch on and a message that says what happened, where, and what to do.
 * No message ever contains a share, a key or a seed.
 */

/** Base class of the library's own errors. `code` is stable across releases. */
export class SpdzError extends Error {
  /** Stable identifier, such as `"transport-timeout"`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Why the connection to the peer failed. */
export type TransportReason =
  | "closed"
  | "timeout"
  | "refused"
  | "address-in-use"
  | "mismatch"
  | "malformed"
  | "restarted";

/** The connection to the peer could not be made, or was lost. */
export class TransportError extends SpdzError {
  readonly reason: TransportReason;

  constructor(reason: TransportReason, message: string, options?: { cause?: unknown }) {
    super(`transport-${reason}`, message, options);
    this.reason = reason;
  }
}

/** The two parties ran different operations. Discard all pending operations: they may differ between the parties. */
export class DesyncError extends SpdzError {
  constructor(message: string) {
    super("desync", message);
  }
}

/** Which check caught the peer deviating. */
export type CheckKind = "mac" | "sacrifice" | "commitment" | "ot" | "withheld";

/** The peer deviated from the protocol and was caught. The session is over. */
export class CheckError extends SpdzError {
  readonly check: CheckKind;

  constructor(check: CheckKind, message: string) {
    super(`check-${check}`, message);
    this.check = check;
  }
}

/** Why a store cannot be used. */
export type StoreReason = "locked" | "key" | "damaged" | "foreign" | "write";

/** The store of correlated randomness cannot be used in its present state. */
export class StoreError extends SpdzError {
  readonly reason: StoreReason;

  constructor(reason: StoreReason, message: string, options?: { cause?: unknown }) {
    super(`store-${reason}`, message, options);
    this.reason = reason;
  }
}

/** Why shared values cannot be saved or loaded. */
export type SavedReason = "store" | "damaged" | "foreign" | "mismatch" | "write";

/** Shared values cannot be saved to a file, or a file of them cannot be loaded. Nothing of the file is used. */
export class SavedError extends SpdzError {
  readonly reason: SavedReason;

  constructor(reason: SavedReason, message: string, options?: { cause?: unknown }) {
    super(`saved-${reason}`, message, options);
    this.reason = reason;
  }
}

/** A value was read before its operation had finished. */
export class UnsettledError extends SpdzError {
  constructor(what: string) {
    super(
      "unsettled",
      `${what} is still under way. Await the interface first, \`await iface.settled()\`, or read it in the next cell.`,
    );
  }
}
