import type { Producer } from "../producer";
import { LocalProducer } from "./local-producer";
import { METHODS, type MethodName } from "./productions";
import { WorkerProducer } from "./worker-producer";

/** A producer in a thread of its own; in this one where there is no shared memory, for Node's threads need it. */
export function createProducer(method: MethodName): Producer {
  return typeof SharedArrayBuffer === "undefined"
    ? new LocalProducer(METHODS[method])
    : new WorkerProducer(method);
}
