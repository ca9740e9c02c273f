/** The cell that is running, and where its output goes. */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Header } from "../wire/header";
import type { Content, Message } from "../wire/message";

/** Sends one message to all clients on behalf of the request with header `parent`. */
export type Publish = (type: string, content: Content, parent: Partial<Header>, metadata?: Content) => void;

/** What a value or a picture is shown as: one entry for each MIME type. */
export interface MimeBundle {
  readonly data: Content;
  readonly metadata: Content;
  /** Under which name it can be replaced later, if it says so itself. */
  readonly id?: string;
}

/** One execution of a cell. It outlives the execution: a timer that the cell started still prints to it. */
export class Cell {
  constructor(
    /** The number in brackets, from 1; 0 for a silent execution. */
    readonly number: number,
    readonly request: Message,
    private readonly publish: Publish,
    /** Whether output is dropped, as a silent execution asks. */
    readonly silent: boolean,
  ) {}

  /** The cell's name for a person, such as `In [3]`. */
  get name(): string {
    return `In [${this.number === 0 ? " " : this.number}]`;
  }

  /** Publishes something that belongs to this cell. */
  send(type: string, content: Content): void {
    if (!this.silent) this.publish(type, content, this.request.header);
  }

  /** Shows a bundle; with `id`, it can be replaced later by {@link update}. */
  display({ data, metadata, id: own }: MimeBundle, id = own): void {
    this.send("display_data", { data, metadata, transient: id === undefined ? {} : { display_id: id } });
  }

  /** Shows the cell's result. What can be replaced is displayed, for front ends keep no name of a result. */
  result(bundle: MimeBundle): void {
    const { data, metadata, id } = bundle;
    if (id !== undefined) this.display(bundle);
    else this.send("execute_result", { execution_count: this.number, data, metadata });
  }

  /** Replaces what was displayed under `id`. */
  update({ data, metadata }: MimeBundle, id: string): void {
    this.send("update_display_data", { data, metadata, transient: { display_id: id } });
  }
}

const storage = new AsyncLocalStorage<Cell>();
let last: Cell | undefined;

/** Runs `work` as part of `cell`, and with it everything that `work` starts. */
export function runIn<T>(cell: Cell, work: () => T): T {
  last = cell;
  return storage.run(cell, work);
}

/** The cell that the running code belongs to, else the latest one; undefined before the first. */
export function currentCell(): Cell | undefined {
  return storage.getStore() ?? last;
}
