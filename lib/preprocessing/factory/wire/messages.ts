import { parseAddress } from "../../../channel/address";
import type { Party } from "../../../channel/channel";
import { checkKey } from "../../../channel/keys/keys";

/** What a worker does: it waits for a ticket, meets its partner, waits for a job, or makes one. */
export const WORKER_STATES = ["free", "pairing", "ready", "busy"] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** A worker's figures since its start. */
export interface WorkerFigures {
  readonly jobs: number;
  readonly items: number;
  readonly bytes: number;
  /** Seconds of work on jobs. */
  readonly seconds: number;
  /** Runs that were begun and not handed over. */
  readonly lost: number;
}

/** A worker says every two seconds that it is there. */
export interface Hello {
  readonly id: string;
  readonly state: WorkerState;
  /** The key for the next ticket, in Z85, and the one that the partner will see. */
  readonly ticketKey: string;
  readonly key: string;
  /** The pair that it belongs to, if it does. */
  readonly pair: string | undefined;
  readonly figures: WorkerFigures;
}

/** Makes a worker a half of a pair. */
export interface Ticket {
  readonly pair: string;
  readonly sid: string;
  readonly party: Party;
  /** In hex. */
  readonly resultKey: string;
  /** The partner's key, in Z85. */
  readonly peerKey: string;
  /** Where the partner listens, for party 1's worker. */
  readonly address: string | undefined;
}

/** A request to one worker. */
export type Request =
  | { readonly type: "ticket"; readonly pair: string; readonly sealed: string }
  /** The notebook is still there. `count` grows, so that an old message does not count. */
  | { readonly type: "beat"; readonly pair: string; readonly count: number }
  | { readonly type: "drop"; readonly pair: string; readonly count: number };

/** A worker's answer to a ticket. */
export interface Answer {
  readonly ok: boolean;
  /** Where it listens, at party 0. */
  readonly address?: string | undefined;
}

/** A party's worker that waits for a partner. */
export interface Offer {
  readonly id: string;
  readonly key: string;
}

/** Messages between the two notebooks. */
export type Control =
  /** Both: a batch that the pool asks for, by its number and a hash of its name. */
  | { readonly type: "name"; readonly job: number; readonly name: string }
  /** Party 0: who makes a batch. */
  | { readonly type: "embed" | "ask"; readonly job: number }
  /** Party 1: it holds a run of a job. */
  | { readonly type: "have"; readonly job: number; readonly run: string }
  /** Party 0: both use this run. */
  | { readonly type: "use"; readonly job: number; readonly run: string }
  /** Party 1: its workers that are free. */
  | { readonly type: "offer"; readonly offers: readonly Offer[] }
  /** Party 0: its worker listens at an address for one of party 1's. */
  | {
      readonly type: "pair";
      readonly pair: string;
      readonly id: string;
      readonly key: string;
      readonly address: string;
    }
  /** Party 1: its worker of a pair is ready, or gone. */
  | { readonly type: "up" | "down"; readonly pair: string };

const ID = /^[0-9a-f]{16}$/;
const RUN = /^[0-9a-f]{32}$/;
const NAME = /^[0-9a-f]{32}$/;
const KEY = /^[0-9a-f]{64}$/;
/** At most so many free workers are offered at once. */
export const MOST_OFFERS = 100;

type Fields = Readonly<Record<string, unknown>>;

/** @returns undefined if the text is not a hello */
export function readHello(text: string): Hello | undefined {
  return read(text, (value) => {
    const figures = value["figures"] as Fields;
    const number = (name: string) => nonNegative(figures[name]);
    const state = value["state"] as WorkerState;
    if (!WORKER_STATES.includes(state)) throw new TypeError("state");
    return {
      id: matching(value["id"], ID),
      state,
      ticketKey: keyOf(value["ticketKey"]),
      key: keyOf(value["key"]),
      pair: value["pair"] === undefined ? undefined : matching(value["pair"], ID),
      figures: {
        jobs: number("jobs"),
        items: number("items"),
        bytes: number("bytes"),
        seconds: number("seconds"),
        lost: number("lost"),
      },
    };
  });
}

/** @returns undefined if the text is not a ticket */
export function readTicket(text: string): Ticket | undefined {
  return read(text, (value) => ({
    pair: matching(value["pair"], ID),
    sid: matching(value["sid"], ID),
    party: partyOf(value["party"]),
    resultKey: matching(value["resultKey"], KEY),
    peerKey: keyOf(value["peerKey"]),
    address: value["address"] === undefined ? undefined : addressOf(value["address"]),
  }));
}

/** @returns undefined if the text is not a request */
export function readRequest(text: string): Request | undefined {
  return read(text, (value) => {
    const pair = matching(value["pair"], ID);
    const { type } = value as { type: string };
    if (type === "ticket") return { type, pair, sealed: textOf(value["sealed"], 8192) };
    if (type === "beat" || type === "drop") return { type, pair, count: countOf(value["count"]) };
    throw new TypeError("type");
  });
}

/** @returns undefined if the text is not an answer */
export function readAnswer(text: string): Answer | undefined {
  return read(text, ({ ok, address }) => ({
    ok: ok === true,
    address: address === undefined ? undefined : addressOf(address),
  }));
}

/** @returns undefined if the value is not a message between notebooks */
export function readControl(value: unknown): Control | undefined {
  return readFields(value, (value) => {
    const { type } = value as { type: string };
    const job = () => countOf(value["job"]);
    switch (type) {
      case "name":
        return { type, job: job(), name: matching(value["name"], NAME) };
      case "embed":
      case "ask":
        return { type, job: job() };
      case "have":
      case "use":
        return { type, job: job(), run: matching(value["run"], RUN) };
      case "offer": {
        const offers = value["offers"] as readonly Fields[];
        if (!Array.isArray(offers) || offers.length > MOST_OFFERS) throw new TypeError("offers");
        return { type, offers: offers.map(({ id, key }) => ({ id: matching(id, ID), key: keyOf(key) })) };
      }
      case "pair":
        return {
          type,
          pair: matching(value["pair"], ID),
          id: matching(value["id"], ID),
          key: keyOf(value["key"]),
          address: addressOf(value["address"]),
        };
      case "up":
      case "down":
        return { type, pair: matching(value["pair"], ID) };
      default:
        throw new TypeError("type");
    }
  });
}

function read<T>(text: string, fields: (value: Fields) => T): T | undefined {
  try {
    return readFields(JSON.parse(text), fields);
  } catch {
    return undefined;
  }
}

function readFields<T>(value: unknown, fields: (value: Fields) => T): T | undefined {
  try {
    return typeof value === "object" && value !== null ? fields(value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function matching(value: unknown, pattern: RegExp): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new TypeError("text");
}

function textOf(value: unknown, most: number): string {
  if (typeof value === "string" && value.length <= most) return value;
  throw new TypeError("text");
}

function keyOf(value: unknown): string {
  checkKey(value, "key");
  return value;
}

function addressOf(value: unknown): string {
  const address = parseAddress(textOf(value, 300), "address", false);
  if (address.transport !== "tcp") throw new TypeError("address");
  return address.text;
}

function partyOf(value: unknown): Party {
  if (value === 0 || value === 1) return value;
  throw new TypeError("party");
}

function countOf(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new TypeError("count");
}

function nonNegative(value: unknown): number {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw new TypeError("number");
}
