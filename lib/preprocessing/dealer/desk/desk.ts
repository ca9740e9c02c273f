import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Keys } from "../../../channel/keys/keys";
import { type Admission, admit } from "../../../channel/zeromq/zap";
import type { Deal, DealingStep } from "../dealing/dealing-job";
import { checkHello } from "../wire/greeting";
import { type DealerHello, decodeFromParty, MAX_CHUNK_BYTES, type Order, Refusal } from "../wire/messages";
import { SealChecker, sealKey } from "../wire/order-seal";
import type { Connections } from "./dealer-gate";
import { type Delivery, type Member, type Pair, Pairs, type Rejection } from "./pairs";
import { PartyConnection } from "./party-connection";
import { Rate } from "./rate";
import { Budget, Turns } from "./schedule";

/** How many steps are in progress at once, so that no thread waits for the other. */
const AT_ONCE = 2;
/** How long a party may take none of its answers before the desk closes its connection. */
const STALL_MS = 30_000;
/** How often a key may say hello, in a second and in a burst. */
const HELLOS = [4, 40] as const;

const REJECTIONS: Record<Rejection, string> = {
  full: "the dealer serves as many pairs as it may; try again later",
  "too many": "the party has as many sessions with this dealer as it may: close some",
  "same key": "both parties have the same key",
  "another key": "the party said hello with another key before",
};

/** Something for the dealer's log. It never holds a secret. */
export type DealerEvent =
  | { readonly type: "waiting"; readonly pair: Pair; readonly member: Member }
  | { readonly type: "paired"; readonly pair: Pair }
  | { readonly type: "party left"; readonly pair: Pair; readonly member: Member }
  | { readonly type: "both left"; readonly pair: Pair }
  | { readonly type: "refused"; readonly why: string }
  | { readonly type: "stranger" };

export interface DeskOptions {
  /** The dealer's own keys, and the public keys of the parties to admit. */
  readonly identity?: { readonly keys: Keys; readonly admitted: readonly string[] } | undefined;
  readonly deal: Deal;
  readonly onEvent?: ((event: DealerEvent) => void) | undefined;
  /** Milliseconds after which the dealer removes a silent party, with its secret. Default: 15,000. */
  readonly absentMs?: number | undefined;
  /** Milliseconds after which it removes a party that takes none of its answers. Default: 30,000. */
  readonly stallMs?: number | undefined;
  /** How many pairs to serve at once. Default: 64. */
  readonly mostPairs?: number | undefined;
  /** Bytes of answers in flight or being made, over all pairs. Default: 2^28. */
  readonly budget?: number | undefined;
}

/**
 * The dealer's sockets, one for each connection that the gate accepts, and the conversations over them. A desk serves
 * several pairs in turn, one step of each. Of a pair it holds the two secrets and the waiting requests, in memory only
 * and no longer than the connections last.
 */
export class Desk implements Connections {
  readonly #options: DeskOptions;
  readonly #pairs: Pairs;
  readonly #turns = new Turns();
  readonly #budget: Budget;
  readonly #connections = new Map<number, PartyConnection>();
  /** The party that said hello over a connection. */
  readonly #memberOf = new Map<PartyConnection, Member>();
  readonly #tell: (event: DealerEvent) => void;
  readonly #hellos = new Map<string, Rate>();
  #sockets:
    | {
        readonly folder: string | undefined;
        readonly curve: object;
        readonly admission: Admission | undefined;
      }
    | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  /** When the desk last looked for silent parties. */
  #swept = performance.now();
  #closed = false;
  /** Called with the number of a connection over which a whole message has arrived. */
  onHeard: (id: number, known: boolean) => void = () => undefined;

  /** @throws {RangeError} fewer than two keys would be admitted */
  constructor(options: DeskOptions) {
    const { identity, mostPairs = 64 } = options;
    if (identity && new Set(identity.admitted).size < 2)
      throw new RangeError("the dealer needs the public keys of at least two parties");
    this.#options = options;
    this.#pairs = new Pairs(mostPairs);
    this.#budget = new Budget(options.budget ?? 2 ** 28, mostPairs);
    this.#tell = options.onEvent ?? (() => undefined);
  }

