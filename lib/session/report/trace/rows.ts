import type { TracedMessage, TracedOperation } from "../../lockstep/recorder";

/** The maximum number of rows of a diagram; longer ones are folded until they fit. */
export const MAX_ROWS = 60;
/** An operation with more rows than this, such as making correlated randomness, is folded into one row. */
const ROWS_EACH = 16;

/** The messages of one row, each way. */
interface Passed {
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** One row of a diagram. */
export type Row =
  /** An operation, whose messages follow. */
  | { readonly type: "heading"; readonly cell: string; readonly text: string; readonly title: string }
  /** An arrow for each direction with messages. */
  | ({
      readonly type: "arrow";
      readonly label: string;
      readonly rounds: string;
      readonly title: string;
    } & Passed)
  /** Several operations in one row, with their arrows. */
  | ({
      readonly type: "group";
      readonly cell: string;
      readonly text: string;
      readonly rounds: string;
      readonly title: string;
    } & Passed)
  /** Omitted rows. */
  | { readonly type: "gap"; readonly text: string };

/** The costs of the operations of one kind, for the bars. */
export interface KindSum {
  readonly kind: string;
  operations: number;
  rounds: number;
  bytes: number;
  ms: number;
}

/**
 * Make the rows of a diagram: one for each message if they fit, else for each operation, else for each kind of operation in
 * each cell, else for each cell, else only for the first and the last cells.
 */
export function rowsOf(operations: readonly TracedOperation[]): Row[] {
  const talking = operations.filter(
    ({ messagesSent, messagesReceived }) => messagesSent + messagesReceived > 0,
  );
  const one = ({ number }: TracedOperation) => number;
  for (const rows of [
    () => talking.flatMap(messageRows),
    () => groups(talking, one),
    () => groups(talking, ({ cell, kind }) => `${cell}\n${kind}`),
    () => groups(talking, ({ cell }) => cell),
  ]) {
    const folded = rows();
    if (folded.length <= MAX_ROWS) return folded;
  }
  const cells = groups(talking, ({ cell }) => cell);
  const half = Math.floor((MAX_ROWS - 1) / 2);
  const text = `… ${cells.length - 2 * half} more cells …`;
  return [...cells.slice(0, half), { type: "gap", text }, ...cells.slice(-half)];
}

/** Sum up by kind of operation: the kinds with the most bytes first, the rest combined. */
export function sumsOf(operations: readonly TracedOperation[], most: number): KindSum[] {
  const sums = new Map<string, KindSum>();
  for (const operation of operations) addTo(sums, operation.kind, operation);
  const sorted = [...sums.values()].sort((a, b) => b.bytes - a.bytes || b.ms - a.ms);
  if (sorted.length <= most) return sorted;
  const others = { kind: "others", operations: 0, rounds: 0, bytes: 0, ms: 0 };
  for (const sum of sorted.slice(most - 1)) {
    for (const key of ["operations", "rounds", "bytes", "ms"] as const) others[key] += sum[key];
  }
  return [...sorted.slice(0, most - 1), others];
}

/** Sum up the messages of all operations. */
export function passedIn(operations: readonly TracedOperation[]): Passed {
  const sum = (key: keyof Passed) => operations.reduce((total, operation) => total + operation[key], 0);
  return {
    messagesSent: sum("messagesSent"),
    messagesReceived: sum("messagesReceived"),
    bytesSent: sum("bytesSent"),
    bytesReceived: sum("bytesReceived"),
  };
}

/** The span of rounds that messages belong to: `3`, `3–5`. */
function roundsOf(messages: readonly TracedMessage[]): string {
  const rounds = messages.filter(({ stream }) => stream === "online").map(({ round }) => round);
  if (rounds.length === 0) return "";
  const [first, last] = [rounds.reduce((a, b) => Math.min(a, b)), rounds.reduce((a, b) => Math.max(a, b))];
  return first === last ? String(first) : `${first}–${last}`;
}

function messageRows(operation: TracedOperation): Row[] {
  const { cell = "", text, messages, number } = operation;
  const title = [cell, text, `operation ${number}`].filter((part) => part !== "").join(", ");
  const rows: Row[] = [{ type: "heading", cell, text, title }];
  const left = [...messages];
  for (let message = left.shift(); message; message = left.shift()) {
    const { direction, stream, round, what } = message;
    // Combine messages that go both ways in one round into one row.
    const back = left.findIndex(
      (other) =>
        other.direction !== direction &&
        other.stream === stream &&
        other.round === round &&
        other.what === what,
    );
    const both = back < 0 ? [message] : [message, ...left.splice(back, 1)];
    const [out, into] = [both.find((m) => m.direction === "out"), both.find((m) => m.direction === "in")];
    const label = what ?? (stream === "background" ? "correlated randomness" : "");
    rows.push({
      type: "arrow",
      label,
      rounds: roundsOf(both),
      title: [text, label].filter((part) => part !== "").join(": "),
      messagesSent: out ? 1 : 0,
      messagesReceived: into ? 1 : 0,
      bytesSent: out?.bytes ?? 0,
      bytesReceived: into?.bytes ?? 0,
    });
  }
  const all = messages.length === operation.messagesSent + operation.messagesReceived;
  return all && rows.length <= 1 + ROWS_EACH ? rows : groups([operation], () => 0);
}

function groups(
  operations: readonly TracedOperation[],
  keyOf: (operation: TracedOperation) => unknown,
): Row[] {
  const byKey = new Map<unknown, TracedOperation[]>();
  for (const operation of operations) {
    const group = byKey.get(keyOf(operation));
    if (group) group.push(operation);
    else byKey.set(keyOf(operation), [operation]);
  }
  return [...byKey.values()].map((group): Row => {
    const [{ cell = "", text: only }] = group as [TracedOperation, ...TracedOperation[]];
    const text = group.length === 1 ? only : kindCounts(group);
    const carried = new Set(group.flatMap(({ messages }) => messages.map(({ what }) => what)));
    const title = [text, ...[...carried].filter((what) => what !== undefined)].join("; ");
    const rounds = roundsOf(group.flatMap(({ messages }) => messages));
    return { type: "group", cell, text, rounds, title, ...passedIn(group) };
  });
}

/** `matmul × 3, reveal`. */
export function kindCounts(operations: readonly TracedOperation[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of operations) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, times]) => (times === 1 ? kind : `${kind} × ${times}`)).join(", ");
}

function addTo(sums: Map<string, KindSum>, kind: string, operation: TracedOperation): void {
  const sum = sums.get(kind) ?? { kind, operations: 0, rounds: 0, bytes: 0, ms: 0 };
  sums.set(kind, sum);
  sum.operations++;
  sum.rounds += operation.rounds;
  sum.bytes += operation.bytesSent + operation.bytesReceived;
  sum.ms += operation.ms;
}

/** Format a sum, with a dash for zero. */
export function orDash(format: (value: number) => string): (value: number) => string {
  return (value) => (value === 0 ? "–" : format(value));
}
