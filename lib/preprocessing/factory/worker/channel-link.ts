import type { Channel, ChannelListener, Frame, Party } from "../../../channel/channel";
import type { OperationLink } from "../../../channel/operation-link";
import { SpdzError, TransportError } from "../../../errors";

const NO_DIGEST = new Uint8Array(16);
/** Messages and bytes that may wait to be taken; a partner sends no more before it gets an answer. */
const MOST_WAITING = 64;
const MOST_BYTES = 2 ** 27;
const STEPS = 2 ** 16;

/** The one link of a channel between two workers. */
export class ChannelLink implements OperationLink, ChannelListener {
  readonly party: Party;
  readonly #arrived: Uint8Array[] = [];
  #bytes = 0;
  #sent = 0;
  #waiting: { resolve(payload: Uint8Array): void; reject(error: Error): void } | undefined;
  #failure: Error | undefined;
  #settle!: (error: Error) => void;
  /** Settles with the reason when the link has ended. */
  readonly ended: Promise<Error>;

  constructor(readonly channel: Channel) {
    this.party = channel.party;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    channel.connected.catch((error: Error) => this.fail(error));
    channel.listen(this);
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  send(payload: Uint8Array): void {
    if (this.#failure) throw this.#failure;
    const step = this.#sent++ % STEPS;
    this.channel.send({ stream: "background", operation: 0, step, digest: NO_DIGEST, payload });
  }

  async receive(length: number): Promise<Uint8Array> {
    const arrived = this.#arrived.shift();
    if (arrived) this.#bytes -= arrived.length;
    const payload = arrived ?? (await this.#next());
    if (payload.length === length) return payload;
    throw new TransportError(
      "malformed",
      `the partner sent a message of ${payload.length} bytes, expected ${length}`,
    );
  }

  exchange(payload: Uint8Array): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload);
    return this.receive(length);
  }

  frame({ payload }: Frame): void {
    if (this.#failure) return;
    if (this.#waiting) {
      this.#waiting.resolve(payload);
      this.#waiting = undefined;
      return;
    }
    this.#arrived.push(payload);
    this.#bytes += payload.length;
    if (this.#arrived.length > MOST_WAITING || this.#bytes > MOST_BYTES)
      this.fail(new TransportError("malformed", "the partner sends more than it may"));
  }

  closed(error: SpdzError | undefined): void {
    this.fail(error ?? new SpdzError("closed", "the pair of workers has ended"));
  }

  /** End the link; whatever waits throws the error. */
  fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    this.#settle(error);
    void this.channel.close();
  }

  #next(): Promise<Uint8Array> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
