import { inspect, isDeepStrictEqual } from "node:util";
import { chooseAddress } from "../channel/address";
import type { Channel, Party } from "../channel/channel";
import { connectZeroMq } from "../channel/zeromq/zeromq-channel";
import { TransportError } from "../errors";
import type { Eventual } from "../eventual";
import { addNeeds, type Kind, kindsOf } from "../preprocessing/kinds/kinds";
import type { FileKeeper } from "../preprocessing/store/file-keeper";
import { checkUses, planSteps, type Uses, use } from "../protocol/step";
import { compare } from "../protocol/steps/compare";
import type { Executor, Operation } from "./executor/executor";
import { host } from "./host/host";
import { chooseStore } from "./options/choose-store";
import { chooseIdentity } from "./options/encryption";
import { checkNames, type InterfaceOptions, resolveOptions, type SessionConfig } from "./options/options";
import { chooseTimeout } from "./options/timeout";
import { executorHere, refuseInPlan } from "./plan/planning";
import type { RangeReport } from "./ranges/report";
import type { StandIn } from "./ranges/stand-in";
import type { Watch } from "./ranges/watch";
import { interrupted, type Registered, register, replace, unregister } from "./registry";
import type { CostReport, Costs } from "./report/costs";
import { requireRoom, type Wanted } from "./report/room";
import { Store } from "./report/store";
import { Trace, type TraceOptions } from "./report/trace/trace";
import { Session } from "./session";

/** How much correlated randomness to make. */
export interface Preparation {
  readonly triples?: number;
  readonly squares?: number;
  readonly truncations?: number;
  readonly comparisons?: number;
}

/** Parts of an interface that is not one end of a session between two processes. @internal */
export interface Inside {
  /** Starts the session in the clear. */
  readonly share?: SessionConfig["share"];
  /** Watches the values of operations. */
  readonly watch?: Watch;
  /** Stands in for the other party. */
  readonly standIn?: StandIn;
}

/**
 * One party's end of a session with the other party. Create one in each notebook: party 0 listens, party 1 connects.
 * Operations on shared values run through it. Both notebooks must run the same operations in the same order.
 *
 * In a worker thread, `await iface.close()` before the thread ends, also where it fails: if a thread ends with an open
 * interface, ZeroMQ's binding aborts the whole process.
 *
 * @example
 * const iface = new DistributedInterface(0); // in one notebook
 * const iface = new DistributedInterface(1); // in the other
 */
export class DistributedInterface {
  /** This party's number. */
  readonly party: Party;
  /** The fractional bits that products are rescaled to. */
  readonly precision: number;
  readonly #options: InterfaceOptions;
  readonly #config: SessionConfig;
  readonly #keep: (() => FileKeeper) | undefined;
  #channel!: Channel;
  #session!: Session;
  #closing: Promise<void> | undefined;
  /** The user has interrupted the wait for the other party. */
  #interrupted = false;
  readonly #watch: Watch | undefined;
  /** Stands in for the other party, in the clear. @internal */
  readonly standIn: StandIn | undefined;

  /**
   * Start to listen (party 0) or to connect (party 1), and return at once. `await iface.settled()`, or the end of the
   * notebook's cell, waits for the other party. An interface of the same party and address that is still waiting for the
   * other party is replaced. If its cell was interrupted and is run again with the same options, it is returned, also when
   * the other party has come meanwhile.
   *
   * @param party - 0 in one notebook, 1 in the other
   * @param options - address, time limit, precision and so on; both parties need the same precision
   * @throws {RangeError} `party` is neither 0 nor 1, or an option is out of range
   * @throws {TypeError} an option is unknown, or this process already has a connected session of this party on this
   *   address
   */
  constructor(party: Party, options?: InterfaceOptions);
  /** @internal */
  constructor(party: Party, options: InterfaceOptions, inside: Inside);
  constructor(party: Party, options: InterfaceOptions = {}, { share, watch, standIn }: Inside = {}) {
    if (party !== 0 && party !== 1) throw new RangeError(`party must be 0 or 1, got ${String(party)}`);
    refuseInPlan("a new DistributedInterface");
    checkNames(options);
    this.party = party;
    this.#options = options;
    const config = resolveOptions(options);
    this.#config = share ? { ...config, share, notice: undefined } : config;
    this.#watch = watch;
    this.standIn = standIn;
    this.precision = this.#config.precision;
    if (!share && !options.channel) {
      const { text } = chooseAddress(party, options);
      const same = (item: Registered): item is DistributedInterface =>
        item instanceof DistributedInterface && item.#continues(options);
      const again = interrupted(party, text, same);
      // biome-ignore lint/correctness/noConstructorReturn: the cell's variable must hold the session that runs
      if (again) return again;
    }
    this.#keep = chooseStore(party, options, this.#config.settings);
    this.#channel = this.#connect();
    this.#session = new Session(this.#channel, this.#config.share, this.#keep);
    register(this);
    this.#warn();
  }

