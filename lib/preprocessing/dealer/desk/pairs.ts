import type { Party } from "../../../channel/channel";
import { Queue } from "../../../channel/link/queue";
import type { DealingJob } from "../dealing/dealing-job";
import { seedOf } from "../wire/greeting";
import type { DealerHello, DealRequest } from "../wire/messages";
import type { PartyConnection } from "./party-connection";

/** How many requests of a party may wait. The library sends fewer at once. */
const MAX_WAITING = 64;

/** One party of a pair, as long as it is connected. */
export class Member {
  /** When a message of it last arrived. */
  heard = performance.now();
  readonly #secret: Uint8Array;

  /** @param key - its public key, empty without encryption */
  constructor(
    readonly pair: Pair,
    readonly party: Party,
    readonly connection: PartyConnection,
    readonly key: string,
    secret: Uint8Array,
  ) {
    this.#secret = secret;
  }

  /** The seed of its randomness: a copy, which the caller overwrites after use. */
  seed(): Uint8Array {
    return seedOf(this.#secret, this.pair.session);
  }

  /** Overwrite its secret. */
  destroy(): void {
    this.#secret.fill(0);
  }
}

/** Corrections that are being made for party 1. */
export interface Delivery {
  readonly id: number;
  readonly job: DealingJob;
  /** How many steps were requested, and how many bytes sent. */
  asked: number;
  offset: number;
}

/** The two parties of one session, and the requests of party 1. */
export class Pair {
  readonly members: [Member | undefined, Member | undefined] = [undefined, undefined];
  readonly requests = new Queue<DealRequest>();
  /** The delivery whose steps are requested now. Steps of earlier deliveries may still run. */
  delivery: Delivery | undefined;
  /** Deliveries that have not been sent completely. */
  readonly deliveries = new Set<Delivery>();
  /** How many steps are in progress. */
  stepping = 0;
  /** Milliseconds of dealing that this pair has used. */
  used = 0;
  /** How many items it was dealt, by the name of the kind. */
  readonly dealt = new Map<string, number>();
  /** The key of party 1, once it has connected; empty without encryption. */
  payer = "";
  /** Both parties were connected at once at least once. */
  met = false;

  constructor(
    readonly session: Uint8Array,
    readonly authenticated: boolean,
  ) {}

  /** The beginning of the session's id, for people. */
  get name(): string {
    return Buffer.from(this.session.subarray(0, 4)).toString("hex");
  }

  get complete(): boolean {
    return this.members[0] !== undefined && this.members[1] !== undefined;
  }

  /** Whether there is something to deal for this pair. */
  get wants(): boolean {
    return this.delivery !== undefined || (this.complete && this.requests.length > 0);
  }

  /** @returns false if too many requests of party 1 wait already */
  ask(request: DealRequest): boolean {
    if (this.requests.length >= MAX_WAITING) return false;
    this.requests.push(request);
    return true;
  }

  /** Abort everything that was requested. A party that reconnects repeats its requests. */
  abortDeliveries(): void {
    this.requests.clear();
    for (const { job } of this.deliveries) job.close();
    this.deliveries.clear();
    this.delivery = undefined;
  }
}

/** How many sessions one key may have at once, so that nobody excludes the others. */
const MOST_OF_ONE_KEY = 8;

/** Why a hello was not accepted, for people. */
export type Rejection = "full" | "too many" | "same key" | "another key";

/** The parties that are connected. A party is known by the connection over which it said hello. */
export class Pairs {
  readonly #most: number;
  readonly #pairs = new Map<string, Pair>();
  readonly #members = new Set<Member>();

  /** @param most - pairs at once */
  constructor(most: number) {
    this.#most = most;
  }

  get all(): Iterable<Pair> {
    return this.#pairs.values();
  }

  get members(): Iterable<Member> {
    return this.#members;
  }

  /**
   * Accept the sender of a hello whose proof is right: a new party, or one that reconnects.
   *
   * @param key - the sender's public key, empty without encryption
   */
  join(connection: PartyConnection, hello: DealerHello, key: string): Member | Rejection {
    const { session, party, authenticated, secret } = hello;
    const known = this.#pairs.get(hex(session));
    if (!known && this.#pairs.size >= this.#most) return "full";
    if (!known && key !== "" && this.#pairsOf(key) >= MOST_OF_ONE_KEY) return "too many";
    const pair = known ?? new Pair(session, authenticated);
    const [earlier, other] = [pair.members[party], pair.members[1 - party]];
    if (earlier && earlier.key !== key) return "another key";
    if (other && key !== "" && other.key === key) return "same key";
    // The same secret over another connection: the earlier connection is dead, whether or not the dealer noticed.
    if (earlier) {
      this.#detach(earlier);
      earlier.connection.close();
    }
    const member = new Member(pair, party, connection, key, secret);
    pair.members[party] = member;
    if (party === 1) pair.payer = key;
    this.#pairs.set(hex(session), pair);
    this.#members.add(member);
    return member;
  }

  /**
   * Remove a party that has disconnected, and overwrite its secret.
   *
   * @returns whether no party of its pair is left
   */
  remove(member: Member): boolean {
    const { pair } = member;
    this.#detach(member);
    if (pair.members[0] || pair.members[1]) return false;
    this.#pairs.delete(hex(pair.session));
    return true;
  }

  #pairsOf(key: string): number {
    return [...this.#members].filter((member) => member.key === key).length;
  }

  #detach(member: Member): void {
    const { pair, party } = member;
    this.#members.delete(member);
    pair.members[party] = undefined;
    member.destroy();
    if (party === 1) pair.abortDeliveries();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
