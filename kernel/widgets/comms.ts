/** Comms: message channels between objects in the kernel and objects in the front end, for widgets. */

import { currentCell, type Publish } from "../cell/cell";
import type { Header } from "../wire/header";
import type { Content, Message } from "../wire/message";

/** The kernel's end of a comm. */
export interface CommEnd {
  readonly message: (data: Content) => void;
  readonly closed?: () => void;
}

/** One channel. */
export interface Comm {
  readonly id: string;
  send(data: Content): void;
  /** @param tell - whether to tell the front end */
  close(tell?: boolean): void;
}

interface Open {
  readonly target: string;
  readonly end: CommEnd;
}

/** The comms of one kernel. */
export class Comms {
  private readonly open = new Map<string, Open>();
  private readonly targets = new Map<string, (comm: Comm) => CommEnd>();
  private publish: Publish = () => {};
  private request: Partial<Header> | undefined;

  /** Set the function that sends messages. */
  connect(publish: Publish): void {
    this.publish = publish;
  }

  /** Let the front end open comms to `target`. `accept` returns the kernel's end of each. */
  register(target: string, accept: (comm: Comm) => CommEnd): void {
    this.targets.set(target, accept);
  }

  /** Create a comm. The front end finds it by a comm_info_request, or by {@link announce}. */
  add(id: string, target: string, end: CommEnd): Comm {
    this.open.set(id, { target, end });
    return this.comm(id);
  }

  /** Open a comm in the front end. */
  announce(id: string, data: Content, metadata: Content): void {
    const target_name = this.open.get(id)?.target;
    if (target_name !== undefined) this.say("comm_open", { comm_id: id, target_name, data }, metadata);
  }

  /** Return the content of a comm_info_reply: all open comms, or those of one target. */
  info({ target_name }: Content): Content {
    const asked = [...this.open].filter(
      ([, { target }]) => typeof target_name !== "string" || target === target_name,
    );
    const comms = asked.map(([id, { target }]) => [id, { target_name: target }]);
    return { status: "ok", comms: Object.fromEntries(comms) };
  }

  /** Handle a `comm_open`, `comm_msg` or `comm_close` from the front end. */
  receive({ header, content }: Message): void {
    const id = String(content.comm_id);
    const data = (content.data ?? {}) as Content;
    const known = this.open.get(id);
    this.request = header;
    try {
      if (header.msg_type === "comm_open") this.accept(id, String(content.target_name));
      else if (header.msg_type === "comm_msg") known?.end.message(data);
      else if (this.open.delete(id)) known?.end.closed?.();
    } finally {
      this.request = undefined;
    }
  }

  private accept(id: string, target: string): void {
    const accept = this.targets.get(target);
    // For an unregistered target, the protocol requires this reply.
    if (accept === undefined) this.say("comm_close", { comm_id: id, data: {} });
    else this.open.set(id, { target, end: accept(this.comm(id)) });
  }

  private comm(id: string): Comm {
    return {
      id,
      send: (data) => {
        if (this.open.has(id)) this.say("comm_msg", { comm_id: id, data });
      },
      close: (tell = true) => {
        if (this.open.delete(id) && tell) this.say("comm_close", { comm_id: id, data: {} });
      },
    };
  }

  private say(type: string, content: Content, metadata: Content = {}): void {
    this.publish(type, content, this.request ?? currentCell()?.request.header ?? {}, metadata);
  }
}

/** The comms of this kernel. */
export const comms = new Comms();