  /** The address where the parties meet, such as `tcp://127.0.0.1:29500`. */
  get address(): string {
    return this.#channel.address;
  }

  /** True once the other party has connected, until the session ends. */
  get connected(): boolean {
    return this.#session.connected;
  }

  /** How many connection attempts by someone without the other party's key were rejected. */
  get strangers(): number {
    return this.#channel.strangers;
  }

  /** False once the session has ended, because either side closed it or it failed. */
  get open(): boolean {
    return this.#session.ended === undefined;
  }

  /** The session that values belong to; `reconnect` replaces it. @internal */
  get session(): Session {
    return this.#session;
  }

  /**
   * Wait until every operation issued so far has ended.
   *
   * @throws the first failure in the order of issue; each failure is thrown once
   */
  settled(): Promise<void> {
    return this.#noted(this.#session.settled());
  }

  /** Wait for a cell's operations, when the cell ends. @internal */
  settleCell(): Promise<void> {
    return this.#noted(this.#session.settleCell());
  }

  /**
   * Stop waiting for running operations at the end of later cells, unless they compute from their results. @internal
   */
  release(): void {
    this.#interrupted ||= !this.connected;
    this.#session.release();
  }

  /** Tell the other party that a cell has failed here. @internal */
  tellFailed(cell: string, error: string): void {
    this.#session.tellFailed(cell, error);
  }

  /** Whether a cell that makes an interface with these options continues with this one. Then wait for it again. */
  #continues(options: InterfaceOptions): boolean {
    const same = this.#interrupted && this.open && isDeepStrictEqual(options, this.#options);
    if (!same || !this.#session.unused) return false;
    this.#interrupted = false;
    this.#session.awaitAgain();
    return true;
  }

  /**
   * Continue after the two notebooks ran different cells (a DesyncError), or cancel operations that wait for the other
   * party. Both parties call it. Running operations fail, completed results stay as they are, and both parties restart
   * numbering operations. Where shares have MACs, both get new MAC keys, so earlier SharedVariables cannot be used any
   * more: share the inputs again.
   *
   * @throws {TransportError} the session has ended; call `reconnect` to start another
   */
  resync(): Promise<void> {
    refuseInPlan("resync");
    // In the clear, no other party can be out of step.
    if (this.standIn) return Promise.resolve();
    return this.#session.resync();
  }

  /**
   * Start a new session with the other party, at the same address and with the same options, after the other party
   * restarted its kernel or the session ended. Values shared before belong to the old session: share them again.
   *
   * @returns a promise that resolves once the other party has connected
   * @throws {TransportError} the other party did not connect in time
   */
  async reconnect(): Promise<void> {
    refuseInPlan("reconnect");
    if (this.#options.channel) {
      throw new TypeError(
        "this interface was made with its own channel, as simulate() does, so it cannot reconnect: make a new one",
      );
    }
    await this.close();
    this.#closing = undefined;
    this.#channel = this.#connect();
    this.#session = new Session(this.#channel, this.#config.share, this.#keep, this.#session);
    register(this);
    await this.#session.settled();
  }

  /**
   * Return what the session has cost so far: rounds, messages, bytes, triples, and the time spent waiting and computing;
   * by cell, by kind of operation, and in total.
   */
  costs(): CostReport {
    return this.#session.costs.report();
  }

