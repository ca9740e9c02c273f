import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../test/support/free-port";
import { ownShare } from "../../test/support/own-share";
import { createPair, fast, withPair } from "../../test/support/pair";
import { SharedVariable } from "../autograd/shared-variable";
import { Variable } from "../autograd/variable";
import { createMemoryPair } from "../channel/memory/memory-channel";
import { SimulatedLink } from "../channel/memory/simulated-link";
import { CheckError, DesyncError, type SpdzError, TransportError, UnsettledError } from "../errors";
import { swapShares } from "../primitives/swap-shares";
import { type RingVector, ring64, ring128 } from "../ring";
import { reconstruct, share } from "../sharing/share";
import { decode } from "../tensor/fixed-point";
import { LongTensor, longTensor } from "../tensor/long-tensor";
import { jupyterDisplay } from "../text/mime";
import { DistributedInterface } from "./distributed-interface";
import { type Host, setHost } from "./host/host";
import type { Notice } from "./host/notice";
import { BUNDLE, unbundle } from "./lockstep/bundle";
import { type ControlMessage, decodeControl, encodeControl } from "./lockstep/control";
import { Lockstep } from "./lockstep/lockstep";
import { resolveOptions } from "./options/options";
import { releaseAll, settleAll } from "./registry";
import { showCosts } from "./report/show-costs";
import { simulate } from "./simulate";

/** A shared [[1, 2]], as if its shares had been swapped before. */
function secret(iface: DistributedInterface, requiresGrad = false): SharedVariable {
  const mask = [0x1234_5678_9abc_def0n, 0x0fed_cba9_8765_4321n];
  const words = iface.party === 0 ? mask : mask.map((word, i) => BigInt(i + 1) * 65536n - word);
  const own = longTensor(ring64.fromBigInts(words), [1, 2], 16, { isShare: true });
  return new SharedVariable(new Variable(own, { requiresGrad }), iface);
}

/** Run something different on each side, and return the errors of `settled`. */
async function failures(
  run: (iface: DistributedInterface, x: SharedVariable) => void,
): Promise<[SpdzError, SpdzError]> {
  const pair = createPair();
  const thrown = pair.map(async (iface) => {
    run(iface, secret(iface));
    return (await iface.settled().then(
      () => undefined,
      (error: unknown) => error,
    )) as SpdzError;
  });
  const result = await Promise.all(thrown);
  await Promise.all(pair.map((iface) => iface.close()));
  return result as [SpdzError, SpdzError];
}

/** Wait until the other party's messages are read. */
async function eventually(check: () => void): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      check();
      return;
    } catch (error) {
      if (i === 1000) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);
beforeEach(() => process.on("unhandledRejection", onUnhandled));
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onUnhandled);
  setHost(undefined);
  expect(unhandled.splice(0)).toEqual([]);
});

