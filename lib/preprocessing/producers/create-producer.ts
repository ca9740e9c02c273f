import type { Producer } from "../producer";
import { LocalProducer } from "./local-producer";
import { PRODUCTIONS, type ProductionName } from "./productions";
import { WorkerProducer } from "./worker-producer";

/** A producer in a thread of its own; in this one where there is no shared memory, for Node's threads need it. */
export function createProducer(production: ProductionName): Producer {
  return typeof SharedArrayBuffer === "undefined"
    ? new LocalProducer(PRODUCTIONS[production])
    : new WorkerProducer(production);
}