  /** Return what one cell cost, such as `"In [3]"`; undefined if it ran no operation. */
  costsOf(cell: string): Costs | undefined {
    return this.#session.costs.ofCell(cell);
  }

  /**
   * Show the messages between the two parties, as a sequence diagram in a notebook and as text elsewhere: for each
   * operation its rounds, its bytes and what was opened; and bars of rounds, bytes and time by kind of operation. It
   * shows kinds, shapes and sizes, never the contents of a message.
   *
   * @param options.cell - show only one cell: its number, or `"last"` for the latest cell that ran operations. Default:
   *   the whole session, as far back as it is recorded.
   * @throws {TypeError} `cell` is neither a cell's number nor `"last"`
   *
   * @example
   * iface.trace()
   * iface.trace({ cell: 12 })
   */
  trace(options: TraceOptions = {}): Trace {
    return new Trace(this.party, this.#session.recorder, options);
  }

  /**
   * Show how much correlated randomness is ready, is being made, and has been used, as a gauge in a notebook, and what
   * the workers of a `factory` do. It is a snapshot: call it again to see it change.
   *
   * @example
   * iface.store()
   */
  store(): Store {
    const { pool } = this.#session.sharing;
    return new Store(pool.levels(), pool.factory);
  }

  /**
   * Make correlated randomness now, so that later cells do not wait for it. Both parties call it with the same amounts. A
   * bar shows the progress. Each item is used once.
   *
   * @param amounts - how many `triples` to have ready (one for each product of two secret numbers), how many `squares`
   *   (one for each number that is multiplied by itself, as in `square`, `pow` and `sigmoid`), how many `truncations`
   *   (one for each fixed-point product that is rescaled to the session's precision), and how many `comparisons` (one for
   *   each number that is compared, as in `lt`, `relu` and `maximum`); `spdz.plan` reports what a computation needs
   * @returns the store, once everything is made
   * @throws {RangeError} an amount is not an integer from 0 to a billion, or the items do not fit into this machine's
   *   memory. The error says how much fits. Nothing is sent, and this party stays in step: the other party waits until
   *   this one runs the same cell, or both run `resync`.
   * @throws {SpdzError} the session has ended, it cannot compare secrets, or the other party deviated from the protocol
   *
   * @example
   * await iface.prepare({ triples: 100_000 });
   */
  async prepare({ triples = 0, squares = 0, truncations = 0, comparisons = 0 }: Preparation): Promise<Store> {
    for (const [name, figure] of Object.entries({ triples, squares, truncations, comparisons })) {
      if (!Number.isInteger(figure) || figure < 0 || figure > 1e9)
        throw new RangeError(`${name} must be an integer from 0 to 1,000,000,000, got ${figure}`);
    }
    const { pool } = this.#session.sharing;
    const { truncation } = pool.capabilities;
    const kind: Kind = truncation === "truncation" ? `truncation ${this.precision}` : truncation;
    const wanted = [
      { name: "triples", kind: "triple" as const, count: triples },
      { name: "squares", kind: "square" as const, count: squares },
      { name: "truncations", kind, count: truncations },
      ...this.#itemsToCompare(comparisons),
    ];
    // Within a plan, or in the clear, make nothing.
    if (this.executor.counting || this.standIn) return this.store();
    // With a channel of its own, both parties are in this process.
    requireRoom(pool, wanted, this.#options.channel ? 2 : 1);
    await this.#session.prepare(addNeeds(...wanted.map((item) => ({ [item.kind]: item.count }))));
    return this.store();
  }

  /** @throws {SpdzError} `unsupported`: this session cannot compare secrets */
  #itemsToCompare(length: number): Wanted[] {
    if (length === 0) return [];
    const { scheme, setting } = this.#session.sharing;
    const uses = { compare: use(compare, { length, comparison: "negative" as const }) };
    checkUses(scheme.name, uses, setting.can);
    const { items } = planSteps(scheme.name, uses, setting).demand;
    const names: { readonly [kind in Kind]?: string } = {
      wrap: "bits for comparisons",
      triple: "triples for comparisons",
      andtriple: "triples of bits for comparisons",
    };
    return kindsOf(items).map((kind) => ({ name: names[kind] ?? "comparisons", kind, count: items[kind]! }));
  }

  /** Close the session and free the address. The other party's next operation then fails at once. */
  close(): Promise<void> {
    refuseInPlan("close");
    const closed = this.#session.close(
      new TransportError("closed", "this interface was closed; make a new DistributedInterface to continue"),
    );
    const end = () => Promise.all([this.#channel.close(), this.#session.kept]);
    this.#closing ??= (closed ? closed.then(end) : end())
      .then(() => undefined)
      .finally(() => unregister(this));
    return this.#closing;
  }

  /** The executor of operations: the session, or the plan that the calling code runs in. @internal */
  get executor(): Executor {
    return executorHere(this.#session);
  }

  /**
   * Run one operation in lockstep with the other party. Use it to add operations to the library.
   *
   * It takes the operation's number at the call, so call it before any `await`.
   *
   * @param operation.description - what both parties must agree on
   * @param operation.inputs - values that must be available before `body` starts
   * @param operation.uses - the protocols that it uses; `body` gets them as functions
   * @param operation.body - computes the result
   * @returns the pending result
   * @throws {SpdzError} no operation can run; the error says why and what to do
   */
  run<U extends Uses, T>(operation: Operation<U, T>): Eventual<T> {
    const { executor, watch } = this;
    return watch ? watch.run(this.party, this.#session, operation) : executor.run(operation);
  }

  /** Watches the values of operations; undefined where nothing does, and within a plan. @internal */
  get watch(): Watch | undefined {
    return this.#watch && !this.executor.counting ? this.#watch : undefined;
  }

  /**
   * Check every operation from now on, in a simulated pair: compare its result with the same operation in the clear, and
   * note how near its values come to their bounds. Read the result with `report`. It opens every value within this
   * process, so it works only where both parties are in it.
   *
   * @param on - false stops it. Default: true
   * @throws {TypeError} the other party is in another process
   *
   * @example
   * const [alice, bob] = spdz.simulate();
   * alice.checkRanges();
   */
  checkRanges(on = true): void {
    if (!this.#watch) {
      throw new TypeError(
        "checkRanges: it would open every secret, so it works only where both parties are in one process: use " +
          "spdz.simulate(), or run your cells in the clear with spdz.plain()",
      );
    }
    if (typeof on !== "boolean")
      throw new TypeError(`checkRanges: on must be true or false, got ${inspect(on)}`);
    this.#watch.on = on;
  }

  /**
   * Report, for each operation in each cell, its largest error in units of the last place, its largest magnitude and how
   * many bits it stayed below its bound, and the first overflow. Wait for the operations first, with
   * `await iface.settled()` or in the next cell.
   *
   * @returns a table in a notebook
   * @throws {TypeError} nothing is checked in this session
   *
   * @example
   * iface.report()
   */
  report(): RangeReport {
    if (!this.#watch) {
      throw new TypeError(
        "report: nothing is checked between two processes: make the interface with spdz.plain(), or with " +
          "spdz.simulate() and run checkRanges()",
      );
    }
    return this.#watch.ledger.report();
  }

  [inspect.custom](): string {
    const state = this.#session.ended ? `closed, ${this.#session.ended.code}` : "open";
    return `DistributedInterface(party ${this.party}, ${this.address}, ${state})`;
  }

  /** Wait for the report too, if there is one. */
  #noted(settled: Promise<void>): Promise<void> {
    const watch = this.#watch;
    return watch ? settled.then(() => watch.idle()) : settled;
  }

  #connect(): Channel {
    const { settings } = this.#config;
    if (this.#options.channel) return this.#options.channel(settings);
    replace(this.party, chooseAddress(this.party, this.#options).text);
    const identity = chooseIdentity(this.party, this.#options);
    const timeoutMs = chooseTimeout(this.#options.timeoutMs);
    return connectZeroMq(this.party, { ...this.#options, timeoutMs, settings, identity });
  }

  #warn(): void {
    const id = `spdzlab-insecure-${this.party}`;
    if (this.#config.notice) host().notify({ id, ...this.#config.notice });
  }
}
