import { setImmediate as turn } from "node:timers/promises";
import { Router } from "zeromq";
import type { Address } from "../../channel/address";
import type { Keys } from "../../channel/keys";
import { type Admission, admit, context } from "../../channel/zap";
import { TransportError } from "../../errors";
import { checkHello } from "./greeting";
import {
  decodeFromParty,
  encode,
  type FromDealer,
  type FromParty,
  type Hello,
  MAX_CHUNK_BYTES,
  Refusal,
  type Request,
} from "./messages";
import { Outbox } from "./outbox";
import { type Member, type Pair, Pairs, type Rejection } from "./pairs";

/** Chunks on the way to one party before it tells that some have come: 8 MiB. */
const WINDOW = 16;
const OVERHEAD_BYTES = 1024;
/** A connection that broke is out of the socket's list after a moment. */
const PROBE_MS = 50;

const REJECTIONS: Record<Rejection, string> = {
  full: "the dealer serves as many pairs as it may",
  "too many": "the party has as many sessions here as it may: close some",
  "same key": "both parties have the same key",
  "another key": "the party came with another key before",
};

/** What the dealer deals: party 1's corrections of a request. */
export type Deal = (
  request: Request,
  seeds: readonly [Uint8Array, Uint8Array],
  authenticated: boolean,
) => Uint8Array | Promise<Uint8Array>;

/** Something for the dealer's log. It never holds a secret. */
export type DealerEvent =
  | { readonly type: "waiting"; readonly pair: Pair; readonly member: Member }
  | { readonly type: "paired"; readonly pair: Pair }
  | { readonly type: "parted"; readonly pair: Pair; readonly member: Member }
  | { readonly type: "left"; readonly pair: Pair }
  | { readonly type: "refused"; readonly why: string }
  | { readonly type: "stranger" };

export interface DealerServerOptions {
  readonly address: Address;
  /** The dealer's own keys, and the parties' public ones; nobody else gets in. */
  readonly identity?: { readonly keys: Keys; readonly admitted: readonly string[] } | undefined;
  /** Lets plain text go beyond this machine, where anybody on the way reads every secret. */
  readonly insecurePlaintext?: boolean | undefined;
  readonly deal: Deal;
  readonly onEvent?: (event: DealerEvent) => void;
  /** A connection that is silent for so long is given up, in milliseconds. */
  readonly silenceMs?: number;
  /** So is a party that says nothing for so long, with all that is known of it. */
  readonly absentMs?: number;
  /** Pairs at once. */
  readonly mostPairs?: number;
}

/**
 * The dealer: a third process that makes two parties' correlated randomness. It sees no input and nothing of what the
 * parties tell each other, but it knows all the randomness: a helper trusted not to collude with either party.
 *
 * It serves several pairs in turn, one request of each. Of a pair it keeps two secrets and what waits, in memory alone.
 */
export class DealerServer {
  readonly #options: DealerServerOptions;
  readonly #pairs: Pairs;
  readonly #tell: (event: DealerEvent) => void;
  #router: Router | undefined;
  #outbox: Outbox | undefined;
  #admission: Admission | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #address: string;
  #probe: NodeJS.Timeout | undefined;
  /** When it was last looked for parties that say nothing. */
  #swept = 0;
  #working = false;

  /**
   * @throws {TransportError} `refused`: plain text would leave this machine
   * @throws {RangeError} nobody would be admitted
   */
  constructor(options: DealerServerOptions) {
    const { address, identity, insecurePlaintext } = options;
    if (!identity && !address.local && insecurePlaintext !== true) {
      throw new TransportError(
        "refused",
        `${address.text} reaches beyond this machine, and there are no keys to encrypt with: the seeds of both parties ` +
          "would be there for everybody to read. Make keys with `spdzlab keygen --party dealer`.",
      );
    }
    if (identity && new Set(identity.admitted).size < 2)
      throw new RangeError("the dealer needs the public keys of at least two parties");
    this.#options = options;
    this.#pairs = new Pairs(options.mostPairs ?? 64);
    this.#tell = options.onEvent ?? (() => undefined);
    this.#address = address.text;
  }

  /** Where it listens, once it does. */
  get address(): string {
    return this.#address;
  }

