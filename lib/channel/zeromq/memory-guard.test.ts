import { expect, test } from "vitest";
import { MemoryGuard } from "./memory-guard";

const MIB = 2 ** 20;
const none = { arrived: false, waiting: false };

/** Return a guard's verdicts for a series of looks, with memory in MiB. */
function watch(looks: readonly (readonly [mib: number, seen?: { arrived?: boolean; waiting?: boolean }])[]) {
  const guard = new MemoryGuard(100 * MIB);
  return looks.map(([mib, seen]) => guard.look({ bytes: mib * MIB, ...none, ...seen }));
}

test("an endless message is dropped: memory grows, nothing arrives, and the peer does not answer", () => {
  expect(watch([[300], [400], [500], [600], [700], [800]])).toEqual([
    "fine",
    "ask",
    "fine",
    "fine",
    "drop",
    "drop",
  ]);
  expect(watch([[400], [420], [430], [440], [450]])).toEqual(["ask", "fine", "fine", "fine", "drop"]);
});

test("memory that other work takes drops nothing: the peer's answer shows that everything is read", () => {
  const answered = { arrived: true };
  expect(watch([[500], [520, answered], [530], [700], [900, answered]])).toEqual([
    "ask",
    "fine",
    "fine",
    "fine",
    "fine",
  ]);
});

test("a thread that was busy drops nothing while messages wait", () => {
  const busy = { waiting: true };
  expect(
    watch([
      [450, busy],
      [450, busy],
      [450, busy],
      [450, busy],
      [450, busy],
      [450, busy],
    ]),
  ).toEqual(["ask", "fine", "fine", "fine", "fine", "fine"]);
});

test("messages that arrive faster than they are read are dropped eventually", () => {
  const flood = { arrived: true, waiting: true };
  expect(
    watch([
      [400, flood],
      [500, flood],
      [600, flood],
      [700, flood],
    ]),
  ).toEqual(["ask", "fine", "fine", "drop"]);
});
