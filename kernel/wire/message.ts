/** Convert Jupyter messages between objects and signed frames. */

import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import type { Header } from "./header";
import { Once } from "./once";
import type { Refusal } from "./refusals";

/** The version of the messaging protocol that this kernel speaks. */
export const PROTOCOL_VERSION = "5.4";

/** The fields of a message's body; each message type has its own. */
export type Content = Record<string, unknown>;

/** A received message. */
export interface Message {
  /** The routing prefix. Repeat it on the reply. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly parentHeader: Partial<Header>;
  readonly metadata: Content;
  readonly content: Content;
  readonly buffers: readonly Buffer[];
}

const DELIMITER = Buffer.from("<IDS|MSG>");

/** Signs and checks messages with the connection's key, and stamps the headers of those sent. */
export class Codec {
  private readonly session = randomUUID();

  /**
   * @param key - the connection file's key; empty means that messages are not signed
   * @param once - which messages have arrived before
   * @param refused - called with the reason when `decode` refuses a message
   */
  constructor(
    private readonly key: string,
    private readonly once = new Once(),
    private readonly refused: (refusal: Refusal) => void = () => undefined,
  ) {}

  /** Return the frames of a new message of type `type`. */
  encode(
    type: string,
    content: Content,
    parent: Partial<Header>,
    identities: readonly (Buffer | string)[] = [],
    metadata: Content = {},
  ): (Buffer | string)[] {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username: "kernel",
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    const parts = [header, parent, metadata, content].map((part) => JSON.stringify(part));
    return [...identities, DELIMITER, this.sign(parts), ...parts];
  }

  /**
   * Decode the message in `frames`.
   *
   * @returns undefined if it is malformed, its signature is wrong, it has arrived before, or this kernel sent it
   */
  decode(frames: readonly Buffer[]): Message | undefined {
    const message = this.read(frames);
    if (typeof message !== "string") return message;
    this.refused(message);
    return undefined;
  }

  private read(frames: readonly Buffer[]): Message | Refusal {
    const delimiter = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (delimiter < 0 || frames.length < delimiter + 6) return "malformed";
    const signature = frames[delimiter + 1]!;
    const parts = frames.slice(delimiter + 2, delimiter + 6);
    if (this.key !== "") {
      const expected = Buffer.from(this.sign(parts));
      if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return "unsigned";
    }
    try {
      const [header, parentHeader, metadata, content] = parts.map((part) => JSON.parse(part.toString()));
      if (typeof header?.msg_type !== "string" || typeof content !== "object" || content === null)
        return "malformed";
      if (this.key !== "" && header.session === this.session) return "own";
      if (this.key !== "" && !this.once.admit(`${signature}`, header)) return "repeated";
      const buffers = frames.slice(delimiter + 6);
      return { identities: frames.slice(0, delimiter), header, parentHeader, metadata, content, buffers };
    } catch {
      return "malformed";
    }
  }

  private sign(parts: readonly (Buffer | string)[]): string {
    if (this.key === "") return "";
    const hmac = createHmac("sha256", this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}
