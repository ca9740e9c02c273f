import type { Transfer } from "../../channel/channel";
import { formatBytes } from "../../text/figures";
import { host } from "../host/host";
import type { LogEntry } from "./control";
import { type IssuedOperation, locate } from "./lockstep";
import type { WaitObserver } from "./mailbox";

/** A wait shorter than this is not worth a word. */
const PATIENCE_MS = 300;
const UPDATE_MS = 1000;
/** How often a transfer is looked at, and how large it is at least. */
const TRANSFER_MS = 200;
const TRANSFER_BYTES = 2 ** 18;

const PREPARING = "to make correlated randomness";

/** Tells the person, after a moment, whom this party waits for, for what, where that one is, and for how long. */
export class WaitNotice implements WaitObserver {
  readonly #id: string;
  readonly #whom: string;
  readonly #onWait: () => LogEntry | undefined;
  readonly #transfer: () => Transfer | undefined;
  readonly #waits = new Set<{ what: string; since: number }>();
  #timer: NodeJS.Timeout | undefined;
  #place: LogEntry | undefined;
  #told = 0;
  #shown = false;
  #broken = false;

  /**
   * @param whom - such as `party 1 on tcp://127.0.0.1:29500`
   * @param onWait - called after a moment and again each second while a wait lasts; says where the peer is, if known
   * @param transfer - what is under way between the parties, if anything is
   */
  constructor(
    id: string,
    whom: string,
    onWait: () => LogEntry | undefined,
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
    return this.beginFor(`to run ${locate(operation)}`);
  }

  beginFor(what: string): () => void {
    const wait = { what, since: Date.now() };
    this.#waits.add(wait);
    this.#timer ??= setTimeout(() => this.#update(), PATIENCE_MS).unref();
    return () => {
      this.#waits.delete(wait);
      if (this.#waits.size === 0) this.#end();
    };
  }

  #update(): void {
    const waits = [...this.#waits];
    // Correlated randomness is waited for because an operation needs it.
    const oldest = waits.find(({ what }) => what !== PREPARING) ?? waits[0];
    if (!oldest) return;
    const now = Date.now();
    if (now - this.#told >= UPDATE_MS) {
      this.#told = now;
      this.#place = this.#onWait();
    }
    const place = this.#place;
    const seconds = Math.round((now - oldest.since) / 1000);
    const transfer = this.#broken ? undefined : this.#transfer();
    const large = transfer && transfer.total >= TRANSFER_BYTES ? transfer : undefined;
    this.#shown = true;
    const parts = [
      `Waiting for ${this.#whom} ${oldest.what}`,
      ...(this.#broken ? ["the connection is broken and tried again"] : []),
      ...(large ? [`${large.direction} ${formatBytes(large.done)} of ${formatBytes(large.total)}`] : []),
      ...(place && !this.#broken && !large ? [`it is at ${locate(place)}`] : []),
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
