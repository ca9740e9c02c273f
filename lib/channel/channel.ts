import type { SpdzError } from "../errors";

/** Party 0 binds, party 1 connects. */
export type Party = 0 | 1;

/** Online work overtakes the production of correlated randomness on the same link. */
export type Stream = "online" | "background";

/**
 * One message of one operation. Both parties number their operations alike, so a frame finds its operation by
 * number and not by the order of arrival.
 */
export interface Frame {
  readonly stream: Stream;
  /** The operation it belongs to, counted from 0; an integer below 2^48. */
  readonly operation: number;
  /** Which message of that operation, counted from 0; below 2^16. */
  readonly step: number;
  /** 16 bytes that stand for what the sender runs (kind, shapes, scales). */
  readonly digest: Uint8Array;
  /** The bytes. They belong to the channel once sent, and to the receiver once delivered. */
  readonly payload: Uint8Array;
}

/** What both parties must agree on, by name; a difference is an error that names the setting and both values. */
export type Settings = Readonly<Record<string, string>>;

/** Bytes and messages so far, headers included. */
export interface Traffic {
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** How far the bytes that are under way have come, for whoever shows it. */
export interface Transfer {
  readonly direction: "sending" | "receiving";
  readonly done: number;
  readonly total: number;
}

/** What a channel tells its one listener. Nothing is delivered before `listen` and nothing after `closed`. */
export interface ChannelListener {
  frame(frame: Frame): void;
  /** The connection broke and is being made again, or is back. Nothing is lost; it is for telling a person. */
  connection?(state: "lost" | "resumed"): void;
  /** Somebody who is not the peer tried to come in, or sent something, and was turned away; so many times now. */
  stranger?(count: number): void;
  /** Called once: the link is gone for good. `error` is undefined when this side closed it. */
  closed(error: SpdzError | undefined): void;
}

/** A link between the two parties: whole frames, in order within a stream, each exactly once. */
export interface Channel {
  readonly party: Party;
  /** For messages to people: `tcp://127.0.0.1:29500`. */
  readonly address: string;
  /** Settles when the peer has come and agreed on the settings; rejects with a TransportError. */
  readonly connected: Promise<void>;
  /** 16 bytes that name this session, the same on both sides, for whatever must be bound to it; once connected. */
  readonly session: Uint8Array | undefined;
  readonly traffic: Traffic;
  /** How often somebody who is not the peer was turned away, and messages that were not the peer's. */
  readonly strangers: number;

  /** The largest transfer under way, if there is one; a channel may leave it out. */
  readonly transfer?: Transfer | undefined;

  /** Frames that arrived before are delivered at once. */
  listen(listener: ChannelListener): void;
  /** Queues a frame and returns at once. After the channel is closed it does nothing: the listener was told. */
  send(frame: Frame): void;
  /** Resolves when what was queued may grow again; protocols that stream await it between chunks. */
  drained(): Promise<void>;
  /** Says goodbye to the peer, sends what is queued for at most a second, and frees the address. */
  close(): Promise<void>;
}
