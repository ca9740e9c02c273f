import { chooseAddress } from "./address";
import type { Channel, Party } from "./channel";
import { Link } from "./link";
import { checkTiming, type LinkOptions } from "./link-options";
import { ZeroMqPort } from "./zeromq-port";

export interface ZeroMqOptions extends LinkOptions {
  /** Where party 0 listens; else the environment's SPDZ_BIND, else `tcp://127.0.0.1:29500`. */
  readonly bind?: string;
  /** Where party 1 finds party 0; else SPDZ_PEER, else `tcp://127.0.0.1:29500`. */
  readonly peer?: string;
}

/**
 * Opens this party's end of a ZeroMQ PAIR link and returns at once; `connected` tells when the peer has come.
 *
 * @throws {TypeError | RangeError} an option is wrong; what the network refuses comes through `connected`
 */
export function connectZeroMq(party: Party, options: ZeroMqOptions = {}): Channel {
  if (party !== 0 && party !== 1) throw new RangeError(`party: ${String(party)} is neither 0 nor 1`);
  const { silenceMs } = checkTiming(options);
  return new Link(party, new ZeroMqPort(party, chooseAddress(party, options), silenceMs), options);
}
