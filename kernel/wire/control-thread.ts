/**
 * The thread that owns the control socket and the heartbeat. It hears an interrupt while the main thread computes, and
 * stops it there. Everything else is passed to the main thread.
 */

import { parentPort, workerData } from "node:worker_threads";
import { Reply, Router } from "zeromq";
import type { FromMain, FromThread, ThreadData } from "./control";
import { Codec } from "./message";
import { LINGER, Sender } from "./sender";
import { Stopper } from "./stopper";

/** How long the main thread may take to answer before SIGINT is sent, in milliseconds. */
const ANSWER = 30;

const { control, heartbeat, key } = workerData as ThreadData;
const port = parentPort!;
const say = (message: FromThread) => port.postMessage(message);

const router = new Router({ sendHighWaterMark: 0, linger: LINGER });
const sender = new Sender(router);
const echo = new Reply({ linger: 0 });
const codec = new Codec(key);
const stopper = new Stopper();

let sent = 0;
let heard = 0;

port.on("message", (message: FromMain) => {
  if ("heard" in message) {
    heard = message.heard;
    stopper.rest();
  } else if ("frames" in message) sender.send(message.frames.map((frame) => Buffer.from(frame)));
  else if ("flush" in message) void sender.flushed().then(() => say({ flushed: message.flush }));
  else close();
});

/** Stop the main thread unless it hears the request itself: a signal first, then the end of its execution. */
function interrupt(request: number): void {
  setTimeout(() => {
    if (heard >= request) return;
    signal();
    stopper.stop(() => say({ stopped: true }));
  }, ANSWER);
}

/** Send SIGINT to this process and to the programs that it runs. */
function signal(): void {
  try {
    process.kill(-process.pid, "SIGINT");
  } catch {
    // The process does not lead a group.
    process.kill(process.pid, "SIGINT");
  }
}

async function pass(): Promise<void> {
  for await (const frames of router) {
    sent++;
    say({ number: sent, frames });
    if (codec.decode(frames)?.header.msg_type === "interrupt_request") interrupt(sent);
  }
}

async function answer(): Promise<void> {
  for await (const frames of echo) await echo.send(frames);
}

/** Close the sockets. A process that exits while a thread has open sockets is aborted by ZeroMQ. */
function close(): void {
  stopper.rest();
  router.close();
  echo.close();
  port.close();
}

void Promise.all([router.bind(control), echo.bind(heartbeat)]).then(
  () => {
    say({ open: true });
    void pass();
    void answer();
  },
  (error: Error) => say({ failed: error.message }),
);
