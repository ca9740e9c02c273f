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
   * Where party 0 listens, `tcp://host:port`, or `ipc://path` on one machine; else the environment's SPDZ_BIND, else
   * `tcp://127.0.0.1:29500`, where every user of the machine may come in. Without keys a path must be in a folder that
   * its owner alone may enter.
   */
  readonly bind?: string | undefined;
  /** Where party 1 finds party 0; else SPDZ_PEER, else `tcp://127.0.0.1:29500`. */
  readonly peer?: string | undefined;
  /** Encrypts, and admits nobody but the holder of `peerKey`. Without it nothing leaves this machine. */
  readonly identity?: Identity | undefined;
  /** Lets plain text go beyond this machine, where anybody on the way reads and changes it. */
  readonly insecurePlaintext?: boolean | undefined;
}

/**
 * Opens this party's end of a ZeroMQ PAIR link and returns at once; `connected` tells when the peer has come.
 *
 * @throws {TypeError | RangeError} an option is wrong; what the network refuses comes through `connected`
 * @throws {TransportError} `refused`: plain text would leave this machine, or pass through a folder that others may enter
 */
export function connectZeroMq(party: Party, options: ZeroMqOptions = {}): Channel {
  if (party !== 0 && party !== 1) throw new RangeError(`party: ${String(party)} is neither 0 nor 1`);
  const address = chooseAddress(party, options);
  const { identity } = options;
  if (identity) checkIdentity(identity);
  else if (!address.local && options.insecurePlaintext !== true) {
    throw new TransportError(
      "refused",
      `${address.text} reaches beyond this machine, and there are no keys to encrypt with. Make keys on both sides ` +
        "and exchange the public ones; or, where everybody on the network may read and change everything, say " +
        "insecurePlaintext: true.",
    );
  } else if (options.insecurePlaintext !== true) requirePrivateFolder(address);
  const { silenceMs } = checkTiming(options);
  return new Link(party, new ZeroMqPort({ party, address, silenceMs, identity }), options);
}

function checkIdentity({ keys, peerKey }: Identity): void {
  if (!(keys instanceof Keys)) throw new TypeError("identity.keys: not Keys");
  checkKey(peerKey, "identity.peerKey");
  if (peerKey === keys.publicKey) {
    throw new RangeError(
      "identity.peerKey: this is the party's own public key; it must be the other party's",
    );
  }
}
