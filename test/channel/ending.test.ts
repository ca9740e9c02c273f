// A process with nothing left to do ends, even after encrypted channels: closed channels do not keep it alive.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assertBuilt } from "../kernel/client";
import { root } from "../setup/root";

const channel = JSON.stringify(join(root, "dist/lib/channel/"));
const program = `
  const { Keys } = require(${channel} + "keys/keys.js");
  const { connectZeroMq } = require(${channel} + "zeromq/zeromq-channel.js");
  const [a, b] = [Keys.generate(), Keys.generate()];
  const zero = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", identity: { keys: a, peerKey: b.publicKey } });
  setImmediate(async () => {
    const one = connectZeroMq(1, { peer: zero.address, identity: { keys: b, peerKey: a.publicKey } });
    await Promise.all([zero.connected, one.connected]);
    await Promise.all([zero.close(), one.close()]);
    console.log("closed");
  });
`;

/** Return how the program ended: `closed 0`, or the signal if it had to be killed long after it was done. */
function end(): Promise<string> {
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  let late: NodeJS.Timeout | undefined;
  child.stdout.on("data", (data) => {
    text += data;
    late = setTimeout(() => child.kill("SIGKILL"), 15_000);
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(late);
      resolve(`${text.trim()} ${code ?? signal}`);
    });
  });
}

// Regression: one process in thirty did not end, when nobody was left to answer ZeroMQ while it freed the socket.
test("a process ends by itself after an encrypted channel, in repeated runs", async () => {
  assertBuilt();
  for (let round = 0; round < 12; round++) {
    expect(await Promise.all([end(), end(), end(), end()])).toEqual(Array(4).fill("closed 0"));
  }
}, 300_000);
