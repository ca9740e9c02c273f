import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Assembler, chunkAt } from "../../channel/link/chunks";
import { MAX_BODY_BYTES } from "../../channel/link/frame";
import { Outbox } from "../../channel/link/outbox";
import { textBar } from "../../text/bar";
import { WaitNotice } from "../lockstep/waiting";
import { host, setHost } from "./host";
import type { Notice } from "./notice";
import { ProductionNotice } from "./production-notice";
import { Terminal } from "./terminal";

let notices: Notice[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  notices = [];
  setHost({ cell: () => undefined, notify: (notice) => notices.push(notice) });
});

afterEach(() => {
  vi.useRealTimers();
  setHost(undefined);
});

const waiting = (text: string, id = "x") => host().notify({ id, kind: "waiting", text });
const done = (id = "x") => host().notify({ id, kind: "done", text: "" });
const texts = () => notices.map(({ kind, text }) => (kind === "done" ? kind : text));

describe("the throttle", () => {
  it("passes on the first at once, then ten per second, and always the last", () => {
    for (let i = 0; i <= 200; i++) {
      waiting(`step ${i}`);
      vi.advanceTimersByTime(5);
    }
    vi.advanceTimersByTime(1000);
    expect(texts()[0]).toBe("step 0");
    expect(texts().at(-1)).toBe("step 200");
    // In 1,005 ms.
    expect(notices.length).toBeGreaterThanOrEqual(10);
    expect(notices.length).toBeLessThanOrEqual(12);
  });

  it("drops updates of an ended notice, and limits each id separately", () => {
    waiting("a");
    waiting("b");
    waiting("other", "y");
    done();
    vi.advanceTimersByTime(1000);
    expect(texts()).toEqual(["a", "other", "done"]);
    waiting("c");
    expect(texts().at(-1)).toBe("c");
  });

  it("never holds back a warning or a note", () => {
    for (const kind of ["warning", "warning", "note"] as const) host().notify({ id: "x", kind, text: kind });
    expect(texts()).toEqual(["warning", "warning", "note"]);
  });
});

describe("a bar in text", () => {
  it.each([
    [0, 100, "▕░░░░░░░░░░░░░░░░░░░░▏ 0 %"],
    [45, 100, "▕█████████░░░░░░░░░░░▏ 45 %"],
    [99.9, 100, "▕███████████████████░▏ 99 %"],
    [200, 100, "▕████████████████████▏ 100 %"],
    [-1, 100, "▕░░░░░░░░░░░░░░░░░░░░▏ 0 %"],
    [0, 0, "▕░░░░░░░░░░░░░░░░░░░░▏ 0 %"],
  ])("shows %d of %d", (part, total, shown) => {
    expect(textBar({ done: part, total })).toBe(shown);
  });
});

describe("making correlated randomness", () => {
  it("shows a bar once it takes long, counted from where it began, and then removes it", () => {
    const notice = new ProductionNotice("p");
    notice.update({ kind: "triple", made: 64, planned: 64 });
    vi.advanceTimersByTime(5000);
    expect(notices).toEqual([]);
    for (let made = 96; made <= 264; made += 2) {
      notice.update({ kind: "triple", made, planned: 264 });
      vi.advanceTimersByTime(20);
    }
    expect(notices[0]).toMatchObject({ kind: "waiting", progress: { total: 200 } });
    expect(notices[0]!.lasting).toBe("Making correlated randomness …");
    expect(notices[0]!.text).toMatch(/^Making correlated randomness \(triple\): \d+ of 200 …$/);
    // Another kind follows at once: the bar stays.
    notice.update({ kind: "bits", made: 4, planned: 8 });
    vi.advanceTimersByTime(100);
    expect(texts()).not.toContain("done");
    expect(notices.at(-1)).toMatchObject({ progress: { done: 4, total: 8 } });
    notice.update({ kind: "bits", made: 8, planned: 8 });
    vi.advanceTimersByTime(1000);
    expect(texts().at(-1)).toBe("done");
  });

  it("removes the bar at the end of a cell, without waiting for another kind", () => {
    const notice = new ProductionNotice("p");
    notice.update({ kind: "triple", made: 1, planned: 9 });
    vi.advanceTimersByTime(1000);
    notice.update({ kind: "triple", made: 9, planned: 9 });
    notice.rest();
    expect(texts().at(-1)).toBe("done");
    vi.advanceTimersByTime(5000);
    expect(texts().filter((text) => text === "done")).toHaveLength(1);
  });

  it("shows nothing for what is made ahead, and removes the bar when the operations have ended", () => {
    let running = true;
    const notice = new ProductionNotice("p", () => running);
    notice.update({ kind: "triple", made: 1, planned: 9 });
    vi.advanceTimersByTime(1000);
    expect(texts()).toHaveLength(1);
    running = false;
    for (let made = 2; made <= 9; made++) {
      notice.update({ kind: "triple", made, planned: 9 });
      vi.advanceTimersByTime(400);
    }
    expect(texts().slice(1)).toEqual(["done"]);
  });

  it("removes the bar when the session ends, and never shows it again", () => {
    const notice = new ProductionNotice("p");
    notice.update({ kind: "triple", made: 1, planned: 9 });
    vi.advanceTimersByTime(1000);
    notice.end();
    notice.update({ kind: "triple", made: 2, planned: 9 });
    vi.advanceTimersByTime(5000);
    expect(texts()).toEqual(["Making correlated randomness (triple): 1 of 9 …", "done"]);
  });
});

