/** The thread that makes one session's correlated randomness. Its secret state never leaves this thread. */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import type { CommittedKind, Exchange, Gate } from "../../crypto/gate";
import { SpdzError } from "../../errors";
import { LocalProducer } from "./local-producer";
import {
  buffersOf,
  type FromWorker,
  movable,
  type ProducerWorkerData,
  type ToWorker,
  toPlainError,
} from "./messages";
import { PRODUCTIONS } from "./productions";

const port = parentPort as MessagePort;
const { party, production, resumption } = workerData as ProducerWorkerData;

function post(message: FromWorker, ...moved: readonly Uint8Array[]): void {
  port.postMessage(message, buffersOf(...moved));
}

/** The session's link through the session's thread, which checks lengths and ends this thread when the peer is gone. */
class PortLink implements OperationLink {
  readonly party: Party = party;
  #waiting: { resolve(payload: Uint8Array): void; reject(error: Error): void } | undefined;
  #over: Error | undefined;

  send(bytes: Uint8Array, what?: string): void {
    const payload = movable(bytes);
    post({ type: "send", payload, what }, payload);
  }

  receive(length: number, what?: string): Promise<Uint8Array> {
    if (this.#over) return Promise.reject(this.#over);
    post({ type: "receive", length, what });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  exchange(payload: Uint8Array, what?: string): Promise<Uint8Array> {
    const { length } = payload;
    this.send(payload, what);
    return this.receive(length, what);
  }

  deliver(payload: Uint8Array): void {
    this.#waiting?.resolve(payload);
    this.#waiting = undefined;
  }

  /** Reject whatever waits for a message, so that it overwrites its secrets as it fails. */
  abort(error: Error): void {
    this.#over = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** The session's gate, which lives in the session's thread and may refuse a commitment before its bytes leave. */
class PortGate implements Gate {
  #next = 0;
  readonly #opening = new Map<number, () => void>();

  begin(kind: CommittedKind): Exchange {
    const exchange = this.#next++;
    post({ type: "begin", exchange, kind });
    return {
      open: () => {
        post({ type: "open", exchange });
        // The share of a check must wait for its durable mark.
        if (kind === "coins") return Promise.resolve();
        return new Promise((resolve) => this.#opening.set(exchange, resolve));
      },
      settle: () => post({ type: "settle", exchange }),
    };
  }

  opened(exchange: number): void {
    this.#opening.get(exchange)?.();
    this.#opening.delete(exchange);
  }
}

const link = new PortLink();
const gate = new PortGate();
const producer = new LocalProducer(PRODUCTIONS[production]);

function fail(error: unknown): void {
  void producer.destroy(error as Error);
  post({ type: "failed", error: toPlainError(error) });
}

port.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "received":
      link.deliver(message.payload);
      break;
    case "opened":
      gate.opened(message.exchange);
      break;
    case "make":
      producer.make(message.kind, message.count, message.start).then((made) => {
        const fields = made.map(({ values, macs }) => ({ values: movable(values), macs: movable(macs) }));
        post({ type: "made", fields }, ...fields.flatMap(({ values, macs }) => [values, macs]));
      }, fail);
      break;
    case "destroy": {
      const over = new SpdzError("closed", "the session is over");
      void producer.destroy(over);
      link.abort(over);
      // Exit only after everything that failed has overwritten its secrets.
      setImmediate(() => process.exit());
    }
  }
});

producer
  .setUp(link, resumption, gate)
  .finally(() => resumption?.seeds.fill(0))
  .then(({ identity, alpha, delta, seeds = new Uint8Array(0) }) => {
    post({ type: "ready", session: identity.session, alpha, delta, seeds: movable(seeds) }, seeds);
  }, fail);
