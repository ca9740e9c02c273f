import type { Channel, Settings } from "../channel";
import { SimulatedLink } from "./simulated-link";

/** Return both ends of a link within one process. They behave like the ends of a ZeroMQ link. */
export function createMemoryPair(
  settings0: Settings = {},
  settings1: Settings = settings0,
): [Channel, Channel] {
  const { channels } = new SimulatedLink({ settings0, settings1 });
  return [...channels];
}
