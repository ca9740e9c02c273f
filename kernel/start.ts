/** The kernel as a process: from its connection file to its exit. */

import { Server } from "./server";
import { readConnection } from "./wire/connection";
import { Sockets } from "./wire/sockets";

/** How often the kernel looks whether the process that started it is still there, in milliseconds. */
const PARENT_CHECK = 2000;
/** How long a kernel that was told to go may take to say goodbye, in milliseconds. */
const GOODBYE = 2000;

/** Runs a kernel until it is told to shut down or its parent is gone. */
export async function startKernel(connectionFile: string): Promise<void> {
  let leaving = false;
  const leave = () => {
    if (leaving) return;
    leaving = true;
    // Whatever holds on to the process, a timer or a socket of a cell, does not keep it.
    setTimeout(() => process.exit(0), GOODBYE);
    void server.close().finally(() => process.exit(0));
  };
  const server = new Server(new Sockets(readConnection(connectionFile)), leave);

  process.on("SIGINT", () => server.interrupt());
  process.on("SIGTERM", leave);
  process.on("uncaughtException", (error) => complain("Uncaught", error));
  process.on("unhandledRejection", (reason) => complain("Unhandled rejection:", reason));

  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) leave();
  }, PARENT_CHECK).unref();

  await server.start(async (clients) => {
    // A turn of the event loop first, so that the client's first questions are answered before the long load.
    await new Promise(setImmediate);
    const { Session } = require("./session") as typeof import("./session");
    return new Session(clients);
  });
}

/** Prints what nobody caught; a value that cannot be printed must not end the kernel. */
function complain(what: string, value: unknown): void {
  try {
    console.error(what, value);
  } catch {
    console.error(what, "a value that cannot be printed");
  }
}
