/**
 * The dealer's process with the sockets. If it ends, the process with the gate starts another one. If the process with the
 * gate ends, this process ends too.
 */

import { readKeys, readPartyKeys } from "../../lib/channel/keys/keys";
import { DealingThread } from "../../lib/preprocessing/dealer/dealing/dealing-thread";
import { Desk } from "../../lib/preprocessing/dealer/desk/desk";
import { logTo } from "./dealer-log";
import type { FromDesk, ToDesk } from "./dealer-messages";

const ALIVE_MS = 250;

const say = (message: FromDesk) => void (process.connected && process.send?.(message));
let desk: Desk | undefined;

process.on("message", (message: ToDesk) => {
  switch (message.type) {
    case "start":
      start(message.folder, message.peerKeys);
      break;
    case "open": {
      const { id } = message;
      desk?.open(id).then(
        (endpoint) => say({ type: "opened", id, endpoint }),
        () => say({ type: "refused", id }),
      );
      break;
    }
    case "closed":
      desk?.closed(message.id);
      break;
    case "close":
      void desk?.close().finally(() => process.exit());
  }
});
process.on("disconnect", () => process.exit());
// A terminal's interrupt arrives here too. Wait for the process with the gate to say when to close.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

function start(folder: string | undefined, peerKeys: readonly string[]): void {
  const keys = folder === undefined ? undefined : readKeys(folder);
  desk = new Desk({
    identity: keys && { keys, admitted: [...readPartyKeys(folder), ...peerKeys] },
    deal: new DealingThread().deal,
    onEvent: logTo((text) => say({ type: "log", text })),
  });
  desk.onHeard = (id, known) => say({ type: "heard", id, known });
  setInterval(() => say({ type: "alive", bytes: process.memoryUsage.rss() }), ALIVE_MS);
  say({ type: "ready" });
}
