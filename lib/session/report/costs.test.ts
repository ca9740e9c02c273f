import { expect, it } from "vitest";
import { CostReport, type Costs } from "./costs";

const costs = (bytesSent: number, computingMs: number): Costs => ({
  ...{ operations: 1, rounds: 0, messagesSent: 0, bytesSent, bytesReceived: 0, triples: 0 },
  ...{ waitingMs: 0.01, computingMs },
});

it("costs are shown with the most bytes first, then the most time, and zeros blank", () => {
  const kinds = [
    ["add", costs(0, 1)],
    ["mul", costs(48, 2)],
    ["sum", costs(0, 3)],
    ["matmul", costs(4800, 2)],
  ] as const;
  const report = new CostReport(costs(4848, 8), [], kinds);
  const [, ...rows] = String(report).split("\n");
  expect(rows.map((row) => row.split(" ")[0])).toEqual(["matmul", "mul", "sum", "add", "session"]);
  expect(rows[2]!.trim().split(/ {2,}/)).toEqual(["sum", "1", "3.0 ms"]);
  // The figures stay in the order of the session.
  expect(report.byKind.map(([kind]) => kind)).toEqual(["add", "mul", "sum", "matmul"]);
});
