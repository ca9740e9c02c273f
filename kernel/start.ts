/** The kernel as a process: from its connection file to its exit. */

import { dirname } from "node:path";
import { Server } from "./server";
import { readConnection } from "./wire/connection";
import { Stopped } from "./wire/control";
import { Memory } from "./wire/memory";
import { GENERATION, Once } from "./wire/once";
import { Sockets } from "./wire/sockets";

/** How often to check that the parent process is alive, in milliseconds. */
const PARENT_CHECK = 2000;
/** How long a kernel may take to shut down, in milliseconds. */
const GOODBYE = 2000;

/** Run a kernel until it is told to shut down or its parent process ends. */
export async function startKernel(connectionFile: string): Promise<void> {
  const exit = process.exit.bind(process);
  let leaving = false;
  const connection = readConnection(connectionFile);
  const memory = connection.key === "" ? undefined : new Memory(dirname(connectionFile), connection.key);
  const leave = (code: number, over = false) => {
    if (leaving) return;
    leaving = true;
    if (over) memory?.forget();
    // A cell's timers and sockets must not keep the process alive.
    setTimeout(() => exit(code), GOODBYE);
    void server.close().finally(() => exit(code));
  };
  const stopped = () => server.stopped();
  const server: Server = new Server(new Sockets(connection, stopped, new Once(GENERATION, memory)), leave);

  process.on("SIGINT", () => server.interrupt());
  process.on("SIGTERM", () => leave(0));
  process.on("uncaughtException", (error) => {
    if (!(error instanceof Stopped)) server.complain(error);
  });
  process.on("unhandledRejection", (reason, promise) => server.complainOfRejection(reason, promise));
  process.on("rejectionHandled", (promise) => server.forgetRejection(promise));
  process.exit = (code) => server.exitFromCell(Number(code ?? process.exitCode ?? 0) || 0);

  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) leave(0, true);
  }, PARENT_CHECK).unref();

  await server.start(async (clients) => {
    // Let the event loop run once, so that the client's first requests are answered before the slow load.
    await new Promise(setImmediate);
    const { Session } = require("./session") as typeof import("./session");
    return new Session(clients);
  });
}
