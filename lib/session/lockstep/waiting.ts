import type { Transfer } from "../../channel/channel";
import { formatBytes } from "../../text/figures";
import { host } from "../host/host";
import type { IssuedOperation } from "./lockstep";
import type { WaitObserver } from "./mailbox";
import type { PeerState } from "./router";

/** Show nothing for a shorter wait. */
const PATIENCE_MS = 300;
const UPDATE_MS = 1000;
/** How often the progress of a transfer is updated, and how large the transfer must be to be shown. */
const TRANSFER_MS = 200;
const TRANSFER_BYTES = 2 ** 18;

interface Wait {
  readonly what: string;
  readonly number: number | undefined;
  readonly since: number;
}

const PREPARING = "to make correlated randomness";

/**
 * Shows the user, after a moment, which party this one waits for, for what, for how long, and where the other party is.
 */
export class WaitNotice implements WaitObserver {
  readonly #id: string;
  readonly #whom: string;
  readonly #onWait: () => PeerState | undefined;
  readonly #transfer: () => Transfer | undefined;
  readonly #waits = new Set<Wait>();
  #timer: NodeJS.Timeout | undefined;
  #peer: PeerState | undefined;
  #told = 0;
  #shown = false;
  #broken = false;

  /**
   * @param whom - the other party, such as `party 1 on tcp://127.0.0.1:29500`
   * @param onWait - called after a moment and again each second during a wait; returns where the peer is, if known
   * @param transfer - returns the transfer in progress, if any
   */
  constructor(
    id: string,
    whom: string,
    onWait: () => PeerState | undefined,
    transfer: () => Transfer | undefined = () => undefined,
  ) {
    this.#id = id;
    this.#whom = whom;
    this.#onWait = onWait;
    this.#transfer = transfer;
  }

  broken(broken: boolean): void {
    this.#broken = broken;
  }

  begin(operation: IssuedOperation): () => void {
    if (operation.kind === "set up") return this.beginFor(PREPARING);
    return this.beginFor(`to run ${inCell(operation, "your")}`, operation.number);
  }

  /** @param number - the number of the operation that waits, if it is one */
  beginFor(what: string, number?: number): () => void {
    const wait = { what, number, since: Date.now() };
    this.#waits.add(wait);
    this.#timer ??= setTimeout(() => this.#update(), PATIENCE_MS).unref();
    return () => {
      this.#waits.delete(wait);
      if (this.#waits.size === 0) this.#end();
    };
  }

  #update(): void {
    const waits = [...this.#waits];
    // A wait for correlated randomness is caused by an operation; show the operation.
    const oldest = waits.find(({ what }) => what !== PREPARING) ?? waits[0];
    if (!oldest) return;
    const now = Date.now();
    if (now - this.#told >= UPDATE_MS) {
      this.#told = now;
      this.#peer = this.#onWait();
    }
    const seconds = Math.round((now - oldest.since) / 1000);
    const transfer = this.#broken ? undefined : this.#transfer();
    const large = transfer && transfer.total >= TRANSFER_BYTES ? transfer : undefined;
    this.#shown = true;
    const parts = [
      `Waiting for ${this.#whom} ${oldest.what}`,
      ...(this.#broken ? ["the connection is down, reconnecting"] : []),
      ...(large ? [`${large.direction} ${formatBytes(large.done)} of ${formatBytes(large.total)}`] : []),
      ...(this.#broken || large ? [] : placed(oldest, this.#peer)),
      ...(seconds > 0 ? [`${seconds} s`] : []),
    ];
    host().notify({ id: this.#id, kind: "waiting", text: `${parts.join(", ")} …`, progress: large });
    this.#timer = setTimeout(() => this.#update(), large ? TRANSFER_MS : UPDATE_MS).unref();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#shown) host().notify({ id: this.#id, kind: "done", text: "" });
    this.#shown = false;
    this.#told = 0;
  }
}

/** `reveal [2] (your In [4])`; no cell outside a notebook. */
function inCell({ cell, text }: { cell: string | undefined; text: string }, whose: "your" | "its"): string {
  return cell === undefined ? text : `${text} (${whose} ${cell})`;
}

/** Say where the other party is, and which of its cells failed, if it did. */
function placed(wait: Wait, { last, failed }: PeerState = { last: undefined, failed: undefined }): string[] {
  if (failed) {
    const how = failed.error === "Interrupted" ? "was interrupted" : `failed with ${failed.error}`;
    return [`its cell ${failed.cell} ${how}`];
  }
  if (!last) return [];
  if (last.number !== wait.number) return [`it is at ${inCell(last, "its")}`];
  return [last.cell === undefined ? "it runs it too" : `it runs it too (its ${last.cell})`];
}
