/** The five sockets of a kernel, bound to the ports in the connection file. */

import { Publisher, Router } from "zeromq";
import { address, type Connection } from "./connection";
import { Control } from "./control";
import type { Header } from "./header";
import { Codec, type Content, type Message } from "./message";
import type { Once } from "./once";
import { Refusals } from "./refusals";
import { LINGER, Sender } from "./sender";

/** The channels for requests and replies. */
export type Channel = "shell" | "control" | "stdin";

/** Receives and sends Jupyter messages, without interpreting them. */
export class Sockets {
  private readonly routers: Record<"shell" | "stdin", Router>;
  private readonly senders: Record<Channel, Pick<Sender, "send" | "flushed">>;
  private readonly control: Control;
  private controlOpen: Promise<void> | undefined;
  private readonly iopub = new Publisher({ sendHighWaterMark: 0, linger: LINGER });
  private readonly iopubSender = new Sender(this.iopub);
  private readonly codec: Codec;
  private readonly refusals = new Refusals();
  /** The channel whose message is being decoded. */
  private reading: Channel = "shell";

  /**
   * @param stopped - called after an interrupt has ended what the main thread executed
   * @param once - which messages have arrived before
   */
  constructor(
    private readonly connection: Connection,
    stopped: () => void,
    once?: Once,
  ) {
    this.control = new Control(stopped);
    this.codec = new Codec(connection.key, once, (refusal) => this.refusals.add(refusal, this.reading));
    // A send must not wait for a client that has left. Keep `mandatory` off, and do not limit the queue.
    const router = () => new Router({ sendHighWaterMark: 0, linger: LINGER });
    this.routers = { shell: router(), stdin: router() };
    this.senders = {
      shell: new Sender(this.routers.shell),
      control: this.control,
      stdin: new Sender(this.routers.stdin),
    };
  }

  /**
   * Bind the sockets and start reading.
   *
   * @param receive - called in the order of arrival, with every message that was not refused
   */
  async open(receive: (channel: Channel, message: Message) => void): Promise<void> {
    const { connection } = this;
    this.controlOpen = this.control.open(
      {
        control: address(connection, connection.control_port),
        heartbeat: address(connection, connection.hb_port),
        key: connection.key,
      },
      (frames) => this.decode("control", frames, receive),
    );
    await Promise.all([
      this.iopub.bind(address(connection, connection.iopub_port)),
      this.routers.shell.bind(address(connection, connection.shell_port)),
      this.routers.stdin.bind(address(connection, connection.stdin_port)),
    ]);
    for (const channel of ["shell", "stdin"] as const) void this.read(channel, receive);
  }

  /** Resolve when the control socket is bound too. Its thread starts while this one loads the compiler. */
  async ready(): Promise<void> {
    await this.controlOpen;
  }

  /** Reply to `request` on the channel it arrived on. */
  reply(channel: Channel, request: Message, type: string, content: Content): void {
    this.senders[channel].send(this.codec.encode(type, content, request.header, request.identities));
  }

  /** Send a message to every client on behalf of the request with header `parent`. */
  publish(type: string, content: Content, parent: Partial<Header>, metadata: Content = {}): void {
    this.iopubSender.send(this.codec.encode(type, content, parent, [type], metadata));
  }

  /** Resolve when everything sent so far has been handed to ZeroMQ. */
  async flushed(): Promise<void> {
    await Promise.all([...Object.values(this.senders), this.iopubSender].map((sender) => sender.flushed()));
  }

  /** Send everything, and close the control socket. The process must exit then. */
  async close(): Promise<void> {
    await this.flushed();
    await this.control.close();
  }

  private async read(
    channel: "shell" | "stdin",
    receive: (channel: Channel, message: Message) => void,
  ): Promise<void> {
    for await (const frames of this.routers[channel]) this.decode(channel, frames, receive);
  }

  private decode(
    channel: Channel,
    frames: readonly Buffer[],
    receive: (channel: Channel, message: Message) => void,
  ): void {
    this.reading = channel;
    const message = this.codec.decode(frames);
    if (message !== undefined) receive(channel, message);
  }
}
