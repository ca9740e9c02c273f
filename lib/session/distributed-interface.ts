import { inspect } from "node:util";
import type { Channel, Party } from "../channel/channel";
import { connectZeroMq } from "../channel/zeromq-channel";
import { createPrivateRandom } from "../crypto/prg";
import { type SpdzError, TransportError } from "../errors";
import type { OperationContext } from "../protocol/context";
import { type ByteSource, type Ring, ring64 } from "../ring";
import { Eventual } from "../tensor/eventual";
import { host } from "./host";
import { Lockstep, locate, type OperationDescription } from "./lockstep";
import { type InterfaceOptions, resolveOptions, type SessionConfig } from "./options";
import { register, unregister } from "./registry";
import { Router } from "./router";
import { WaitNotice } from "./waiting";

interface Failure {
  readonly number: number;
  readonly error: unknown;
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
  readonly party: Party;
  /** Fractional bits that products are brought back to. */
  readonly precision: number;
  /** The ring that shares live in. */
  readonly ring: Ring = ring64;
  readonly #config: SessionConfig;
  readonly #channel: Channel;
  readonly #lockstep = new Lockstep();
  readonly #router: Router;
  readonly #random: ByteSource = createPrivateRandom();
  readonly #pending = new Set<Promise<unknown>>();
  #failures: Failure[] = [];
  #dead: SpdzError | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Starts to listen (party 0) or to connect (party 1) and returns at once; `await iface.settled()`, or the end of
   * the notebook's cell, waits for the other party.
   *
   * @param party - 0 or 1; each notebook takes another one
   * @param options - address, time limit, precision; both parties need the same precision
   * @throws {RangeError} another party number, or an option that cannot be
   */
  constructor(party: Party, options: InterfaceOptions = {}) {
    if (party !== 0 && party !== 1) throw new RangeError(`a party is 0 or 1, not ${String(party)}`);
    this.party = party;
    this.#config = resolveOptions(options);
    this.precision = this.#config.precision;
    this.#channel =
      options.channel?.(this.#config.settings) ??
      connectZeroMq(party, { ...options, settings: this.#config.settings });
    const waiting = new WaitNotice(
      `spdzlab-wait-${party}`,
      `party ${1 - party} on ${this.#channel.address}`,
      () => this.#router.sendPosition(),
    );
    this.#router = new Router(this.#channel, this.#lockstep, waiting, (error) => this.#die(error));
    this.#channel.listen(this.#router);
    register(this);
    const end = waiting.beginFor("to come");
    const connected = this.#channel.connected.finally(end);
    this.#track(-1, connected);
    connected.catch((error: SpdzError) => this.#router.fail(error));
    if (this.#config.preprocessing.name.startsWith("insecure")) {
      host().notify({
        id: `spdzlab-insecure-${party}`,
        kind: "warning",
        text:
          `${this.#config.preprocessing.name}: party 0 makes all correlated randomness in this session and could ` +
          "read what party 1 shares. Good for learning, not for data that must stay private.",
      });
    }
  }

  /** Where the parties meet, `tcp://127.0.0.1:29500`. */
  get address(): string {
    return this.#channel.address;
  }

  /** True once the peer has come and as long as neither side has closed or failed. */
  get open(): boolean {
    return this.#dead === undefined;
  }

  /**
   * Waits until every operation issued so far is done.
   *
   * @throws the first failure among them, in the order they were issued; each failure is thrown once
   */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled([...this.#pending]);
    const [first] = this.#failures.sort((a, b) => a.number - b.number);
    this.#failures = [];
    if (first) throw first.error;
  }

  /** Says goodbye to the other party, whose next operation then fails at once, and frees the address. */
  close(): Promise<void> {
    this.#closing ??= this.#channel.close().finally(() => unregister(this));
    this.#die(
      new TransportError("closed", "this interface was closed; make a new DistributedInterface to go on"),
    );
    return this.#closing;
  }

  /**
   * Runs one operation in lockstep with the other party; for those who add operations to the library.
   *
   * The number is taken now, so call it before anything is awaited.
   *
   * @param description - what the other party must run too
   * @param body - computes the result; what it awaits may still be under way
   * @returns the result, under way
   * @throws {SpdzError} the session is over; the error that ended it
   */
  run<T>(description: OperationDescription, body: (ctx: OperationContext) => Promise<T>): Eventual<T> {
    if (this.#dead) throw this.#dead;
    const operation = this.#lockstep.issue(description, host().cell());
    const links = this.#router.open(operation);
    const context: OperationContext = {
      ring: this.ring,
      online: links.online,
      background: links.background,
      random: this.#random,
      preprocessing: this.#config.preprocessing,
    };
    const result = this.#channel.connected.then(() => body(context)).finally(() => links.close());
    this.#track(operation.number, result);
    return new Eventual(result, `The result of ${locate(operation)}`);
  }

  [inspect.custom](): string {
    const state = this.#dead ? `closed, ${this.#dead.code}` : "open";
    return `DistributedInterface(party ${this.party}, ${this.address}, ${state})`;
  }

  #track(number: number, work: Promise<unknown>): void {
    const tracked = work
      .catch((error: unknown) => {
        this.#failures.push({ number, error });
      })
      .finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  #die(error: SpdzError): void {
    this.#dead ??= error;
    this.#router.fail(error);
  }
}
