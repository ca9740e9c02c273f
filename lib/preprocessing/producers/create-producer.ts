import type { Producer } from "../producer";
import { LocalProducer } from "./local-producer";
import { PRODUCTIONS, type ProductionName } from "./productions";
import { WorkerProducer } from "./worker-producer";

/** Create a producer in its own thread, or in this one if there is no shared memory, which Node's threads need. */
export function createProducer(production: ProductionName): Producer {
  return typeof SharedArrayBuffer === "undefined"
    ? new LocalProducer(PRODUCTIONS[production])
    : new WorkerProducer(production);
}
