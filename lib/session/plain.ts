import type { Party } from "../channel/channel";
import { AbsentPeer } from "../channel/memory/absent-peer";
import { PlainSession } from "../protocol/plain/session";
import type { SharingSession } from "../protocol/sharing-session";
import type { SecretInput } from "../tensor/secret";
import { DistributedInterface } from "./distributed-interface";
import { StandIn } from "./ranges/stand-in";
import { PlainWatch } from "./ranges/watch";

/** How to run cells in the clear. */
export interface PlainOptions {
  /** The party whose cells run. Default: 0. */
  readonly party?: Party;
  /** Values of inputs that the cells do not give themselves, such as the other party's, in the order of the cells. */
  readonly inputs?: readonly SecretInput[];
  /** Fractional bits of fixed-point numbers, 0 to 24. Default: 16. */
  readonly precision?: number;
}

/**
 * Run a notebook's cells in the clear, without another party: the same integers, scales and truncations as on shares, on
 * values that are not secret. `iface.report()` then tells how exact each operation was and how near its values came to
 * an overflow.
 *
 * `iface.input` calls the functions of both owners. Where a cell passes no value, it takes the next of `inputs`; so does
 * `swapShares` where the other party would send its share. Results are as on shares, but for the last place of products:
 * here they are rounded down, there down or up.
 *
 * @returns an interface on which the same cells run; nothing is sent
 * @throws {TypeError | RangeError} an option is unknown or invalid
 *
 * @example
 * const iface = spdz.plain({ party: 0, inputs: [[41_000, 58_000]] });
 * const income = await iface.input(0, () => [52_000, 61_500]);
 * const spent = await iface.input(1);
 * await income.sub(spent).mean().reveal()
 * iface.report()
 */
export function plain(options: PlainOptions = {}): DistributedInterface {
  const unknown = Object.keys(options).find((name) => !["party", "inputs", "precision"].includes(name));
  if (unknown !== undefined)
    throw new TypeError(
      `plain: unknown option "${unknown}"; the options are "party", "inputs" and "precision"`,
    );
  const { party = 0, inputs = [], precision } = options;
  if (!Array.isArray(inputs))
    throw new TypeError("plain: inputs must be an array with one entry for each input, such as [[1, 2]]");
  const channel = () => new AbsentPeer(party);
  return new DistributedInterface(
    party,
    { channel, ...(precision !== undefined && { precision }) },
    {
      share: () => new PlainSession(party) as unknown as SharingSession,
      watch: new PlainWatch(),
      standIn: new StandIn(inputs),
    },
  );
}
