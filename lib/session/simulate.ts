import { SimulatedLink } from "../channel/memory/simulated-link";
import { checkOptions } from "../text/options";
import { DistributedInterface } from "./distributed-interface";
import { type InterfaceOptions, resolveOptions } from "./options/options";
import { PairWatch } from "./ranges/watch";

const KNOWN: readonly (keyof SimulationOptions)[] = [
  "latencyMs",
  "bytesPerSecond",
  "precision",
  "security",
  "preprocessing",
  "dealer",
  "dealerKey",
];

/** The simulated network between the two parties, and the session's options. */
export interface SimulationOptions
  extends Pick<InterfaceOptions, "precision" | "security" | "preprocessing" | "dealer" | "dealerKey"> {
  /** Milliseconds that a message takes from one party to the other. Default: 0. */
  readonly latencyMs?: number;
  /** Bytes per second, each way. Default: unlimited. */
  readonly bytesPerSecond?: number;
}

/**
 * Run both parties in one process, for learning, for tests, and to try different network speeds. They run the same
 * protocols over a link in memory. Nothing is secret from the process itself.
 *
 * @example
 * const [alice, bob] = spdz.simulate({ latencyMs: 20 });
 *
 * @throws {TypeError | RangeError} an option is invalid
 */
export function simulate(options: SimulationOptions = {}): [DistributedInterface, DistributedInterface] {
  checkOptions("simulate", options, KNOWN);
  const { latencyMs, bytesPerSecond, ...session } = options;
  const { settings } = resolveOptions(session);
  const link = new SimulatedLink({
    ...(latencyMs !== undefined && { latencyMs }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    settings0: settings,
  });
  const [zero, one] = link.channels;
  const watch = new PairWatch();
  return [
    new DistributedInterface(0, { ...session, channel: () => zero }, { watch }),
    new DistributedInterface(1, { ...session, channel: () => one }, { watch }),
  ];
}