describe("a wait", () => {
  it("shows the progress of a large transfer", () => {
    let part = 0;
    const asked = vi.fn(() => undefined);
    const transfer = () => {
      part += 1e6;
      return { direction: "receiving", done: part, total: 20e6 } as const;
    };
    const end = new WaitNotice("w", "party 1", asked, transfer).beginFor("to run mul");
    vi.advanceTimersByTime(2400);
    end();
    expect(texts()[0]).toBe("Waiting for party 1 to run mul, receiving 1.0 MB of 20.0 MB …");
    expect(notices.length).toBeGreaterThan(8);
    expect(notices.at(-2)!.progress).toMatchObject({ done: 11e6, total: 20e6 });
    expect(texts().at(-1)).toBe("done");
    // Ask for the other party's position once a second, however often the bar moves.
    expect(asked.mock.calls.length).toBeLessThanOrEqual(3);
  });
});

describe("a transfer", () => {
  const payload = new Uint8Array(2.5 * MAX_BODY_BYTES);
  const frame = { stream: "online", operation: 0, step: 0, digest: new Uint8Array(16), payload } as const;

  it("is measured at the sender and at the receiver", () => {
    const outbox = new Outbox(2 ** 40);
    expect(outbox.progress.total).toBe(0);
    outbox.push(frame);
    const seen: number[] = [];
    const assembler = new Assembler();
    for (let sent = 1; outbox.ready; sent++) {
      const { offset, body } = outbox.take();
      const packet = { ...frame, stream: 0, total: payload.length, offset, body } as never;
      const whole = assembler.add(packet);
      expect(assembler.progress).toEqual(
        whole
          ? { done: expect.any(Number), total: 0 }
          : { done: offset + body.length, total: payload.length },
      );
      outbox.acknowledge(sent);
      seen.push(outbox.progress.done / (outbox.progress.total || 1));
    }
    expect(chunkAt(payload, 0).body.length).toBe(MAX_BODY_BYTES);
    expect(seen.map((part) => part.toFixed(1))).toEqual(["0.4", "0.8", "0.0"]);
    expect(outbox.progress).toEqual({ done: 0, total: 0 });
  });
});

describe("a terminal", () => {
  const shown = (isTTY: boolean, columns = 80) => {
    let written = "";
    const terminal = new Terminal({ isTTY, columns, write: (text) => (written += text) });
    return { terminal, written: () => written };
  };

  it("overwrites one line, and finally erases it", () => {
    const { terminal, written } = shown(true);
    const progress = { done: 1, total: 4 };
    terminal.notify({ id: "x", kind: "waiting", text: "Making", progress });
    terminal.notify({ id: "x", kind: "waiting", text: "Making", progress: { done: 2, total: 4 } });
    terminal.notify({ id: "w", kind: "warning", text: "careful" });
    terminal.notify({ id: "x", kind: "done", text: "" });
    const line = (part: string) => `spdzlab: Making ${part}`;
    const [half, quarter] = [line("▕██████████░░░░░░░░░░▏ 50 %"), line("▕█████░░░░░░░░░░░░░░░▏ 25 %")];
    const erase = "\r\u001b[2K";
    expect(written()).toBe(`${quarter}${erase}${half}${erase}spdzlab: careful\n${half}${erase}`);
  });

  it("never wraps a line that it overwrites, and keeps the bar", () => {
    const { terminal, written } = shown(true, 50);
    terminal.notify({ id: "x", kind: "waiting", text: "long ".repeat(30), progress: { done: 1, total: 4 } });
    expect(written().length).toBeLessThan(50);
    expect(written()).toMatch(/▏ 25 %$/);
  });

  it("writes each wait once to a file or a pipe", () => {
    const { terminal, written } = shown(false);
    for (const text of ["one", "two"]) terminal.notify({ id: "x", kind: "waiting", text });
    terminal.notify({ id: "x", kind: "done", text: "" });
    terminal.notify({ id: "x", kind: "waiting", text: "again" });
    expect(written()).toBe("spdzlab: one\nspdzlab: again\n");
  });
});
