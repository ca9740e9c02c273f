import type { Channel, Frame, Party, Stream } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { type SpdzError, TransportError } from "../../errors";
import { type IssuedOperation, locate } from "./lockstep";
import type { OperationMeter } from "./meter";

/** Is notified of waits, to show them to the user. */
export interface WaitObserver {
  /** Called when an operation starts to wait for a message; call the returned function when the wait ends. */
  begin(operation: IssuedOperation): () => void;
  /** Called when the connection goes down, or is restored. */
  broken(broken: boolean): void;
}

/** Bytes that have arrived from the peer and have not been taken yet. */
export interface ReceivedBytes {
  bytes: number;
}

/** `insecureCheat`'s change to this party's next message of a kind; absent in an honest session. */
export interface Tampering {
  alter?: ((payload: Uint8Array, stream: Stream, what: string | undefined) => Uint8Array) | undefined;
}

/** The context that the mailboxes of one operation share. */
export interface MailboxContext {
  readonly held: ReceivedBytes;
  readonly tampering: Tampering;
  readonly party: Party;
  readonly channel: Pick<Channel, "send">;
  readonly operation: IssuedOperation;
  readonly observer: WaitObserver;
  readonly meter: OperationMeter;
  /** The stream on which nobody waits for a message, although it may come at any time. */
  readonly idle?: Stream | undefined;
}

/** Steps are counted modulo this, because the link that makes correlated randomness lasts as long as the session. */
const STEPS = 2 ** 16;

/** The maximum number of untaken messages of one operation; protocols work round by round, so there are never many. */
const MAX_ARRIVED = 64;

/** How long an operation that has all its messages may take to finish. */
const GIVE_UP_MS = 1000;

/** The mailboxes of one operation, one for each stream. */
export class Mailboxes {
  readonly online: Mailbox;
  readonly background: Mailbox;

  /** Rejects when the operation must end, whatever it waits for. */
  readonly failed: Promise<never>;
  #reject!: (error: SpdzError) => void;

  /** The hex digest of the operation. */
  readonly digest: string;

  constructor(context: MailboxContext) {
    this.digest = Buffer.from(context.operation.digest).toString("hex");
    this.online = new Mailbox(context, "online");
    this.background = new Mailbox(context, "background");
    this.failed = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.failed.catch(() => undefined);
  }

  /** @returns the error, if the frame is malformed */
  deliver(frame: Frame): TransportError | undefined {
    return this[frame.stream].deliver(frame);
  }

  /**
   * Fail every wait, now and later, and drop untaken messages. After an orderly close, messages that have arrived can still
   * be taken.
   */
  fail(error: SpdzError): void {
    this.online.fail(error);
    this.background.fail(error);
    if (!(error instanceof TransportError && error.reason === "closed")) this.release();
  }

  /**
   * Fail waits for messages that have not arrived now, and the whole operation soon. Messages that have arrived can still
   * be taken.
   */
  giveUp(error: SpdzError): void {
    this.online.fail(error);
    this.background.fail(error);
    setTimeout(() => this.#reject(error), GIVE_UP_MS).unref();
  }

  /** Drop untaken messages, once the operation has ended. */
  release(): void {
    this.online.release();
    this.background.release();
  }
}

/** The mailbox of one operation on one stream. */
class Mailbox implements OperationLink {
  readonly party: Party;
  readonly #context: MailboxContext;
  readonly #stream: Stream;
  readonly #arrived: Uint8Array[] = [];
  #waiting: { resolve(payload: Uint8Array): void; reject(error: SpdzError): void } | undefined;
  #sent = 0;
  #received = 0;
  #failure: SpdzError | undefined;

  constructor(context: MailboxContext, stream: Stream) {
    this.#context = context;
    this.#stream = stream;
    this.party = context.party;
  }

  send(honest: Uint8Array, what?: string): void {
    if (this.#failure) throw this.#failure;
    const { channel, operation, meter, tampering } = this.#context;
    const payload = tampering.alter ? tampering.alter(honest, this.#stream, what) : honest;
    meter.sent(payload.length, this.#stream, what);
    const step = this.#sent++ % STEPS;
    channel.send({
      stream: this.#stream,
      operation: operation.number,
      step,
      digest: operation.digest,
      payload,
    });
  }

  async receive(length: number, what?: string): Promise<Uint8Array> {
    const { operation, meter } = this.#context;
    const arrived = this.#arrived.shift();
    if (arrived) this.#context.held.bytes -= arrived.length;
    const payload = arrived ?? (await this.#next());
    meter.received(payload.length, this.#stream, what);
    if (payload.length !== length) {
      throw new TransportError(
        "malformed",
        `${locate(operation)}: received a message of ${payload.length} bytes, expected ${length}`,
      );
    }
    return payload;
  }

  passRound(): void {
    this.#context.meter.passed(this.#stream);
  }

  exchange(payload: Uint8Array, what?: string): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload, what);
    return this.receive(length, what);
  }

  deliver({ step, payload }: Frame): TransportError | undefined {
    const expected = this.#received % STEPS;
    if (step !== expected) {
      const where = locate(this.#context.operation);
      return new TransportError(
        "malformed",
        `${where}: received message ${step}, expected message ${expected}`,
      );
    }
    this.#received++;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) {
      waiting.resolve(payload);
      return undefined;
    }
    this.#arrived.push(payload);
    this.#context.held.bytes += payload.length;
    if (this.#arrived.length <= MAX_ARRIVED) return undefined;
    return new TransportError(
      "malformed",
      `${locate(this.#context.operation)}: received more messages than the operation has`,
    );
  }

  fail(error: SpdzError): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }

  release(): void {
    for (const payload of this.#arrived.splice(0)) this.#context.held.bytes -= payload.length;
  }

  async #next(): Promise<Uint8Array> {
    if (this.#failure) throw this.#failure;
    const { observer, operation, meter } = this.#context;
    const idle = this.#stream === this.#context.idle;
    const end = idle ? undefined : observer.begin(operation);
    const counted = idle ? undefined : meter.waits();
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    } finally {
      counted?.();
      end?.();
    }
  }
}
