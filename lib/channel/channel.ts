import type { SpdzError } from "../errors";

/** Party 0 binds, party 1 connects. */
export type Party = 0 | 1;

/** On one link, messages of online work overtake those that produce correlated randomness. */
export type Stream = "online" | "background";

/**
 * One message of one operation. Both parties number their operations in the same way, so a frame finds its operation by
 * number, not by the order of arrival.
 */
export interface Frame {
  readonly stream: Stream;
  /** The number of its operation, counted from 0; an integer below 2^48. */
  readonly operation: number;
  /** The number of the message within that operation, counted from 0; below 2^16. */
  readonly step: number;
  /** 16 bytes that identify what the sender runs (kind, shapes, scales). */
  readonly digest: Uint8Array;
  /** The content. It belongs to the channel once sent, and to the receiver once delivered. */
  readonly payload: Uint8Array;
}

/** Settings on which both parties must agree, by name. A difference is an error that gives the name and both values. */
export type Settings = Readonly<Record<string, string>>;

/** Bytes and messages so far, headers included. */
export interface Traffic {
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** The progress of a transfer, for display. */
export interface Transfer {
  readonly direction: "sending" | "receiving";
  readonly done: number;
  readonly total: number;
}

/** The events of a channel, for its one listener. Nothing is delivered before `listen` or after `closed`. */
export interface ChannelListener {
  frame(frame: Frame): void;
  /** The connection broke and is being made again, or is back. Nothing is lost; this is for display. */
  connection?(state: "lost" | "resumed"): void;
  /** Somebody other than the peer tried to connect, or sent something, and was turned away. `count` is the total. */
  stranger?(count: number): void;
  /** The link is gone for good; called once. `error` is undefined if this side closed it. */
  closed(error: SpdzError | undefined): void;
}

/** A link between the two parties. Frames arrive whole, in order within their stream, each exactly once. */
export interface Channel {
  readonly party: Party;
  /** The address, for messages to people: `tcp://127.0.0.1:29500`. */
  readonly address: string;
  /** Resolves when the peer has connected and agreed on the settings; rejects with a TransportError. */
  readonly connected: Promise<void>;
  /** Once connected, 16 bytes that identify this session, the same on both sides, to bind other things to it. */
  readonly session: Uint8Array | undefined;
  readonly traffic: Traffic;
  /** How many times somebody other than the peer was turned away, or a message was not the peer's. */
  readonly strangers: number;

  /** The largest transfer in progress, if there is one. A channel need not implement this. */
  readonly transfer?: Transfer | undefined;

  /** Attach the listener. Frames that have already arrived are delivered at once. */
  listen(listener: ChannelListener): void;
  /** Queue a frame and return at once. Does nothing after the channel is closed, of which the listener was told. */
  send(frame: Frame): void;
  /** Resolves when more may be queued. Protocols that stream await it between chunks. */
  drained(): Promise<void>;
  /** Say goodbye to the peer, send what is queued for at most a second, and free the address. */
  close(): Promise<void>;
}
