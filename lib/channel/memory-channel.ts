import type { Channel, Settings } from "./channel";
import { Link } from "./link";
import { MemoryPort } from "./memory-port";

/** Both ends of a link within one process, which behave as the ends of a ZeroMQ link do. */
export function createMemoryPair(
  settings0: Settings = {},
  settings1: Settings = settings0,
): [Channel, Channel] {
  const [port0, port1] = MemoryPort.pair();
  return [new Link(0, port0, { settings: settings0 }), new Link(1, port1, { settings: settings1 })];
}
