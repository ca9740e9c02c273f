import { TransportError } from "../../errors";
import { chooseAddress } from "../address";
import type { Channel, Party } from "../channel";
import { checkKey, type Identity, Keys } from "../keys/keys";
import { Link } from "../link/link";
import { checkTiming, type LinkOptions } from "../link/link-options";
import { requirePrivateFolder } from "./private-folder";
import { ZeroMqPort } from "./zeromq-port";

export interface ZeroMqOptions extends LinkOptions {
  /**
   * Where party 0 listens: `tcp://host:port`, or `ipc://path` on one machine. Default: SPDZ_BIND of the environment, or
   * else `tcp://127.0.0.1:29500`, to which every user of the machine can connect. Without keys, a path must be in a
   * folder that only its owner may enter.
   */
  readonly bind?: string | undefined;
  /** Where party 1 finds party 0. Default: SPDZ_PEER, or else `tcp://127.0.0.1:29500`. */
  readonly peer?: string | undefined;
  /** Encrypt, and admit only the holder of `peerKey`. Without it, nothing may leave this machine. */
  readonly identity?: Identity | undefined;
  /** Allow plaintext to leave this machine, where anybody on the path can read and change it. */
  readonly insecurePlaintext?: boolean | undefined;
}

/**
 * Open this party's end of a ZeroMQ PAIR link and return at once. `connected` settles when the peer has connected, or
 * rejects if the network refuses.
 *
 * @throws {TypeError | RangeError} an option is invalid
 * @throws {TransportError} `refused`: plaintext would leave this machine, or pass through a folder that others may enter
 */
export function connectZeroMq(party: Party, options: ZeroMqOptions = {}): Channel {
  if (party !== 0 && party !== 1) throw new RangeError(`party must be 0 or 1, got ${String(party)}`);
  const address = chooseAddress(party, options);
  const { identity } = options;
  if (identity) checkIdentity(identity);
  else if (!address.local && options.insecurePlaintext !== true) {
    throw new TransportError(
      "refused",
      `${address.text} reaches beyond this machine, and there are no keys to encrypt with. Make keys on both sides ` +
        "and exchange the public ones; or, if everybody on the network may read and change everything, set " +
        "insecurePlaintext: true.",
    );
  } else if (options.insecurePlaintext !== true) requirePrivateFolder(address);
  const { silenceMs } = checkTiming(options);
  return new Link(party, new ZeroMqPort({ party, address, silenceMs, identity }), options);
}

function checkIdentity({ keys, peerKey }: Identity): void {
  if (!(keys instanceof Keys)) throw new TypeError("identity.keys must be a Keys object");
  checkKey(peerKey, "identity.peerKey");
  if (peerKey === keys.publicKey) {
    throw new RangeError("identity.peerKey must be the other party's public key, got this party's own");
  }
}
