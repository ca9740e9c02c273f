/** Handle the clients' requests one after the other, and send the replies. */

import type { Publish } from "./cell/cell";
import { captureChildren } from "./cell/children";
import { hideNotesOnPromises } from "./cell/hidden";
import { receiveInput } from "./cell/input";
import { captureOutput, Streams } from "./cell/streams";
import { KernelExit } from "./execute/interrupt";
import { kernelInfo } from "./kernel-info";
import type { Clients, Session } from "./session";
import { Usage } from "./usage";
import { comms } from "./widgets/comms";
import { noteCommInfo } from "./widgets/models";
import type { Header } from "./wire/header";
import type { Content, Message } from "./wire/message";
import type { Channel, Sockets } from "./wire/sockets";

/** How long a failed cell waits for the cells queued behind it to arrive, in milliseconds. They are aborted too. */
const DRAIN = 5;

/** How long a cell that called `process.exit()` may take to end, in milliseconds. */
const LAST_ANSWER = 1000;

/** Requests to answer while a cell is waiting, so that the user can continue to write. */
const ASIDE = new Set([
  "kernel_info_request",
  "complete_request",
  "inspect_request",
  "is_complete_request",
  "comm_info_request",
  "comm_open",
  "comm_msg",
  "comm_close",
]);

interface Job {
  readonly message: Message;
  aborted: boolean;
}

/** The kernel's conversation with its clients. */
export class Server {
  private readonly streams = new Streams();
  private readonly usage = new Usage();
  private readonly queue: Job[] = [];
  private working = false;
  private session: Session | undefined;
  private ready: Promise<Session> | undefined;
  /** How the running cell wants the kernel to end. */
  private exitCode: number | undefined;
  private farewell: { request: Partial<Header>; restart: boolean } = { request: {}, restart: false };

  /** @param exit - end the kernel, after the reply to a shutdown; `over` if Jupyter will not restart it */
  constructor(
    private readonly sockets: Sockets,
    private readonly exit: (code: number, over?: boolean) => void,
  ) {}

  /** Open the sockets, then load the session. The first requests may arrive meanwhile. */
  async start(load: (clients: Clients) => Promise<Session>): Promise<void> {
    let loaded: (session: Session) => void = () => {};
    this.ready = new Promise((resolve) => {
      loaded = resolve;
    });
    comms.connect(this.publish);
    await this.sockets.open((channel, message) => this.receive(channel, message));
    this.publish("status", { execution_state: "starting" }, {});
    captureOutput(this.streams);
    captureChildren();
    hideNotesOnPromises();
    this.session = await load({
      publish: this.publish,
      askInput: (request, content) => {
        this.streams.flush();
        this.sockets.reply("stdin", request, "input_request", content);
      },
      flushed: () => this.sockets.flushed(),
    });
    loaded(this.session);
    await this.sockets.ready();
  }

  /** Interrupt the running cell. */
  interrupt(): void {
    this.session?.interrupter.interrupt();
  }

  /** The control thread has stopped the code that was running. */
  stopped(): void {
    this.session?.interrupter.stopped();
  }

  /**
   * End the kernel on behalf of a cell. If the cell is still running, reply to it first.
   *
   * @throws {KernelExit} always, so that the caller does not continue
   */
  exitFromCell(code: number): never {
    const reason = new KernelExit(code);
    if (this.session?.runningCell === undefined) {
      this.exit(code);
    } else {
      this.exitCode = code;
      this.session.interrupter.interrupt(reason);
      // End the kernel even if the cell catches the error and continues.
      setTimeout(() => this.exit(code), LAST_ANSWER);
    }
    throw reason;
  }

  /** Show an uncaught error. A value that cannot be printed must not end the kernel. */
  complain(thrown: unknown): void {
    if (this.session !== undefined) this.session.showUncaught(thrown);
    else
      process.stderr.write(
        `${thrown instanceof Error ? thrown.stack : "A value was thrown that is not an Error."}\n`,
      );
  }

  /** Show a rejected promise that nobody awaits. */
  complainOfRejection(reason: unknown, promise: Promise<unknown>): void {
    if (this.session !== undefined) this.session.showRejected(reason, promise);
    else this.complain(reason);
  }

  /** Take back a rejection: somebody awaits the promise after all. */
  forgetRejection(promise: Promise<unknown>): void {
    this.session?.forgetRejected(promise);
  }

