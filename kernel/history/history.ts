/** The history of the code that this kernel has run. */

import { glob } from "./glob";

/** `[session, number, input]`, or `[session, number, [input, output]]` when outputs are asked for. */
export type HistoryEntry = [number, number, string | [string, string | null]];

interface Execution {
  readonly number: number;
  readonly input: string;
  output: string | null;
}

/** The fields of a history request. */
export interface HistoryRequest {
  readonly output?: boolean;
  readonly hist_access_type?: string;
  readonly session?: number;
  readonly start?: number;
  readonly stop?: number | null;
  readonly n?: number | null;
  readonly pattern?: string;
  readonly unique?: boolean;
}

/** The number of the only session: history is not kept between kernels. */
const SESSION = 1;

/** Stores and searches the executions. */
export class History {
  private readonly executions: Execution[] = [];

  /** Add an execution. Set its output later, when it is known. */
  add(number: number, input: string): void {
    this.executions.push({ number, input, output: null });
  }

  /** Set the text of the latest execution's result. */
  setOutput(output: string): void {
    const last = this.executions.at(-1);
    if (last !== undefined) last.output = output;
  }

  /** Return the requested executions, oldest first. */
  find(request: HistoryRequest): HistoryEntry[] {
    return this.select(request).map(({ number, input, output }) => [
      SESSION,
      number,
      request.output === true ? [input, output] : input,
    ]);
  }

  private select({
    hist_access_type,
    session = 0,
    start = 0,
    stop,
    n,
    pattern = "*",
    unique,
  }: HistoryRequest) {
    const last = (found: Execution[]) =>
      typeof n === "number" ? found.slice(Math.max(0, found.length - n)) : found;
    switch (hist_access_type) {
      case "tail":
        return last(this.executions);
      case "range": {
        if (session !== 0 && session !== SESSION) return [];
        return this.executions.filter(
          ({ number }) => number >= start && number < (stop ?? Number.POSITIVE_INFINITY),
        );
      }
      case "search": {
        const matches = glob(String(pattern));
        const found = this.executions.filter(({ input }) => matches(input));
        return last(unique === true ? latestOfEach(found) : found);
      }
      default:
        return [];
    }
  }
}

/** Return the latest of all executions with the same input. */
function latestOfEach(executions: readonly Execution[]): Execution[] {
  const latest = new Map(executions.map((execution) => [execution.input, execution]));
  return executions.filter((execution) => latest.get(execution.input) === execution);
}
