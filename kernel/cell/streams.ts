/** Join the text that cells print into messages of a reasonable size. */

import { StringDecoder } from "node:string_decoder";
import { type Cell, currentCell } from "./cell";

type StreamName = "stdout" | "stderr";

/** How long printed text may wait for more text, in milliseconds. */
const DELAY = 20;
/** Send text of this length without waiting. */
const LIMIT = 64 * 1024;

/** Collects printed text. Consecutive text of one cell and one stream is sent in one message. */
export class Streams {
  private cell: Cell | undefined;
  private name: StreamName = "stdout";
  private pieces: string[] = [];
  private length = 0;
  private timer: NodeJS.Timeout | undefined;

  write(cell: Cell, name: StreamName, text: string): void {
    if (text === "") return;
    if (cell !== this.cell || name !== this.name) this.flush();
    this.cell = cell;
    this.name = name;
    this.pieces.push(text);
    this.length += text.length;
    if (this.length >= LIMIT) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), DELAY);
  }

  /** Send the collected text. Call this before sending any other message about a cell. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.pieces.length === 0) return;
    const text = this.pieces.join("");
    this.pieces = [];
    this.length = 0;
    this.cell!.send("stream", { name: this.name, text });
  }
}

let captured: Streams | undefined;

/** Send the text printed so far. */
export function flushOutput(): void {
  captured?.flush();
}

/** Redirect the process's own streams to the cell that writes to them. */
export function captureOutput(streams: Streams): void {
  captured = streams;
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const decoder = new StringDecoder("utf8");
    const original = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const cell = currentCell();
      if (cell === undefined) return original(chunk, ...rest);
      streams.write(cell, name, typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk)));
      const done = rest.find((argument) => typeof argument === "function") as (() => void) | undefined;
      if (done !== undefined) process.nextTick(done);
      return true;
    };
    stream.write = write as typeof stream.write;
  }
}