describe("lockstep", () => {
  it.each([
    [
      "another operation",
      (i: DistributedInterface, x: SharedVariable) => void (i.party ? x.mul(x) : x.matmul(x.t())),
    ],
    ["another shape", (i: DistributedInterface, x: SharedVariable) => void x.mul(i.party ? x : x.sum())],
    [
      "another scale",
      (i: DistributedInterface, x: SharedVariable) =>
        void x
          .mul(x)
          .mul(i.party ? 2 : 0.5)
          .mul(x),
    ],
    ["another constant", (i: DistributedInterface, x: SharedVariable) => void x.mul(i.party ? 2 : 3).mul(x)],
    [
      "one operation more, a local one",
      (i: DistributedInterface, x: SharedVariable) => {
        if (i.party) x.neg();
        x.mul(x);
      },
    ],
    [
      "a gradient wanted on one side",
      (i: DistributedInterface) => {
        const x = secret(i, i.party === 0);
        x.mul(x);
      },
    ],
  ])("notices %s on both sides, and says where", async (_, run) => {
    const errors = await failures(run);
    for (const error of errors) {
      expect(error).toBeInstanceOf(DesyncError);
      expect(error.code).toBe("desync");
      expect(error.message).toMatch(/this party ran .*\[1,2\].* where party [01] ran .*\[1,2\]/);
    }
  });

  it("names both operations, their shapes and their cells", async () => {
    let cell = "In [14]";
    setHost({ cell: () => cell, notify: () => {} });
    const { settings } = resolveOptions(fast);
    const [zero, one] = createMemoryPair(settings);
    const ifaces = [
      new DistributedInterface(0, { ...fast, channel: () => zero }),
      new DistributedInterface(1, { ...fast, channel: () => one }),
    ] as const;
    secret(ifaces[0]).matmul(secret(ifaces[0]).t());
    cell = "In [9]";
    secret(ifaces[1]).mul(secret(ifaces[1]));
    // One side ran a transpose first: that is where they differ.
    await expect(ifaces[0].settled()).rejects.toThrow(
      "this party ran In [14] t [1,2] where party 1 ran In [9] mul [1,2]·[1,2]",
    );
    await expect(ifaces[1].settled()).rejects.toThrow(
      "this party ran In [9] mul [1,2]·[1,2] where party 0 ran In [14] t [1,2]",
    );
    await Promise.all(ifaces.map((iface) => iface.close()));
  });

  it("fails every later call with the same reason", async () => {
    const [zero, one] = createPair();
    const [x, y] = [secret(zero), secret(one)];
    x.mul(x);
    y.mul(y.sum());
    await expect(zero.settled()).rejects.toBeInstanceOf(DesyncError);
    expect(() => x.add(x)).toThrow(DesyncError);
    await zero.settled();
    await Promise.all([zero.close(), one.close()]);
  });

  it("continues after a resync, any number of times", async () => {
    const pair = createPair();
    for (let round = 0; round < 3; round++) {
      for (const iface of pair) {
        const x = secret(iface);
        x.mul(iface.party ? x : 2)
          .mul(3)
          .mul(x);
      }
      await Promise.all(pair.map((iface) => expect(iface.settled()).rejects.toBeInstanceOf(DesyncError)));
      await Promise.all(pair.map((iface) => iface.resync()));
      const values = await Promise.all(pair.map((iface) => secret(iface).mul(3).reveal()));
      for (const value of values) expect(value.toArray()).toEqual([[3, 6]]);
    }
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("lets one party cancel a wait, and notifies the other", async () => {
    const [zero, one] = createPair();
    await Promise.all([zero.settled(), one.settled()]);
    const waiting = secret(zero).reveal();
    const resynced = zero.resync();
    await expect(waiting).rejects.toThrow(/resync cancelled this operation/);
    await expect(zero.settled()).rejects.toBeInstanceOf(DesyncError);
    await eventually(() =>
      expect(() => secret(one).add(1)).toThrow(/run `await iface\.resync\(\)` here too/),
    );
    await Promise.all([resynced, one.resync()]);
    const shares = await Promise.all([zero, one].map((iface) => secret(iface).reveal()));
    expect(shares[0]).toEqual(shares[1]);
    await Promise.all([zero.close(), one.close()]);
  });

  it("notifies the other party of an operation that failed here, so that it does not wait", async () => {
    const errors = await failures((iface, x) => {
      const bad = iface.run({
        description: { kind: "input", operands: [] },
        body: async () => {
          if (iface.party === 1) throw new RangeError("the data could not be read");
          return ring64.zeros(2);
        },
      });
      x.add(new SharedVariable(longTensor(bad, [1, 2], 16, { isShare: true }), iface)).reveal();
    });
    expect(errors[1]).toBeInstanceOf(RangeError);
    expect(errors[0]).toBeInstanceOf(DesyncError);
    expect(errors[0].message).toContain("Party 1 could not finish reveal [1,2]");
  });

  it("keeps up with a peer that runs thousands of operations ahead", async () => {
    const [zero, one] = createPair();
    await Promise.all([zero.settled(), one.settled()]);
    const [x, y] = [secret(zero), secret(one)];
    const first = Array.from({ length: 2000 }, () => x.reveal());
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = Array.from({ length: 2000 }, () => y.reveal());
    expect(await Promise.all(first)).toEqual(await Promise.all(second));
    await Promise.all([zero.close(), one.close()]);
  });

  it("lets an interrupted resync be called again", async () => {
    const [zero, one] = createPair();
    const first = zero.resync();
    const again = zero.resync();
    await Promise.all([first, again, one.resync()]);
    const values = await Promise.all([zero, one].map((iface) => secret(iface).reveal()));
    expect(values[0]!.toArray()).toEqual([[1, 2]]);
    await Promise.all([zero.close(), one.close()]);
  });

  it("limits the messages it keeps from a peer that never stops sending", async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const [channel, raw] = createMemoryPair(resolveOptions(fast).settings);
    const iface = new DistributedInterface(0, { ...fast, channel: () => channel });
    await raw.connected;
    raw.listen({ frame: () => {}, closed: () => {} });
    const revealed = secret(iface).reveal();
    const { digest } = new Lockstep().issue({ kind: "set up", operands: [] }, undefined);
    for (let step = 0; step < 100; step++) {
      const payload = new Uint8Array(16);
      raw.send({ stream: "background", operation: 0, step, digest, payload });
    }
    await expect(revealed).rejects.toThrow(/received more messages than the operation has/);
    await Promise.all([iface.close(), raw.close()]);
  });

  it("refuses malformed control messages", () => {
    const entry = { number: 1, text: "mul [2]", detail: "mul [2]@16", cell: "In [3]", digest: "00" };
    const good: ControlMessage[] = [
      { type: "log", log: [entry] },
      { type: "position", last: entry, answer: false },
      { type: "failed", number: 7 },
      { type: "resync", epoch: 1, next: 9 },
    ];
    for (const message of good) expect(decodeControl(encodeControl(message))).toEqual(message);
    const bad: unknown[] = [
      null,
      7,
      {},
      { type: "hello" },
      { type: "log", log: "x" },
      { type: "log", log: [{ ...entry, number: -1 }] },
      { type: "log", log: [{ ...entry, text: 1 }] },
      { type: "log", log: new Array(257).fill(entry) },
      { type: "position", last: null, answer: true },
      { type: "failed", number: 1.5 },
      { type: "resync", epoch: 1, next: 2 ** 60 },
    ];
    for (const message of bad) {
      expect(decodeControl(encodeControl(message as never)), JSON.stringify(message)).toBeUndefined();
    }
    expect(decodeControl(new Uint8Array([0xff, 0xfe]))).toBeUndefined();
    expect(decodeControl(new Uint8Array(2 ** 18 + 1))).toBeUndefined();
    const coloured = decodeControl(
      encodeControl({ type: "log", log: [{ ...entry, text: "\u001b[31mred" }] }),
    );
    expect(coloured).toMatchObject({ log: [{ text: "[31mred" }] });
  });
});

describe("messages", () => {
  it("of ten independent multiplications are bundled, as many as those of one", async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const { channels } = new SimulatedLink({ settings0: resolveOptions(fast).settings });
    const pair = ([0, 1] as const).map(
      (party) => new DistributedInterface(party, { ...fast, channel: () => channels[party] }),
    );
    const sentFor = async (multiplications: number) => {
      await Promise.all(pair.map((iface) => iface.settled()));
      const before = channels[1].traffic.messagesSent;
      for (const iface of pair) {
        const x = secret(iface);
        for (let i = 0; i < multiplications; i++) x.mul(x);
      }
      await Promise.all(pair.map((iface) => iface.settled()));
      return channels[1].traffic.messagesSent - before;
    };
    await sentFor(1);
    expect(await sentFor(10)).toBeLessThanOrEqual((await sentFor(1)) + 1);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("refuse malformed bundles", () => {
    const frame = (payload: Uint8Array) =>
      ({ stream: "online", operation: BUNDLE, step: 0, digest: new Uint8Array(16), payload }) as const;
    expect(unbundle(frame(new Uint8Array(0)))).toEqual([]);
    expect(unbundle(frame(new Uint8Array(32)))).toHaveLength(1);
    const entry = (change: (view: DataView) => void) => {
      const payload = new Uint8Array(40);
      change(new DataView(payload.buffer));
      return unbundle(frame(payload));
    };
    expect(unbundle(frame(new Uint8Array(31)))).toBeUndefined();
    expect(entry((view) => view.setUint32(12, 8, true))).toHaveLength(1);
    expect(entry((view) => view.setUint32(12, 9, true))).toBeUndefined();
    expect(entry((view) => view.setUint32(12, 2 ** 31, true))).toBeUndefined();
    expect(entry((view) => view.setUint32(8, 2 ** 16, true))).toBeUndefined();
    expect(entry((view) => view.setBigUint64(0, 2n ** 63n, true))).toBeUndefined();
    expect(entry((view) => view.setBigUint64(0, BigInt(BUNDLE), true))).toBeUndefined();
  });
});

describe("costs", () => {
  it("count ten independent multiplications as the rounds of one, and dependent ones added up", async () => {
    await withPair(async (iface) => {
      const x = secret(iface);
      x.mul(x);
      await iface.settled();
      const alone = iface.costs().total.rounds;
      for (let i = 0; i < 10; i++) x.mul(x);
      await iface.settled();
      expect(iface.costs().total.rounds).toBe(2 * alone);
      let y = x;
      for (let i = 0; i < 10; i++) y = y.mul(x);
      await iface.settled();
      expect(iface.costs().total.rounds).toBe(12 * alone);
      expect(alone).toBe(2);
    });
  });

  it("count messages, bytes and triples of each operation", async () => {
    const [report] = await withPair(async (iface) => {
      const x = secret(iface);
      x.matmul(x.t());
      await iface.settled();
      return iface.costs();
    });
    const [, matmul] = report.byKind.find(([kind]) => kind === "matmul")!;
    // Each party opens 2 + 2 elements, then 1 that is truncated; one triple covers both matrices.
    const bytesSent = 32 + 8;
    expect(matmul).toMatchObject({ operations: 1, rounds: 2, triples: 1, messagesSent: 2, bytesSent });
    expect(matmul.bytesReceived).toBe(40);
    expect(report.total.operations).toBe(2);
    expect(String(report)).toContain("matmul");
    expect(report[jupyterDisplay]()["text/html"]).toMatch(/<th [^>]*>rounds<\/th>/);
  });

  it("separate waiting from computing", async () => {
    const [zero, one] = createPair();
    await Promise.all([zero.settled(), one.settled()]);
    const revealed = secret(zero).reveal();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await Promise.all([revealed, secret(one).reveal()]);
    const { waitingMs, computingMs } = zero.costs().total;
    expect(waitingMs).toBeGreaterThan(50);
    expect(computingMs).toBeLessThan(waitingMs);
    await Promise.all([zero.close(), one.close()]);
  });
});

describe("handles", () => {
  it("know their shape at once, and their value when settled", async () => {
    await withPair(async (iface) => {
      const product = secret(iface).mul(secret(iface));
      expect(product.size()).toEqual([1, 2]);
      expect(() => product.data.toArray()).toThrow(UnsettledError);
      expect(() => product.data.toArray()).toThrow(
        /mul \[1,2\]·\[1,2\] is still under way.*await iface\.settled/,
      );
      await iface.settled();
      expect(product.data.settled).toBe(true);
      expect(product.data.toArray()).toHaveLength(1);
    });
  });

  it("overlap, and settle in order", async () => {
    await withPair(async (iface) => {
      const x = secret(iface);
      const handles = Array.from({ length: 20 }, () => x.mul(x));
      await iface.settled();
      expect(handles.every((handle) => handle.data.settled)).toBe(true);
    });
  });

  it("show no share when logged", async () => {
    await withPair(async (iface) => {
      const x = secret(iface);
      const word = String((x.data.toArray() as bigint[][])[0]![0]!);
      for (const value of [x, x.data, x.var, { x }, iface]) {
        expect(inspect(value, { depth: 9, showHidden: true })).not.toContain(word);
        expect(inspect(value, { depth: 9, customInspect: false })).not.toContain(word);
      }
      expect(JSON.stringify(x.data)).not.toContain(word);
    });
  });
});

describe("swapShares", () => {
  it("treats a placeholder as fixed point, and reports if the other side sends a different scale", async () => {
    const errors = await failures((iface) => {
      const mine = iface.party === 0 ? share(new LongTensor([[5]]))[1] : LongTensor.zeros(1, 1);
      swapShares(mine, iface);
    });
    // Party 0 expects plain integers and gets a placeholder, which fits; party 1 expects fixed point.
    expect(errors[0]).toBeUndefined();
    expect(errors[1]).toBeInstanceOf(DesyncError);
    expect(errors[1].message).toContain("sent 0 fractional bits, but this party expects 16");
  });

  it("refuses anything but a tensor", async () => {
    await withPair(async (iface) => {
      expect(() => swapShares([[1]] as never, iface)).toThrow(TypeError);
    });
  });
});

describe("ends", () => {
  it("runs nothing more after a failed check", async () => {
    const [zero, one] = createPair();
    const cheated = zero.run({
      description: { kind: "x", operands: [] },
      body: async () => {
        throw new CheckError("mac", "party 1 changed a value");
      },
    });
    await expect(cheated.promise).rejects.toBeInstanceOf(CheckError);
    await expect(zero.settled()).rejects.toMatchObject({ code: "check-mac" });
    expect(() => secret(zero).mul(2)).toThrow("party 1 changed a value");
    await expect(zero.resync()).rejects.toBeInstanceOf(CheckError);
    await eventually(() => expect(one.open).toBe(false));
    await Promise.all([zero.close(), one.close()]);
  });

  it("notifies the other side of a close, and fails waiting operations", async () => {
    const [zero, one] = createPair();
    const x = secret(zero);
    const revealed = x.reveal();
    await one.settled();
    await one.close();
    await expect(revealed).rejects.toBeInstanceOf(TransportError);
    await expect(zero.settled()).rejects.toMatchObject({ code: "transport-closed" });
    expect(() => x.add(1)).toThrow(TransportError);
    await zero.close();
  });

  it("names the setting in which the parties differ", async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const [zero, one] = createMemoryPair(
      resolveOptions(fast).settings,
      resolveOptions({ ...fast, precision: 20 }).settings,
    );
    const ifaces = [
      new DistributedInterface(0, { ...fast, channel: () => zero }),
      new DistributedInterface(1, { ...fast, precision: 20, channel: () => one }),
    ];
    for (const iface of ifaces) await expect(iface.settled()).rejects.toThrow(/precision.*(16.*20|20.*16)/);
    await Promise.all(ifaces.map((iface) => iface.close()));
  });

  it("names both parties' security if it differs", async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const modes = [{ security: "malicious" }, { security: "semi-honest" }] as const;
    const channels = createMemoryPair(resolveOptions(modes[0]).settings, resolveOptions(modes[1]).settings);
    const ifaces = modes.map(
      (mode, i) => new DistributedInterface(i as 0 | 1, { ...mode, channel: () => channels[i]! }),
    );
    const [zero, one] = await Promise.all(
      ifaces.map((iface) => iface.settled().catch((error) => error.message)),
    );
    expect(zero).toMatch(/"security": it is "malicious" here and "semi-honest" at the other party/);
    expect(one).toMatch(/"security": it is "semi-honest" here and "malicious" at the other party/);
    await Promise.all(ifaces.map((iface) => iface.close()));
  });

  it("names an unknown option, and the one that was meant", () => {
    expect(() => new DistributedInterface(0, { preccision: 20 } as never)).toThrow(
      'DistributedInterface: unknown option "preccision"; did you mean "precision"?',
    );
    expect(() => new DistributedInterface(0, { mode: "malicious" } as never)).toThrow(
      /the options are .*"security"/,
    );
    expect(() => simulate({ latency: 3 } as never)).toThrow('simulate: unknown option "latency"');
  });

  it("refuses options out of range", () => {
    expect(() => new DistributedInterface(2 as never)).toThrow(RangeError);
    expect(() => new DistributedInterface(0, { precision: 40 })).toThrow(RangeError);
    expect(() => new DistributedInterface(0, { preprocessing: "none" as never })).toThrow(RangeError);
  });
});

