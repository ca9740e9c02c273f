import type { Stream } from "../channel/channel";
import { BATCH_NAME } from "../preprocessing/producers/agree";
import type { DistributedInterface } from "./distributed-interface";

/** How a cheating party changes a message that it sends. */
export interface Cheat {
  /**
   * The kind of message to change; the next one of this kind is changed. `"opening"`: masked values that both parties
   * open. `"mac"`: the rows that the MAC check compares. `"commitment"`: a commitment to a value that is opened later.
   * `"preparation"`: any message of making correlated randomness.
   */
  readonly message: "opening" | "mac" | "commitment" | "preparation";
  /**
   * `"flip"` flips the lowest bit of the first byte. `"shift"` adds 64 to every eighth byte. `"zero"` sends zeros.
   * `"replay"` sends the last message of the same kind and size again; it needs two such messages.
   */
  readonly change: "flip" | "shift" | "zero" | "replay";
}

const messages: readonly string[] = ["opening", "mac", "commitment", "preparation"];

/** Find the kind of a message from its protocol's label. */
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
 * Make this party cheat, to show how the other party notices: change the next message of a kind that this party sends.
 * For lessons and tests. With authenticated shares, the other party's next reveal throws a CheckError and shows nothing.
 * Calling it again replaces a cheat that has not happened yet.
 *
 * @param iface - the cheating party's interface, in its own notebook
 * @param cheat - which message to change, and how
 * @throws {TypeError} an unknown message or change
 *
 * @example
 * insecureCheat(iface, { message: "opening", change: "flip" });
 */
export function insecureCheat(iface: DistributedInterface, { message, change }: Cheat): void {
  if (!messages.includes(message))
    throw new TypeError(`message must be one of ${messages.join(", ")}, got ${String(message)}`);
  if (change !== "replay" && !Object.hasOwn(changes, change))
    throw new TypeError(
      `change must be one of ${[...Object.keys(changes), "replay"].join(", ")}, got ${String(change)}`,
    );
  const { tampering } = iface.session;
  let last: Uint8Array | undefined;
  tampering.alter = (payload, stream, what) => {
    if (message !== kindOf(stream, what)) return payload;
    const altered = payload.slice();
    if (change !== "replay") changes[change](altered);
    else if (last?.length === payload.length) altered.set(last);
    last = payload.slice();
    // If the change left the bytes as they were, change the next message instead.
    if (!Buffer.from(altered).equals(payload)) tampering.alter = undefined;
    return altered;
  };
}
