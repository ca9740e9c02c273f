import type { Stream } from "../channel/channel";
import { BATCH_NAME } from "../preprocessing/producers/agree";
import type { DistributedInterface } from "./distributed-interface";

/** How a party that cheats changes a message that it sends. */
export interface Cheat {
  /**
   * The next message of this kind is changed: `"opening"`, masked values that both parties put together;
   * `"mac"`, what the MAC check compares; `"commitment"`, the promise of a value that is shown later;
   * `"preparation"`, any message by which correlated randomness is made, the next to leave.
   */
  readonly message: "opening" | "mac" | "commitment" | "preparation";
  /**
   * `"flip"` turns one bit, the lowest of the first byte; `"shift"` adds 64 to every eighth byte; `"zero"` sends zeros;
   * `"replay"` sends the last message of the same kind and size again, and waits for a second one where there is none.
   */
  readonly change: "flip" | "shift" | "zero" | "replay";
}

const messages: readonly string[] = ["opening", "mac", "commitment", "preparation"];

/** The kind of a message, from the words by which its protocol tells people what it carries. */
function kindOf(stream: Stream, what = ""): Cheat["message"] | undefined {
  if (stream === "background") return what === BATCH_NAME ? undefined : "preparation";
  if (what === "commitment") return "commitment";
  if (what === "MAC check") return "mac";
  return what.startsWith("opens ") ? "opening" : undefined;
}

const changes: Record<Exclude<Cheat["change"], "replay">, (bytes: Uint8Array) => void> = {
  flip: (bytes) => {
    bytes[0]! ^= 1;
  },
  shift: (bytes) => {
    for (let i = 0; i < bytes.length; i += 8) bytes[i] = (bytes[i]! + 64) & 255;
  },
  zero: (bytes) => {
    bytes.fill(0);
  },
};

/**
 * Makes this party cheat, to show how the other one finds out: alters one message that it sends, the next of a kind.
 * For lessons and tests; with authenticated shares the other party's next reveal throws a CheckError and shows nothing.
 * A later call replaces a cheat that is still to come.
 *
 * @param iface - of the party that cheats, in its own notebook
 * @param cheat - which message, and how it is changed
 * @throws {TypeError} a message or a change that there is not
 *
 * @example
 * insecureCheat(iface, { message: "opening", change: "flip" });
 */
export function insecureCheat(iface: DistributedInterface, { message, change }: Cheat): void {
  if (!messages.includes(message)) throw new TypeError(`message is one of ${messages.join(", ")}`);
  if (change !== "replay" && !Object.hasOwn(changes, change))
    throw new TypeError(`change is one of ${[...Object.keys(changes), "replay"].join(", ")}`);
  const { tampering } = iface.session;
  let last: Uint8Array | undefined;
  tampering.alter = (payload, stream, what) => {
    if (message !== kindOf(stream, what)) return payload;
    const altered = payload.slice();
    if (change !== "replay") changes[change](altered);
    else if (last?.length === payload.length) altered.set(last);
    last = payload.slice();
    // A change that leaves the bytes as they are is none: the next message will do.
    if (!Buffer.from(altered).equals(payload)) tampering.alter = undefined;
    return altered;
  };
}