  async open(id: number): Promise<string> {
    if (this.#closed) throw new Error("the dealer has stopped");
    this.#sockets ??= this.#start();
    const { folder, curve } = this.#sockets;
    const endpoint = folder === undefined ? "tcp://127.0.0.1:*" : `ipc://${join(folder, String(id))}`;
    const connection = new PartyConnection(id, endpoint, curve, {
      heard: (connection, parts) => this.#hear(connection, parts),
      refused: (connection) => {
        this.#tell({ type: "stranger" });
        this.#close(connection);
      },
    });
    this.#connections.set(id, connection);
    return connection.endpoint;
  }

  closed(id: number): void {
    const connection = this.#connections.get(id);
    if (connection) this.#close(connection);
  }

  /** Say goodbye to the parties and close soon after. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#sweeper);
    const connections = [...this.#connections.values()];
    for (const connection of connections)
      if (this.#memberOf.has(connection)) connection.send({ type: "goodbye" });
    const patience = new Promise((resolve) => setTimeout(resolve, 200));
    await Promise.race([Promise.all(connections.map((connection) => connection.sent())), patience]);
    for (const connection of connections) this.#close(connection);
    const { folder, admission } = this.#sockets ?? {};
    await Promise.all(connections.map((connection) => connection.gone));
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    admission?.release();
  }

  #start() {
    const { identity, absentMs = 15_000 } = this.#options;
    this.#sweeper = setInterval(() => this.#sweep(absentMs), absentMs / 5).unref();
    // Use a new folder, which no other user of this machine may enter.
    const folder = process.platform === "win32" ? undefined : mkdtempSync(join(tmpdir(), "spdzlab-"));
    const admission = identity && admit(...identity.admitted);
    const curve = identity
      ? {
          curveServer: true,
          curveSecretKey: identity.keys.revealSecretKey(),
          zapDomain: admission!.domain,
          zapEnforceDomain: true,
        }
      : {};
    return { folder, curve, admission };
  }

  #close(connection: PartyConnection): void {
    this.#connections.delete(connection.id);
    const member = this.#memberOf.get(connection);
    this.#memberOf.delete(connection);
    if (member && member.pair.members[member.party] === member) this.#removeMember(member);
    connection.close();
  }

  #refuse(connection: PartyConnection, code: Refusal, text: string, id = 0): void {
    connection.send({ type: "refusal", code, id, text });
    this.#close(connection);
  }

  #hear(connection: PartyConnection, parts: Uint8Array[]): void {
    const member = this.#memberOf.get(connection);
    try {
      const message = decodeFromParty(parts);
      if (message.type === "hello") {
        if (member) throw new Error("a second hello");
        this.#greet(connection, message);
        return;
      }
      // Do not answer a connection that never sent a valid hello.
      if (!member) {
        this.#close(connection);
        return;
      }
      const order = connection.checker!.open(message);
      if (!order) throw new Error("an order whose seal is wrong");
      member.heard = performance.now();
      if (connection.noteHeard(message.bytes.length)) this.onHeard(connection.id, true);
      this.#obey(member, order);
    } catch (error) {
      if (member) {
        const { message } = error as Error;
        this.#tell({ type: "refused", why: `party ${member.party} of ${member.pair.name}: ${message}` });
        this.#refuse(connection, Refusal.malformed, message);
      } else this.#close(connection);
    }
  }

  #greet(connection: PartyConnection, hello: DealerHello): void {
    const { identity } = this.#options;
    const key = checkHello(hello, identity && { own: identity.keys, admitted: identity.admitted });
    if (key === undefined) {
      this.#tell({
        type: "refused",
        why: "a hello that does not prove that its sender belongs to the session",
      });
      this.#refuse(
        connection,
        Refusal.hello,
        "the hello does not prove that this party belongs to the session",
      );
      return;
    }
    // The party reconnects by itself.
    if (key !== "" && !this.#helloRate(key).take()) {
      this.#close(connection);
      return;
    }
    const member = this.#pairs.join(connection, hello, key);
    if (typeof member === "string") {
      this.#tell({ type: "refused", why: REJECTIONS[member] });
      const full = member === "full" || member === "too many";
      this.#refuse(connection, full ? Refusal.full : Refusal.hello, REJECTIONS[member]);
      return;
    }
    this.#memberOf.set(connection, member);
    connection.checker = new SealChecker(sealKey(hello.secret, hello.session, connection.name));
    this.onHeard(connection.id, true);
    const { pair } = member;
    if (!pair.complete) {
      this.#welcome(member);
      this.#tell({ type: "waiting", pair, member });
      return;
    }
    for (const each of pair.members) this.#welcome(each!);
    this.#tell({ type: "paired", pair });
    pair.met = true;
    this.#work();
  }

  #helloRate(key: string): Rate {
    let rate = this.#hellos.get(key);
    if (!rate) {
      rate = new Rate(...HELLOS);
      this.#hellos.set(key, rate);
    }
    return rate;
  }

  #welcome({ connection, pair }: Member): void {
    connection.send({ type: "welcome", paired: pair.complete, connection: connection.name });
  }

  #obey(member: Member, order: Order): void {
    const { pair, connection } = member;
    switch (order.type) {
      case "request":
        if (member.party !== 1 || !pair.ask(order))
          throw new Error("a request by party 0, or more requests than may wait");
        this.#work();
        break;
      case "credit":
        if (!connection.acknowledge(order.chunks, order.receipt))
          throw new Error("an acknowledgement of chunks that it cannot have");
        this.#work();
        break;
      case "goodbye":
        this.#close(connection);
    }
  }

  #removeMember(member: Member): void {
    const { pair } = member;
    if (this.#pairs.remove(member)) this.#tell({ type: "both left", pair });
    else {
      this.#welcome(pair.members[1 - member.party]!);
      this.#tell({ type: "party left", pair, member });
    }
    this.#work();
  }

  #sweep(absentMs: number): void {
    const { stallMs = STALL_MS } = this.#options;
    const now = performance.now();
    // This thread was blocked and heard nobody: messages that arrived meanwhile are read after this.
    const deaf = now - this.#swept > absentMs / 2;
    this.#swept = now;
    this.#turns.tidy();
    for (const [key, rate] of this.#hellos) if (rate.full) this.#hellos.delete(key);
    for (const member of [...this.#pairs.members]) {
      const { connection } = member;
      if (deaf) {
        member.heard = now;
        connection.moved = now;
      } else if (now - member.heard > absentMs) this.#close(connection);
      else if (connection.unacknowledged.length > 0 && now - connection.moved > stallMs) {
        const why = `party ${member.party} of ${member.pair.name} takes no answers`;
        this.#tell({ type: "refused", why });
        this.#close(connection);
      }
    }
  }

  /** Start as many steps as there is room for, each for the pair whose turn it is. */
  #work(): void {
    for (;;) {
      const all = [...this.#pairs.all];
      const ready = all.filter(
        (pair) => pair.wants && pair.stepping < AT_ONCE && this.#budget.fits(pair, roomFor(pair), all),
      );
      if (this.#closed || all.reduce((sum, { stepping }) => sum + stepping, 0) >= AT_ONCE) return;
      const pair = this.#turns.next(ready);
      if (!pair) return;
      const delivery = pair.delivery ?? this.#begin(pair);
      // The size of its pieces is known only now.
      if (delivery && this.#budget.fits(pair, roomFor(pair), all))
        void this.#step(pair, pair.members[1]!.connection, delivery);
    }
  }

  /** Begin the next request of a pair. */
  #begin(pair: Pair): Delivery | undefined {
    const request = pair.requests.shift()!;
    const { connection } = pair.members[1]!;
    const seeds = pair.members.map((member) => member!.seed()) as [Uint8Array, Uint8Array];
    try {
      const job = this.#options.deal(request, seeds, pair.authenticated);
      const delivery: Delivery = { id: request.id, job, asked: 0, offset: 0 };
      const kind = request.kind.split(" ", 1)[0]!;
      pair.dealt.set(kind, (pair.dealt.get(kind) ?? 0) + request.count);
      pair.delivery = delivery;
      pair.deliveries.add(delivery);
      return delivery;
    } catch (error) {
      // A request is checked before anything is dealt.
      for (const seed of seeds) seed.fill(0);
      const { message } = error as Error;
      this.#tell({ type: "refused", why: `party 1 of ${pair.name}: ${message}` });
      this.#refuse(connection, Refusal.request, message, request.id);
      return undefined;
    }
  }

  async #step(pair: Pair, connection: PartyConnection, delivery: Delivery): Promise<void> {
    const { job } = delivery;
    const room = job.size.largest;
    pair.stepping++;
    connection.held += room;
    if (++delivery.asked === job.size.steps) pair.delivery = undefined;
    let step: DealingStep | undefined;
    try {
      step = await job.step();
    } catch {
      // The thread that deals has ended. The party reconnects and repeats its requests.
      if (pair.deliveries.has(delivery)) this.#close(connection);
    }
    pair.stepping--;
    connection.held -= room;
    if (step) {
      this.#turns.spend(pair, step.ms);
      // Meanwhile the party may have left, or reconnected and repeated its requests.
      if (step.bytes && pair.deliveries.has(delivery)) this.#deliver(pair, connection, delivery, step.bytes);
    }
    this.#work();
  }

  #deliver(pair: Pair, connection: PartyConnection, delivery: Delivery, bytes: Uint8Array): void {
    const { id, job } = delivery;
    connection.held += bytes.length;
    for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
      const body = bytes.subarray(at, at + MAX_CHUNK_BYTES);
      connection.sendChunk(id, job.size.total, delivery.offset, body);
      delivery.offset += body.length;
    }
    if (delivery.offset < job.size.total) return;
    pair.deliveries.delete(delivery);
    job.close();
  }
}

/** The most bytes of a pair's next piece; a guess if its request has not begun. */
function roomFor(pair: Pair): number {
  return pair.delivery?.job.size.largest ?? MAX_CHUNK_BYTES;
}
