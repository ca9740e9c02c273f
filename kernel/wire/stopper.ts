/** Stop the code of a cell while it computes on the main thread. */

import { type Debugger, type InspectorNotification, Session } from "node:inspector";
import { packageRoot } from "../package";

/** The key of the main thread's function to call first, see `control.ts`. */
export const STOP = "spdzlab.stop";

/**
 * What Node's loop over setImmediate callbacks does after each callback. Do it in its place, because the end of
 * execution skips it, and Node would run the callback again for ever.
 */
const NEXT_IMMEDIATE =
  "outstandingQueue.head = immediate?._destroyed ? immediate._idleNext : immediate; " +
  "immediateInfo[kHasOutstanding] = outstandingQueue.head ? 1 : 0";

/** How long the main thread may take to react to the signal, in milliseconds. */
const SIGNAL = 100;
/** How long to wait before looking again, if no code of the user was running, in milliseconds. */
const AGAIN = 200;

/**
 * Ends what the main thread executes, by the inspector. It looks first: the compiler and the library are not stopped
 * in the middle of their own work, which would leave them in disorder.
 */
export class Stopper {
  private session: Session | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly scripts = new Map<string, string>();

  /** Stop the main thread, unless {@link rest} is called soon. Call `stopped` when it was stopped. */
  stop(stopped: () => void): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      const session = new Session();
      this.session = session;
      session.connectToMainThread();
      session.on("Debugger.scriptParsed", ({ params }) => this.scripts.set(params.scriptId, params.url));
      session.on("Debugger.paused", ({ params }: InspectorNotification<Debugger.PausedEventDataType>) => {
        if (!params.callFrames.some(({ location }) => isOfUser(this.scripts.get(location.scriptId)))) {
          session.post("Debugger.resume");
          this.timer = setTimeout(() => session.post("Debugger.pause"), AGAIN);
          return;
        }
        const loop = params.callFrames.find(({ functionName }) => functionName === "processImmediate");
        if (loop !== undefined) {
          const { callFrameId } = loop;
          session.post("Debugger.evaluateOnCallFrame", { callFrameId, expression: NEXT_IMMEDIATE });
        }
        session.post("Runtime.evaluate", { expression: `globalThis[Symbol.for("${STOP}")]?.()` });
        session.post("Runtime.terminateExecution");
        session.post("Debugger.resume");
        session.post("Debugger.disable", () => {
          stopped();
          this.rest();
        });
      });
      session.post("Debugger.enable");
      session.post("Debugger.pause");
    }, SIGNAL);
  }

  /** The main thread has answered: stop nothing. */
  rest(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.scripts.clear();
    this.session?.disconnect();
    this.session = undefined;
  }
}

/** Return whether a script is a cell, or a file of the user or of a package that the user has chosen. */
function isOfUser(url: string | undefined): boolean {
  if (url === undefined || url === "" || url.startsWith("node:")) return false;
  return !url.replace(/^file:\/\//, "").startsWith(`${packageRoot}/`);
}
