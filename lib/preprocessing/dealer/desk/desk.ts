import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Keys } from "../../../channel/keys/keys";
import { type Admission, admit } from "../../../channel/zeromq/zap";
import { definitionOf } from "../../kinds/kinds";
import type { Deal, Step } from "../dealing/dealing-job";
import { checkHello } from "../wire/greeting";
import { type DealerHello, decodeFromParty, MAX_CHUNK_BYTES, type Order, Refusal } from "../wire/messages";
import { SealChecker, sealKey } from "../wire/order-seal";
import type { Connections } from "./dealer-gate";
import { type Delivery, type Member, type Pair, Pairs, type Rejection } from "./pairs";
import { PartyConnection } from "./party-connection";
import { Rate } from "./rate";
import { Budget, Turns } from "./schedule";

/** Steps of one pair under way, so that no thread waits for the other. */
const AT_ONCE = 2;
/** A party that has answers on the way and takes none of them for so long is given up. */
const STALL_MS = 30_000;
/** A key may say hello so often, in a second and in a burst. */
const HELLOS = [4, 40] as const;

const REJECTIONS: Record<Rejection, string> = {
  full: "the dealer serves as many pairs as it may",
  "too many": "the party has as many sessions here as it may: close some",
  "same key": "both parties have the same key",
  "another key": "the party came with another key before",
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
  /** The dealer's own keys, and the parties' public ones; nobody else gets in. */
  readonly identity?: { readonly keys: Keys; readonly admitted: readonly string[] } | undefined;
  readonly deal: Deal;
  readonly onEvent?: ((event: DealerEvent) => void) | undefined;
  /** A party that says nothing for so long is forgotten, with all that is known of it, in milliseconds. */
  readonly absentMs?: number | undefined;
  /** One that takes none of its answers for so long, too. */
  readonly stallMs?: number | undefined;
  /** Pairs at once. */
  readonly mostPairs?: number | undefined;
  /** Bytes of answers on the way or in the making, over all pairs. */
  readonly budget?: number | undefined;
}

/**
 * The dealer's sockets, one for each connection that the gate lets in, and what is said over them. It serves several
 * pairs in turn, a step of each. Of a pair it keeps two secrets and what waits, in memory alone; nothing beyond a
 * connection.
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
  /** When it was last looked for parties that say nothing. */
  #swept = performance.now();
  #closed = false;
  /** Called with the number of a connection over which a whole message has come. */
  onHeard: (id: number, known: boolean) => void = () => undefined;

  /** @throws {RangeError} nobody would be admitted */
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

  /** Tells the parties and ends within a moment. */
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
    // A folder of its own, where nobody else of this machine comes.
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
      // Whoever never says hello rightly is not worth a word.
      if (!member) {
        this.#close(connection);
        return;
      }
      const order = connection.checker!.open(message);
      if (!order) throw new Error("an order whose seal does not fit");
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
    // It comes back by itself.
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
          throw new Error("a request that is not this party's to make");
        this.#work();
        break;
      case "credit":
        if (!connection.acknowledge(order.chunks, order.receipt))
          throw new Error("it tells of chunks that it does not have");
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
    // While this thread was kept nobody was heard: what they said meanwhile is read after this.
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

  /** Starts as many steps as there is room for, of whoever's turn it is. */
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
      // Only now is it known what its pieces are like.
      if (delivery && this.#budget.fits(pair, roomFor(pair), all))
        void this.#step(pair, pair.members[1]!.connection, delivery);
    }
  }

  /** The next request of a pair. */
  #begin(pair: Pair): Delivery | undefined {
    const request = pair.requests.shift()!;
    const { connection } = pair.members[1]!;
    const seeds = pair.members.map((member) => member!.seed()) as [Uint8Array, Uint8Array];
    try {
      const job = this.#options.deal(request, seeds, pair.authenticated);
      const delivery: Delivery = { id: request.id, job, asked: 0, offset: 0 };
      const kind = definitionOf(request.kind).plural;
      pair.dealt.set(kind, (pair.dealt.get(kind) ?? 0) + request.count);
      pair.delivery = delivery;
      pair.deliveries.add(delivery);
      return delivery;
    } catch (error) {
      // What is wrong with a request is known before anything is dealt.
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
    let step: Step | undefined;
    try {
      step = await job.step();
    } catch {
      // The thread that deals has ended. The party comes back and asks again.
      if (pair.deliveries.has(delivery)) this.#close(connection);
    }
    pair.stepping--;
    connection.held -= room;
    if (step) {
      this.#turns.spend(pair, step.ms);
      // It may have left, or come back and asked again, meanwhile.
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

/** Bytes that a pair's next piece has at most; of a request that has not begun, a guess. */
function roomFor(pair: Pair): number {
  return pair.delivery?.job.size.largest ?? MAX_CHUNK_BYTES;
}