  /** Close the session, tell all clients, and send everything that is queued. */
  async close(): Promise<void> {
    await this.session?.close();
    this.streams.flush();
    const { request, restart } = this.farewell;
    this.publish("shutdown_reply", { status: "ok", restart }, request);
    await this.sockets.close();
  }

  private receive(channel: Channel, message: Message): void {
    if (channel === "stdin") {
      if (message.header.msg_type === "input_reply") receiveInput(message.content);
    } else if (channel === "control") {
      void this.answer("control", message, () => this.control(message));
    } else if (this.session?.runningCell !== undefined && ASIDE.has(message.header.msg_type)) {
      void this.answerAside(message, this.session.runningCell.request.header);
    } else {
      this.queue.push({ message, aborted: false });
      if (!this.working) void this.work();
    }
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let job = this.queue.shift(); job !== undefined; job = this.queue.shift()) {
      const { message, aborted } = job;
      await this.answer("shell", message, () => this.shell(message, aborted));
      if (this.exitCode !== undefined) this.exit(this.exitCode);
    }
    this.working = false;
  }

  /** Reply, then restore the running cell's `busy` status. */
  private async answerAside(message: Message, running: Header): Promise<void> {
    await this.answer("shell", message, () => this.shell(message, false));
    if (this.session?.runningCell?.request.header === running)
      this.publish("status", { execution_state: "busy" }, running);
  }

  private async answer(
    channel: Channel,
    message: Message,
    content: () => Promise<Content | undefined>,
  ): Promise<void> {
    const { header } = message;
    this.publish("status", { execution_state: "busy" }, header);
    try {
      const reply = await content();
      this.streams.flush();
      if (reply !== undefined) this.sockets.reply(channel, message, replyType(header.msg_type), reply);
    } catch (error) {
      // This is a defect of the kernel. Reply all the same, so that the client does not wait forever.
      const { name, message: text, stack = "" } = error as Error;
      const failure = { status: "error", ename: name, evalue: text, traceback: stack.split("\n") };
      this.sockets.reply(channel, message, replyType(header.msg_type), failure);
    }
    this.publish("status", { execution_state: "idle" }, header);
  }

  private async shell(message: Message, aborted: boolean): Promise<Content | undefined> {
    const type = message.header.msg_type;
    if (type === "kernel_info_request") return kernelInfo();
    if (type === "comm_info_request") {
      noteCommInfo(message.content);
      return comms.info(message.content);
    }
    if (type.startsWith("comm_")) {
      comms.receive(message);
      return undefined;
    }
    const session = this.session ?? (await this.ready!);
    switch (type) {
      case "execute_request":
        // Reply as ipykernel does: a cell that did not run has no number.
        return aborted ? { status: "aborted" } : this.execute(session, message);
      case "complete_request":
        return session.complete(message);
      case "inspect_request":
        return session.inspect(message);
      case "is_complete_request":
        return session.isComplete(message);
      case "history_request":
        return session.findHistory(message);
      default:
        return undefined;
    }
  }

  private async execute(session: Session, message: Message): Promise<Content> {
    const reply = await session.execute(message);
    if (reply.status === "error" && message.content.stop_on_error !== false) {
      // Cells that were queued together with this one may still be in the socket.
      await new Promise((resolve) => setTimeout(resolve, DRAIN));
      for (const job of this.queue) job.aborted ||= job.message.header.msg_type === "execute_request";
    }
    return reply;
  }

  private async control({ header, content }: Message): Promise<Content | undefined> {
    switch (header.msg_type) {
      case "kernel_info_request":
        return kernelInfo();
      case "interrupt_request":
        this.interrupt();
        return { status: "ok" };
      case "usage_request":
        return this.usage.reply();
      case "shutdown_request":
        this.farewell = { request: header, restart: content.restart === true };
        setImmediate(() => this.exit(0, !this.farewell.restart));
        return { status: "ok", restart: this.farewell.restart };
      default:
        return undefined;
    }
  }

  private readonly publish: Publish = (type, content, parent, metadata) => {
    if (type !== "stream") this.streams.flush();
    this.sockets.publish(type, content, parent, metadata);
  };
}

function replyType(request: string): string {
  return request.replace(/_request$/, "_reply");
}