describe("the host", () => {
  it("shows which party is waited for and for what, and when the wait ends", async () => {
    const pair = createPair();
    const notices: Notice[] = [];
    let told: () => void;
    const first = new Promise<void>((resolve) => {
      told = resolve;
    });
    const host: Host = {
      cell: () => "In [7]",
      notify: (notice) => {
        notices.push(notice);
        if (notice.kind === "waiting") told();
      },
    };
    setHost(host);
    await Promise.all(pair.map((iface) => iface.settled()));
    const [zero, one] = pair.map((iface) => secret(iface));
    const revealed = zero!.reveal();
    await first;
    await Promise.all([revealed, one!.reveal()]);
    expect(notices[0]).toMatchObject({ kind: "waiting" });
    expect(notices[0]!.text).toMatch(/^Waiting for party 1 on .* to run reveal \[1,2\] \(your In \[7\]\)/);
    expect(notices.at(-1)).toMatchObject({ id: notices[0]!.id, kind: "done" });
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("shows that the connection is down, and the cell continues when it is restored", async () => {
    const notices: Notice[] = [];
    setHost({ cell: () => undefined, notify: (notice) => notices.push(notice) });
    const { settings } = resolveOptions(fast);
    const link = new SimulatedLink({ settings0: settings, reconnectMs: 1500 });
    const pair = ([0, 1] as const).map(
      (party) => new DistributedInterface(party, { ...fast, channel: () => link.channels[party] }),
    );
    await Promise.all(pair.map((iface) => iface.settled()));
    link.cutAfter(1);
    const values = await Promise.all(pair.map((iface) => secret(iface).mul(secret(iface)).reveal()));
    expect(values[0]!.toArray()).toEqual([[1, 4]]);
    expect(link.cuts).toBe(1);
    expect(notices.filter(({ text }) => text.includes("the connection is down"))).not.toEqual([]);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("reports strangers, the first time and then less and less often", async () => {
    const notices: Notice[] = [];
    setHost({ cell: () => undefined, notify: (notice) => notices.push(notice) });
    const link = new SimulatedLink({ settings0: resolveOptions(fast).settings });
    const pair = ([0, 1] as const).map(
      (party) => new DistributedInterface(party, { ...fast, channel: () => link.channels[party] }),
    );
    await Promise.all(pair.map((iface) => iface.settled()));
    for (let i = 0; i < 12; i++) link.inject(0, [new Uint8Array(64).fill(i)]);
    await eventually(() => expect(pair[0]!.strangers).toBe(12));
    const told = notices.filter(({ id }) => id === "spdzlab-stranger").map(({ text }) => text);
    expect(told).toEqual([
      expect.stringMatching(/was rejected\.$/),
      expect.stringMatching(/was rejected 10 times so far\.$/),
    ]);
    const values = await Promise.all(pair.map((iface) => secret(iface).reveal()));
    expect(values[0]!.toArray()).toEqual([[1, 2]]);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("shows a warning about the insecure dealer", () => {
    const notices: Notice[] = [];
    setHost({ cell: () => undefined, notify: (notice) => notices.push(notice) });
    const [zero, one] = createMemoryPair(resolveOptions(fast).settings);
    const iface = new DistributedInterface(0, { ...fast, channel: () => zero });
    expect(notices).toMatchObject([
      { kind: "warning", text: expect.stringContaining("insecureFirstPartyDealer") },
    ]);
    return Promise.all([iface.close(), one.close()]);
  });

  it("explains semi-honest security, and products and truncations are correct", async () => {
    const notices: Notice[] = [];
    setHost({ cell: () => undefined, notify: (notice) => notices.push(notice) });
    const pair = simulate({ security: "semi-honest" });
    expect(notices.filter(({ kind }) => kind === "warning")).toMatchObject([
      { text: expect.stringContaining("semi-honest") },
      { text: expect.stringContaining("semi-honest") },
    ]);
    const values = await Promise.all(pair.map((iface) => secret(iface).mul(secret(iface)).mul(0.5).reveal()));
    for (const value of values)
      [0.5, 2].forEach((expected, i) => {
        expect(Math.abs(value.values[i]! - expected)).toBeLessThanOrEqual(2 ** -15);
      });
    expect(pair[0].costs().byKind.map(([kind]) => kind)).toEqual([
      "mul",
      "mulPublic",
      "reveal",
      "preparation",
    ]);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("shows a cell's costs if asked to", async () => {
    const pair = createPair();
    const notices: Notice[] = [];
    setHost({ cell: () => "In [3]", notify: (notice) => notices.push(notice) });
    showCosts(true);
    try {
      for (const iface of pair) secret(iface).mul(secret(iface));
      await settleAll();
      expect(notices.filter(({ kind }) => kind === "note").map(({ text }) => text)).toEqual([
        expect.stringMatching(/^2 rounds, 48 B sent, 48 B received, 2 triples, .* of which .* waiting$/),
        expect.stringMatching(/^2 rounds, 48 B sent, 48 B received, 2 triples, .* of which .* waiting$/),
      ]);
    } finally {
      showCosts(false);
    }
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("does not hold up later cells by released operations, unless they are asked for", async () => {
    const pair = createPair();
    await Promise.all(pair.map((iface) => iface.settled()));
    const [zero, one] = pair.map((iface) => secret(iface));
    zero!.reveal();
    releaseAll();
    await settleAll();
    expect(pair[0].costs().total.operations).toBe(0);
    zero!.add(1);
    await settleAll();
    expect(pair[0].costs().total.operations).toBe(1);
    const all = pair[0].settled();
    one!.reveal();
    one!.add(1);
    await all;
    expect(pair[0].costs().total.operations).toBe(2);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("settles and closes every open interface of the process", async () => {
    const pair = createPair();
    for (const iface of pair) secret(iface).mul(2);
    await settleAll();
    pair.forEach((iface) => {
      const x = secret(iface);
      x.mul(iface.party ? x : 2);
    });
    await Promise.all(pair.map((iface) => iface.close()));
    await settleAll();
  });
});

describe("an interface that is made again", () => {
  it.each([
    ["tcp", async () => `tcp://127.0.0.1:${await freePort()}`],
    ["ipc", async () => `ipc://${join(await mkdtemp(join(tmpdir(), "spdzlab-")), "socket")}`],
  ])("replaces one that still waits, over %s, and not one that is connected", async (_, choose) => {
    setHost({ cell: () => undefined, notify: () => {} });
    const address = await choose();
    const options = { ...fast, bind: address, peer: address };
    const first = new DistributedInterface(0, options);
    const given = first.settled();
    const second = new DistributedInterface(0, options);
    await expect(given).rejects.toMatchObject({ code: "transport-closed" });
    const early = new DistributedInterface(1, options);
    const peer = new DistributedInterface(1, options);
    await Promise.all([second.settled(), peer.settled()]);
    await early.settled().catch(() => {});
    expect([first.open, early.open, second.connected, peer.connected]).toEqual([false, false, true, true]);
    expect(() => new DistributedInterface(0, options)).toThrow(/party 0 already has a session on /);
    expect(() => new DistributedInterface(1, options)).toThrow(/party 1 already has a session on /);
    const values = await Promise.all([second, peer].map((iface) => secret(iface).reveal()));
    expect(values[0]!.toArray()).toEqual([[1, 2]]);
    await Promise.all([second.close(), peer.close()]);
  });

  it("continues after the other party made its own again", async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const options = { ...fast, bind: address, peer: address };
    const zero = new DistributedInterface(0, options);
    const one = new DistributedInterface(1, options);
    await Promise.all([zero.settled(), one.settled()]);
    const old = secret(zero);
    await one.close();
    await eventually(() => expect(zero.open).toBe(false));
    const next = new DistributedInterface(1, options);
    await Promise.all([zero.reconnect(), next.settled()]);
    expect(() => old.mul(2)).toThrow(/session that has ended/);
    const values = await Promise.all([zero, next].map((iface) => secret(iface).mul(secret(iface)).reveal()));
    expect(values[1]!.toArray()).toEqual([[1, 4]]);
    await Promise.all([zero.close(), next.close()]);
  });
});

describe("shares with MACs", () => {
  it("are the default, without a warning, and include the cost of making randomness", async () => {
    const notices: Notice[] = [];
    setHost({ cell: () => undefined, notify: (notice) => notices.push(notice) });
    const pair = simulate();
    const values = await Promise.all(pair.map((iface) => secret(iface).mul(secret(iface)).reveal()));
    expect(values[0]!.toArray()).toEqual([[1, 4]]);
    expect(notices.filter(({ kind }) => kind === "warning")).toEqual([]);
    const kinds = pair[0].costs().byKind.map(([kind]) => kind);
    expect(kinds).toEqual(["enter", "mul", "reveal", "preparation"]);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("checks swapped shares: a changed share ends the session before anything is reconstructed", async () => {
    const pair = createPair({ security: "malicious" });
    const results = await Promise.allSettled(
      pair.map(async (iface) => {
        const product = secret(iface).mul(secret(iface));
        await iface.settled();
        const { data } = product;
        if (iface.party === 1) {
          // Change the cheater's own share inside its library.
          const share = (product.tensor.held as { share: { value: unknown } }).share.value as {
            value: RingVector;
            mac: RingVector;
          };
          Object.assign(share, { value: ring128.addScalar(share.value, 1n) });
        }
        const other = swapShares(data, iface);
        await iface.settled();
        return other;
      }),
    );
    expect(results[0]).toMatchObject({ status: "rejected", reason: { code: "check-mac" } });
    expect(pair[0].open).toBe(false);
    expect(() => secret(pair[0]).mul(2)).toThrow(CheckError);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("lets honest parties swap and reconstruct computed shares", async () => {
    const values = await withPair(
      async (iface) => {
        const { data } = secret(iface).mul(secret(iface));
        const other = swapShares(data, iface);
        await iface.settled();
        return decode(reconstruct([data, other])).toArray();
      },
      { security: "malicious" },
    );
    expect(values).toEqual([[[1, 4]], [[1, 4]]]);
  });

  it("continues after a resync with fresh keys, and refuses values shared under the old keys", async () => {
    const pair = createPair({ security: "malicious" });
    const old = pair.map((iface) => secret(iface).mul(2));
    await Promise.all(pair.map((iface) => iface.settled()));
    for (const iface of pair)
      secret(iface)
        .mul(iface.party ? secret(iface) : 2)
        .mul(secret(iface));
    await Promise.all(pair.map((iface) => expect(iface.settled()).rejects.toBeInstanceOf(DesyncError)));
    await Promise.all(pair.map((iface) => iface.resync()));
    for (const x of old) expect(() => x.add(1)).toThrow(/share it again/);
    const values = await Promise.all(pair.map((iface) => secret(iface).mul(3).reveal()));
    expect(values[1]!.toArray()).toEqual([[3, 6]]);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("lets classic shares enter again after a resync", async () => {
    const pair = createPair({ security: "malicious" });
    const own = pair.map((iface) => secret(iface).data);
    const product = (i: 0 | 1) => {
      const x = new SharedVariable(own[i]!, pair[i]);
      return x.mul(x).reveal();
    };
    await Promise.all([product(0), product(1)]);
    await Promise.all(pair.map((iface) => iface.resync()));
    for (const value of await Promise.all([product(0), product(1)]))
      expect(value.toArray()).toEqual([[1, 4]]);
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("multiplies empty tensors", async () => {
    const [value] = await withPair(
      (iface) => {
        const x = new SharedVariable(ownShare(LongTensor.zeros(0)), iface);
        return x.mul(x).reveal();
      },
      { security: "malicious" },
    );
    expect(value.toArray()).toEqual([]);
  });

  it("refuses invalid combinations of modes", () => {
    for (const options of [
      { security: "malicious", preprocessing: "insecureFirstPartyDealer" },
      { security: "none" },
      { preprocessing: "none" },
    ] as never[]) {
      expect(() => new DistributedInterface(0, options)).toThrow(RangeError);
    }
  });
});
