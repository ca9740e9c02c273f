// The gate must not blame the other party for openings that this party never sent.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { SessionGate } from "../../lib/crypto/gate";
import { type CheckError, StoreError, TransportError } from "../../lib/errors";

test("an exchange after the end opens nothing, and neither party is accused later", async () => {
  const accused: CheckError[] = [];
  const gate = new SessionGate({ owedMs: 20, onWithheld: (error) => accused.push(error) });
  const exchange = gate.begin("coins");
  const over = new TransportError("closed", "over");
  gate.fail(over);
  await expect(exchange.open()).rejects.toBe(over);
  await sleep(60);
  expect(accused).toEqual([]);
});

test("if the mark cannot be written, the share is not sent, so the other party owes nothing", async () => {
  const accused: CheckError[] = [];
  const gate = new SessionGate({ owedMs: 20, onWithheld: (error) => accused.push(error) });
  const full = new StoreError("write", "no space");
  gate.markIn({ set: () => Promise.reject(full), clear: () => undefined });
  const exchange = gate.begin("check");
  await expect(exchange.open()).rejects.toBe(full);
  expect(gate.owed).toBe(false);
  expect(gate.conclude(full)).toBe(full);
  await sleep(60);
  expect(accused).toEqual([]);
});

test("closing waits for an owed opening until its deadline, and not for exchanges that were merely started", async () => {
  const gate = new SessionGate({ owedMs: 5000 });
  const [owed, begun] = [gate.begin("check"), gate.begin("coins")];
  await owed.open();
  const drained = gate.drain(new Error("leaves"), 20)!;
  await sleep(60);
  expect(gate.owed).toBe(true);
  await expect(begun.open()).rejects.toThrow("leaves");
  owed.settle();
  await drained;
  expect(gate.owed).toBe(false);
});

test("a session that ends while the mark is being written leaves no mark and sends nothing", async () => {
  const gate = new SessionGate({ owedMs: 20 });
  const written: string[] = [];
  let settle!: () => void;
  gate.markIn({
    set: () => {
      written.push("set");
      return new Promise<void>((resolve) => {
        settle = resolve;
      });
    },
    clear: () => written.push("clear"),
  });
  const opening = gate.begin("check").open();
  const closed = new TransportError("closed", "closed");
  gate.seal(closed);
  settle();
  await expect(opening).rejects.toBe(closed);
  expect(gate.judge(closed)).toBe(closed);
  expect(written).toEqual(["set", "clear"]);
});
