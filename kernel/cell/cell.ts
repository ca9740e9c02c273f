/** The running cell, and the destination of its output. */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Header } from "../wire/header";
import type { Content, Message } from "../wire/message";

/** Send one message to all clients on behalf of the request with header `parent`. */
export type Publish = (type: string, content: Content, parent: Partial<Header>, metadata?: Content) => void;

/** The representations of a value: one entry for each MIME type. */
export interface MimeBundle {
  readonly data: Content;
  readonly metadata: Content;
  /** The name under which it can be replaced later, if it has one. */
  readonly id?: string;
}

/** One execution of a cell. It outlives the execution: a timer that the cell started still prints to it. */
export class Cell {
  constructor(
    /** The number in brackets, from 1. 0 for a silent execution. */
    readonly number: number,
    readonly request: Message,
    private readonly publish: Publish,
    /** Whether to drop all output, as in a silent execution. */
    readonly silent: boolean,
  ) {}

  /** The displayed name of the cell, such as `In [3]`. */
  get name(): string {
    return `In [${this.number === 0 ? " " : this.number}]`;
  }

  /** Publish a message that belongs to this cell. */
  send(type: string, content: Content): void {
    if (!this.silent) this.publish(type, content, this.request.header);
  }

  /** Show a bundle. With `id`, it can be replaced later by {@link update}. */
  display({ data, metadata, id: own }: MimeBundle, id = own): void {
    this.send("display_data", { data, metadata, transient: id === undefined ? {} : { display_id: id } });
  }

  /** Show the cell's result. Use a display for a bundle with an `id`: front ends cannot replace a result. */
  result(bundle: MimeBundle): void {
    const { data, metadata, id } = bundle;
    if (id !== undefined) this.display(bundle);
    else this.send("execute_result", { execution_count: this.number, data, metadata });
  }

  /** Replace the bundle displayed under `id`. */
  update({ data, metadata }: MimeBundle, id: string): void {
    this.send("update_display_data", { data, metadata, transient: { display_id: id } });
  }
}

const storage = new AsyncLocalStorage<Cell>();
let last: Cell | undefined;

/** Run `work`, and everything that it starts, as part of `cell`. */
export function runIn<T>(cell: Cell, work: () => T): T {
  last = cell;
  return storage.run(cell, work);
}

/** Run `work` with the bookkeeping of a cell's code, outside of every cell. */
export function asIfInCell<T>(work: () => T): T {
  return storage.run({} as Cell, work);
}

/** Run `work` with its output in `cell`, which is not a new execution. */
export function runWithin<T>(cell: Cell, work: () => T): T {
  return storage.run(cell, work);
}

/** Return the cell that the running code belongs to, otherwise the latest one. Undefined before the first cell. */
export function currentCell(): Cell | undefined {
  return storage.getStore() ?? last;
}
