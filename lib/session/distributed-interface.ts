import { inspect } from "node:util";
import { chooseAddress } from "../channel/address";
import type { Channel, Party } from "../channel/channel";
import { connectZeroMq } from "../channel/zeromq/zeromq-channel";
import { TransportError } from "../errors";
import type { Eventual } from "../eventual";
import type { Kind } from "../preprocessing/kinds/kinds";
import type { FileKeeper } from "../preprocessing/store/file-keeper";
import type { Uses } from "../protocol/step";
import type { Executor, Operation } from "./executor/executor";
import { host } from "./host/host";
import { chooseStore } from "./options/choose-store";
import { chooseIdentity } from "./options/encryption";
import { type InterfaceOptions, resolveOptions, type SessionConfig } from "./options/options";
import { chooseTimeout } from "./options/timeout";
import { executorHere, refuseInPlan } from "./plan/planning";
import { register, replace, unregister } from "./registry";
import type { CostReport, Costs } from "./report/costs";
import { requireRoom } from "./report/room";
import { Store } from "./report/store";
import { Trace, type TraceOptions } from "./report/trace/trace";
import { Session } from "./session";

/** How much correlated randomness to make. */
export interface Preparation {
  readonly triples?: number;
  readonly truncations?: number;
}

/**
 * One party's end of a session with the other party. Make it once a notebook: party 0 listens, party 1 connects.
 * Operations on shared values run through it; both notebooks must run the same ones in the same order.
 *
 * @example
 * const iface = new DistributedInterface(0); // in one notebook
 * const iface = new DistributedInterface(1); // in the other
 */
export class DistributedInterface {
  /** Which of the two parties this is. */
  readonly party: Party;
  /** Fractional bits that products are brought back to. */
  readonly precision: number;
  readonly #options: InterfaceOptions;
  readonly #config: SessionConfig;
  readonly #keep: (() => FileKeeper) | undefined;
  #channel: Channel;
  #session: Session;
  #closing: Promise<void> | undefined;

  /**
   * Starts to listen (party 0) or to connect (party 1) and returns at once; `await iface.settled()`, or the end of
   * the notebook's cell, waits for the other party.
   *
   * @param party - 0 or 1; each notebook takes another one
   * @param options - address, time limit, precision; both parties need the same precision
   * @throws {RangeError} another party number, or an option that cannot be
   * @throws {TypeError} this process has a session of that party on that address; one that still waits for the other
   *   party is replaced
   */
  constructor(party: Party, options: InterfaceOptions = {}) {
    if (party !== 0 && party !== 1) throw new RangeError(`a party is 0 or 1, not ${String(party)}`);
    refuseInPlan("a new DistributedInterface");
    this.party = party;
    this.#options = options;
    this.#config = resolveOptions(options);
    this.precision = this.#config.precision;
    this.#keep = chooseStore(party, options, this.#config.settings);
    this.#channel = this.#connect();
    this.#session = new Session(this.#channel, this.#config.share, this.#keep);
    register(this);
    this.#warn();
  }

  /** Where the parties meet, `tcp://127.0.0.1:29500`. */
  get address(): string {
    return this.#channel.address;
  }

  /** True from when the other party has come until the session is over. */
  get connected(): boolean {
    return this.#session.connected;
  }

  /** How often somebody who does not hold the other party's key tried to come in and was turned away. */
  get strangers(): number {
    return this.#channel.strangers;
  }

  /** False once the session is over, because either side closed it or it failed. */
  get open(): boolean {
    return this.#session.dead === undefined;
  }

  /** What ties values to the session they were shared in; it changes with `reconnect`. @internal */
  get session(): Session {
    return this.#session;
  }

  /**
   * Waits until every operation issued so far is done.
   *
   * @throws the first failure among them, in the order they were issued; each failure is thrown once
   */
  settled(): Promise<void> {
    return this.#session.settled();
  }

  /** Waits for the operations of a cell, at its end. @internal */
  settleCell(): Promise<void> {
    return this.#session.settleCell();
  }

  /** Later cells do not wait for what is under way; they wait for what they compute from it. @internal */
  letGo(): void {
    this.#session.letGo();
  }

  /**
   * Goes on after the two notebooks ran different cells (a DesyncError), or gives up operations that wait for the
   * other side. Both parties run it; what was under way fails, what was settled stays as it is, and both start
   * counting operations anew. Where shares have MACs the keys are new then, so SharedVariables from before are of no
   * more use: wrap the inputs again.
   *
   * @throws {TransportError} the session is over; `reconnect` starts another
   *
   * Cost: 1 round.
   */
  resync(): Promise<void> {
    refuseInPlan("resync");
    return this.#session.resync();
  }

