/**
 * `spdzlab doctor --bind`: listen as party 0 would, for the other party's `spdzlab doctor --peer`. Encrypt the connection
 * beyond this machine, or if SPDZ_CONFIG is set.
 */

import { parseAddress } from "../../lib/channel/address";
import { readIdentity } from "../../lib/channel/keys/keys";
import { type Finding, failure, ok, warning } from "./finding";

type Result = Omit<Finding, "check">;

/** Give up a connection that is silent for this long, in milliseconds. */
const SILENCE = 10_000;

/**
 * Wait for the paired party, or for anybody at an address of this machine.
 *
 * @param patienceMs - how long to wait
 * @param listening - called once with the address, when it is listening
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
      `${text} requires an encrypted connection, but there are no keys to identify the other party.`,
      "Run spdzlab keygen, then spdzlab pair LINE, on both sides.",
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
          resolve(
            ok(`The other party connected to ${port.address}${identity ? " with the paired key" : ""}.`),
          ),
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
      `Within ${seconds}, ${strangers} connection(s) arrived at ${address}, but not with the paired key.`,
      "Send both lines again, run spdzlab pair LINE on both sides, and compare the code.",
    );
  }
  return warning(
    `No connection arrived at ${address} within ${seconds}.`,
    "On the other machine, run spdzlab doctor --peer tcp://HOST:PORT. If it gets no answer, a firewall is in between.",
  );
}
