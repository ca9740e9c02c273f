import type { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { plain } from "../../lib/session/plain";
import { createPair } from "./pair";

/** Runs the same cells at both parties of a session in one process, and, as the first, in the clear. */
export interface Parties {
  /** Both results of a session's parties must be alike; gives that of party 0. */
  run<T>(cells: (iface: DistributedInterface) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A session in the clear; fails if a value overflowed. */
export function inTheClear(): Parties {
  setHost({ cell: () => undefined, notify: () => undefined });
  const iface = plain();
  return {
    run: async (cells) => {
      const result = await cells(iface);
      await iface.settled();
      const { overflow } = iface.report();
      if (overflow) throw new Error(`overflow: ${JSON.stringify(overflow)}`);
      return result;
    },
    close: () => iface.close(),
  };
}

/** Both parties of a session. */
export function bothParties(options?: Parameters<typeof createPair>[0]): Parties {
  const pair = createPair(options);
  return {
    run: async (cells) => {
      const [first] = await Promise.all(pair.map(cells));
      await Promise.all(pair.map((iface) => iface.settled()));
      return first as Awaited<ReturnType<typeof cells>>;
    },
    close: async () => {
      await Promise.all(pair.map((iface) => iface.close()));
    },
  };
}