  /**
   * Starts a new session with the other party, at the same address and with the same options, after it restarted
   * its kernel or the session ended. Values shared before belong to the old session: share them again.
   *
   * @returns when the other party has come
   * @throws {TransportError} it did not come in time
   */
  async reconnect(): Promise<void> {
    refuseInPlan("reconnect");
    if (this.#options.channel) {
      throw new TypeError(
        "an interface over a channel of its own, as simulate() makes them, cannot reconnect: make a new one",
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
   * What the session has cost so far: rounds, messages, bytes, triples, time spent waiting and computing; by cell, by
   * kind of operation and in all.
   */
  costs(): CostReport {
    return this.#session.costs.report();
  }

  /** What one cell cost, `"In [3]"`; undefined when it ran no operation. */
  costsOf(cell: string): Costs | undefined {
    return this.#session.costs.ofCell(cell);
  }

  /**
   * The messages between the two parties, drawn as a sequence diagram in a notebook and as text elsewhere: for each
   * operation its rounds, its bytes and what was opened, and bars of rounds, bytes and time by kind of operation. It
   * shows kinds, shapes and sizes, never what a message holds.
   *
   * @param options.cell - one cell's messages alone: its number, or `"last"` for the latest one that ran operations;
   *   unless given, those of the whole session, as far back as they are remembered
   * @throws {TypeError} it is neither
   *
   * @example
   * iface.trace()
   * iface.trace({ cell: 12 })
   */
  trace(options: TraceOptions = {}): Trace {
    return new Trace(this.party, this.#session.recorder, options);
  }

  /**
   * How much correlated randomness lies ready, is being made, and was used: a gauge in a notebook. It says how it is
   * now; call it again to see it change.
   *
   * @example
   * iface.store()
   */
  store(): Store {
    return new Store(this.#session.sharing.pool.levels());
  }

  /**
   * Makes correlated randomness now, so that cells that need it later do not wait. Both parties run it, with the same
   * figures. A bar shows how far it is; each item serves once.
   *
   * @param amounts - how many `triples` are to lie ready (one for each product of two secret numbers), and how many
   *   `truncations` (one for each fixed-point product that is brought back to the session's precision); `spdz.plan`
   *   tells what a computation needs
   * @returns how much there is then, when it is made
   * @throws {RangeError} a figure is no whole number or beyond a billion, or what it asks for does not fit into this
   *   machine's memory. The error says how much fits, and nothing was sent. A party that refuses stays in step: the other
   *   one waits until this one runs the same cell, or both run `resync`.
   * @throws {SpdzError} the session is over or the other party deviated
   *
   * Cost: in the default mode 13.5 kB each way and about 0.1 ms for a triple, 913 kB and 6 ms for a truncation.
   *
   * @example
   * await iface.prepare({ triples: 100_000 });
   */
  async prepare({ triples = 0, truncations = 0 }: Preparation): Promise<Store> {
    for (const [name, figure] of Object.entries({ triples, truncations })) {
      if (!Number.isInteger(figure) || figure < 0 || figure > 1e9)
        throw new RangeError(`${name}: ${figure} is no whole number from 0 to a billion`);
    }
    const { truncation } = this.#session.sharing.pool.capabilities;
    const kind: Kind = truncation === "truncation" ? `truncation ${this.precision}` : truncation;
    const wanted = [
      { name: "triples", kind: "triple" as const, count: triples },
      { name: "truncations", kind, count: truncations },
    ];
    // To plan what is prepared would be to prepare it.
    if (this.executor.counting) return this.store();
    // Both parties of an interface over a channel of its own are in this process.
    requireRoom(this.#session.sharing.pool, wanted, this.#options.channel ? 2 : 1);
    await this.#session.prepare({ triple: triples, [kind]: truncations });
    return this.store();
  }

  /** Says goodbye to the other party, whose next operation then fails at once, and frees the address. */
  close(): Promise<void> {
    refuseInPlan("close");
    const left = this.#session.leave(
      new TransportError("closed", "this interface was closed; make a new DistributedInterface to go on"),
    );
    const end = () => Promise.all([this.#channel.close(), this.#session.kept]);
    this.#closing ??= (left ? left.then(end) : end()).then(() => undefined).finally(() => unregister(this));
    return this.#closing;
  }

  /** What carries out operations here: the session, or the plan that the calling code runs in. @internal */
  get executor(): Executor {
    return executorHere(this.#session);
  }

  /**
   * Runs one operation in lockstep with the other party; for those who add operations to the library.
   *
   * The number is taken now, so call it before anything is awaited.
   *
   * @param operation.description - what the other party must run too
   * @param operation.inputs - values that must be there before `body` starts
   * @param operation.uses - the protocols that it uses; `body` gets them as functions
   * @param operation.body - computes the result
   * @returns the result, under way
   * @throws {SpdzError} no operation can run; the error says why and what to do
   */
  run<U extends Uses, T>(operation: Operation<U, T>): Eventual<T> {
    return this.executor.run(operation);
  }

  [inspect.custom](): string {
    const state = this.#session.dead ? `closed, ${this.#session.dead.code}` : "open";
    return `DistributedInterface(party ${this.party}, ${this.address}, ${state})`;
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
