import { createMemoryPair } from "../../lib/channel/memory/memory-channel";
import "../../lib/ops/methods";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { type InterfaceOptions, resolveOptions } from "../../lib/session/options/options";

/** For tests that are about something else than the security mode. */
export const fast = { security: "semi-honest", preprocessing: "insecureFirstPartyDealer" } as const;

/** How tests use a mode; `modes.ts` has these beside a session's options. */
interface Runs {
  readonly fast: boolean;
  readonly slow: boolean;
  readonly runs: number;
}

/** Two interfaces in one process; notices are dropped. */
export function createPair(
  mode: InterfaceOptions & Partial<Runs> = fast,
): [DistributedInterface, DistributedInterface] {
  const { fast: _fast, slow: _slow, runs: _runs, ...options } = mode;
  setHost({ cell: () => undefined, notify: () => {} });
  const { settings } = resolveOptions(options);
  const [zero, one] = createMemoryPair(settings);
  return [
    new DistributedInterface(0, { ...options, channel: () => zero }),
    new DistributedInterface(1, { ...options, channel: () => one }),
  ];
}

/** Runs what each party does, both at once, and closes the session. */
export async function withPair<T>(
  run: (iface: DistributedInterface) => Promise<T>,
  options: InterfaceOptions = fast,
): Promise<[T, T]> {
  const pair = createPair(options);
  try {
    return await Promise.all([run(pair[0]), run(pair[1])]);
  } finally {
    await Promise.all(pair.map((iface) => iface.close()));
  }
}
