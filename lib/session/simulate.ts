import { SimulatedLink } from "../channel/memory/simulated-link";
import { DistributedInterface } from "./distributed-interface";
import { type InterfaceOptions, resolveOptions } from "./options/options";

/** What the network between the two simulated parties is like. */
export interface SimulationOptions
  extends Pick<InterfaceOptions, "precision" | "security" | "preprocessing"> {
  /** Milliseconds that a message takes from one party to the other; 0 unless given. */
  readonly latencyMs?: number;
  /** Bytes that pass in a second, each way; unlimited unless given. */
  readonly bytesPerSecond?: number;
}

/**
 * Both parties in one process, for learning, for tests and for trying how a network's speed matters. They run the
 * same protocols over a link in memory; what is secret between them is of course not secret from the process.
 *
 * @example
 * const [alice, bob] = spdz.simulate({ latencyMs: 20 });
 *
 * @throws {TypeError | RangeError} an option is wrong
 */
export function simulate(options: SimulationOptions = {}): [DistributedInterface, DistributedInterface] {
  const { latencyMs, bytesPerSecond, ...session } = options;
  const { settings } = resolveOptions(session);
  const link = new SimulatedLink({
    ...(latencyMs !== undefined && { latencyMs }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    settings0: settings,
  });
  const [zero, one] = link.channels;
  return [
    new DistributedInterface(0, { ...session, channel: () => zero }),
    new DistributedInterface(1, { ...session, channel: () => one }),
  ];
}