  /** @throws {TransportError} the address cannot be used */
  listen(): void {
    const { address, silenceMs = 3000, absentMs = 15_000 } = this.#options;
    const router = new Router({
      context,
      linger: 0,
      ipv6: address.ipv6,
      mandatory: true,
      // What is under way is bounded by the window, and a slow party must not stop the others.
      sendHighWaterMark: 0,
      // Only a socket that has no connection left waits to send.
      sendTimeout: 200,
      heartbeatInterval: Math.ceil(silenceMs / 3),
      heartbeatTimeout: silenceMs,
      heartbeatTimeToLive: silenceMs,
      maxMessageSize: OVERHEAD_BYTES,
      ...this.#curve(),
    });
    for (const event of [
      "handshake:error:auth",
      "handshake:error:protocol",
      "handshake:error:other",
    ] as const)
      router.events.on(event, () => this.#tell({ type: "stranger" }));
    // ZeroMQ may ask, and awaits the answer, as long as there is anything left of a socket that was closed.
    router.events.on("end", () => this.#admission?.release());
    router.events.on("disconnect", () => {
      clearTimeout(this.#probe);
      this.#probe = setTimeout(() => this.#probeAll(), PROBE_MS).unref();
    });
    try {
      router.bindSync(address.text);
    } catch (error) {
      router.close();
      throw new TransportError(
        "address-in-use",
        `${address.text} cannot be used: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
    this.#address = router.lastEndpoint ?? address.text;
    this.#router = router;
    this.#outbox = new Outbox(router, ([route]) => this.#lose(this.#pairs.of(route!)));
    this.#swept = performance.now();
    this.#sweeper = setInterval(() => this.#sweep(absentMs), absentMs / 5);
    void this.#read(router);
  }

  /** Tells the parties and ends within a moment. */
  async close(): Promise<void> {
    const router = this.#router;
    if (!router) return;
    clearInterval(this.#sweeper);
    clearTimeout(this.#probe);
    for (const { route } of [...this.#pairs.members]) this.#send(route, { type: "goodbye" });
    await Promise.race([this.#outbox!.sent(), new Promise((resolve) => setTimeout(resolve, 200))]);
    this.#router = undefined;
    for (const member of [...this.#pairs.members]) this.#lose(member);
    const closed = new Promise((resolve) => {
      router.events.on("close", resolve);
      setTimeout(resolve, 500).unref();
    });
    router.linger = 200;
    router.close();
    await closed;
  }

  #curve(): object {
    const { identity } = this.#options;
    if (!identity) return {};
    this.#admission = admit(...identity.admitted);
    const { domain } = this.#admission;
    const curveSecretKey = identity.keys.revealSecretKey();
    return { curveServer: true, curveSecretKey, zapDomain: domain, zapEnforceDomain: true };
  }

  #send(route: Uint8Array, message: FromDealer): void {
    this.#outbox?.push([route, ...encode(message)]);
  }

  async #read(router: Router): Promise<void> {
    for (let count = 1; ; count++) {
      let parts: Uint8Array[];
      try {
        parts = await router.receive();
      } catch {
        return;
      }
      if (router !== this.#router) return;
      const [route, ...message] = parts;
      this.#hear(route!, message);
      // Messages that are there already come without a turn of the event loop, and nobody may keep it.
      if (count % 64 === 0) await turn();
    }
  }

  #hear(route: Uint8Array, parts: Uint8Array[]): void {
    const member = this.#pairs.of(route);
    try {
      const message = decodeFromParty(parts);
      if (member) member.heard = performance.now();
      if (message.type === "hello") this.#greet(route, message);
      else if (!member)
        this.#refuse(route, Refusal.unknown, "the dealer does not know this party (any more)");
      else this.#obey(member, message);
    } catch (error) {
      // Who is no member, and never says hello rightly, is not worth a word.
      if (!member) return;
      this.#refuse(route, Refusal.malformed, (error as Error).message);
      this.#tell({
        type: "refused",
        why: `party ${member.party} of ${member.pair.name}: ${(error as Error).message}`,
      });
      this.#lose(member);
    }
  }

  #greet(route: Uint8Array, hello: Hello): void {
    const { identity } = this.#options;
    const key = checkHello(hello, identity && { own: identity.keys, admitted: identity.admitted });
    if (key === undefined) {
      this.#refuse(route, Refusal.hello, "the hello does not prove that this party belongs to the session");
      this.#tell({
        type: "refused",
        why: "a hello that does not prove that its sender belongs to the session",
      });
      return;
    }
    const member = this.#pairs.join(route, hello, key);
    if (typeof member === "string") {
      this.#refuse(
        route,
        member === "full" || member === "too many" ? Refusal.full : Refusal.hello,
        REJECTIONS[member],
      );
      this.#tell({ type: "refused", why: REJECTIONS[member] });
      return;
    }
    const { pair } = member;
    if (!pair.complete) {
      this.#send(route, { type: "welcome", paired: false });
      this.#tell({ type: "waiting", pair, member });
      return;
    }
    for (const each of pair.members) this.#send(each!.route, { type: "welcome", paired: true });
    this.#tell({ type: "paired", pair });
    pair.met = true;
    this.#work();
  }

  #obey(member: Member, message: Exclude<FromParty, Hello>): void {
    const { pair } = member;
    switch (message.type) {
      case "request":
        if (member.party !== 1 || !pair.ask(message))
          throw new Error("a request that is not this party's to make");
        this.#work();
        break;
      case "credit":
        if (message.chunks < member.received || message.chunks > member.sent)
          throw new Error("it tells of chunks that were not sent");
        member.received = message.chunks;
        this.#deliver(pair);
        this.#work();
        break;
      case "goodbye":
        this.#lose(member);
    }
  }

  #refuse(route: Uint8Array, code: Refusal, text: string, id = 0): void {
    this.#send(route, { type: "refusal", code, id, text });
  }

  #lose(member: Member | undefined): void {
    if (!member) return;
    const { pair } = member;
    if (this.#pairs.leave(member)) this.#tell({ type: "left", pair });
    else {
      const other = pair.members[1 - member.party]!;
      this.#send(other.route, { type: "welcome", paired: false });
      this.#tell({ type: "parted", pair, member });
    }
  }

  /** Some connection broke, and the socket does not say whose: what cannot be sent any more does. */
  #probeAll(): void {
    for (const { route, pair } of this.#pairs.members)
      this.#send(route, { type: "welcome", paired: pair.complete });
  }

  #sweep(absentMs: number): void {
    const now = performance.now();
    // While a large request was dealt nobody was heard: what they said meanwhile is read after this.
    const deaf = now - this.#swept > absentMs / 2;
    this.#swept = now;
    for (const member of [...this.#pairs.members]) {
      if (deaf) member.heard = now;
      else if (now - member.heard > absentMs) this.#lose(member);
    }
  }

  /** Deals for each pair in turn, as long as there is something to do; others have their turn between two requests. */
  #work(): void {
    if (this.#working) return;
    this.#working = true;
    void this.#workThrough();
  }

  async #workThrough(): Promise<void> {
    for (let any = true; any; ) {
      any = false;
      for (const pair of [...this.#pairs.all]) {
        if (!pair.ready || !this.#router) continue;
        any = true;
        await this.#serve(pair);
        await turn();
      }
    }
    this.#working = false;
  }

  async #serve(pair: Pair): Promise<void> {
    const request = pair.requests.shift()!;
    const [zero, one] = pair.members as [Member, Member];
    const seeds = [zero.seed(), one.seed()] as const;
    try {
      const bytes = await this.#options.deal(request, seeds, pair.authenticated);
      // It may have left, or come back and asked again, meanwhile.
      if (pair.members[1] !== one) return;
      const kind = request.kind.split(" ")[0]!;
      pair.dealt.set(kind, (pair.dealt.get(kind) ?? 0) + request.count);
      pair.delivery = { id: request.id, bytes, offset: 0 };
      this.#deliver(pair);
    } catch (error) {
      // What is wrong with a request is known before anything secret is at hand.
      const { message } = error as Error;
      this.#refuse(one.route, Refusal.request, message, request.id);
      this.#tell({ type: "refused", why: `party 1 of ${pair.name}: ${message}` });
    } finally {
      for (const seed of seeds) seed.fill(0);
    }
  }

  /** Sends what the window has room for. */
  #deliver(pair: Pair): void {
    const [, one] = pair.members;
    const { delivery } = pair;
    if (!delivery || !one) return;
    const { id, bytes } = delivery;
    while (delivery.offset < bytes.length && one.sent - one.received < WINDOW) {
      const { offset } = delivery;
      const body = bytes.subarray(offset, offset + MAX_CHUNK_BYTES);
      this.#send(one.route, { type: "chunk", id, total: bytes.length, offset, body });
      delivery.offset += body.length;
      one.sent++;
    }
    if (delivery.offset >= bytes.length) pair.delivery = undefined;
  }
}
