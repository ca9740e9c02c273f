import type { Party } from "../../../channel/channel";
import { Queue } from "../../../channel/link/queue";
import type { DealingJob } from "../dealing/dealing-job";
import { seedOf } from "../wire/greeting";
import type { DealerHello, DealRequest } from "../wire/messages";
import type { PartyConnection } from "./party-connection";

/** Requests that a party may have waiting; the library has fewer. */
const MAX_WAITING = 64;

/** One party of a pair, as long as it is there. */
export class Member {
  /** When it was last heard of. */
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

  /** What its randomness comes from: a copy, to be overwritten after use. */
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
  /** Steps that were asked for, and bytes that were sent. */
  asked: number;
  offset: number;
}

/** The two parties of one session, and what party 1 waits for. */
export class Pair {
  readonly members: [Member | undefined, Member | undefined] = [undefined, undefined];
  readonly requests = new Queue<DealRequest>();
  /** What steps are asked of; those before it may not have ended. */
  delivery: Delivery | undefined;
  /** Deliveries that have not been sent to their end. */
  readonly deliveries = new Set<Delivery>();
  /** Steps under way. */
  stepping = 0;
  /** Milliseconds of dealing that it had. */
  used = 0;
  /** How many items of each kind it was dealt. */
  readonly dealt = new Map<string, number>();
  /** The key of party 1, once it was there; empty without encryption. */
  payer = "";
  /** Both were there at least once. */
  met = false;

  constructor(
    readonly session: Uint8Array,
    readonly authenticated: boolean,
  ) {}

  /** For people: the beginning of the session's id. */
  get name(): string {
    return Buffer.from(this.session.subarray(0, 4)).toString("hex");
  }

  get complete(): boolean {
    return this.members[0] !== undefined && this.members[1] !== undefined;
  }

  /** There is something to deal for it. */
  get wants(): boolean {
    return this.delivery !== undefined || (this.complete && this.requests.length > 0);
  }

  /** @returns false where party 1 asks for too much at once */
  ask(request: DealRequest): boolean {
    if (this.requests.length >= MAX_WAITING) return false;
    this.requests.push(request);
    return true;
  }

  /** A party that comes back asks again. */
  abortDeliveries(): void {
    this.requests.clear();
    for (const { job } of this.deliveries) job.close();
    this.deliveries.clear();
    this.delivery = undefined;
  }
}

/** Sessions of one key at once, so that nobody keeps the others out. */
const MOST_OF_ONE_KEY = 8;

/** Why a hello was not accepted; for people. */
export type Rejection = "full" | "too many" | "same key" | "another key";

/** Who is there. A party is known by the connection it said hello on. */
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
   * Takes in the sender of a hello that proved to be what it says: a new party, or one that comes back.
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
    // The same secret over another connection: the one before is dead, whether or not that was noticed.
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
   * A party is gone, and its secret with it.
   *
   * @returns whether nobody of its pair is left
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
