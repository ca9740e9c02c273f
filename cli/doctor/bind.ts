/** `spdzlab doctor --bind`: listens as party 0 would, encrypted beyond this machine or where SPDZ_CONFIG is set, for the other party's `spdzlab doctor --peer`. */

import { parseAddress } from "../../lib/channel/address";
import { readIdentity } from "../../lib/channel/keys/keys";
import { type Finding, failure, ok, warning } from "./finding";

type Result = Omit<Finding, "check">;

/** A connection that is silent for so long is given up, in milliseconds. */
const SILENCE = 10_000;

/**
 * Waits for the paired party; on an address of this machine, for anybody.
 *
 * @param patienceMs - how long to wait
 * @param listening - told once it listens, with the address
 */
export async function awaitVisit(
  text: string,
  patienceMs: number,
  listening: (address: string) => void,
): Promise<Result> {
  const address = parseAddress(text, "bind", true);
  const plain = address.local && !process.env.SPDZ_CONFIG;
  const identity = plain ? undefined : readIdentity();
  if (!identity && !plain) {
    return failure(
      `${text} takes an encrypted connection, and there are no keys to tell the other party by.`,
      "spdzlab keygen, then spdzlab pair LINE, on both sides",
    );
  }
  const { ZeroMqPort } =
    require("../../lib/channel/zeromq/zeromq-port") as typeof import("../../lib/channel/zeromq/zeromq-port");
  const port = new ZeroMqPort({ party: 0, address, silenceMs: SILENCE, identity });
  let strangers = 0;
  let told = false;
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Result>((resolve) => {
      late = setTimeout(() => resolve(nobody(port.address, patienceMs, strangers)), patienceMs);
      port.open({
        up: () =>
          resolve(ok(`The other party came in at ${port.address}${identity ? " with the paired key" : ""}.`)),
        stranger: () => void strangers++,
        ready: () => {
          if (!told) listening(port.address);
          told = true;
        },
        failed: (error) => resolve(failure(error.message, "Choose another address or port.")),
        down: () => undefined,
        datagram: () => undefined,
        flooded: () => undefined,
      });
    });
  } finally {
    clearTimeout(late);
    await port.close(0);
  }
}

function nobody(address: string, patienceMs: number, strangers: number): Result {
  const seconds = `${patienceMs / 1000} s`;
  if (strangers > 0) {
    return failure(
      `Somebody came to ${address} within ${seconds}, but not with the paired key (${strangers} times).`,
      "Let both sides send their lines again and compare the code: spdzlab pair LINE",
    );
  }
  return warning(
    `Nobody came to ${address} within ${seconds}.`,
    "On the other machine: spdzlab doctor --peer tcp://HOST:PORT. If it says that nothing answers, a firewall is in the way.",
  );
}
