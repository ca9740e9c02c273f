import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPair, withPair } from "../../test/pair";
import { SharedVariable } from "../autograd/shared-variable";
import { Variable } from "../autograd/variable";
import { createMemoryPair } from "../channel/memory-channel";
import { DesyncError, type SpdzError, TransportError, UnsettledError } from "../errors";
import { share } from "../sharing/share";
import { encode } from "../tensor/fixed-point";
import { LongTensor } from "../tensor/long-tensor";
import { DistributedInterface } from "./distributed-interface";
import { type Host, type Notice, setHost } from "./host";
import { decodeLog, encodeLog } from "./lockstep";
import { resolveOptions } from "./options";
import { settleAll } from "./registry";
import { swapShares } from "./swap-shares";

/** A shared [[1, 2]], as if its shares had been swapped before. */
function secret(iface: DistributedInterface, requiresGrad = false): SharedVariable {
  return new SharedVariable(new Variable(share(encode([[1, 2]]))[0], { requiresGrad }), iface);
}

/** Runs something else on each side and returns what `settled` threw there. */
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
    const { settings } = resolveOptions({});
    const [zero, one] = createMemoryPair(settings);
    const ifaces = [
      new DistributedInterface(0, { channel: () => zero }),
      new DistributedInterface(1, { channel: () => one }),
    ] as const;
    secret(ifaces[0]).matmul(secret(ifaces[0]).t());
    cell = "In [9]";
    secret(ifaces[1]).mul(secret(ifaces[1]));
    // A transpose came first on one side: that is where they parted.
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

  it("reads a peer's log with suspicion", () => {
    const entry = { number: 1, text: "mul [2]", detail: "mul [2]@16", cell: "In [3]", digest: "00" };
    expect(decodeLog(encodeLog([entry]))).toEqual([entry]);
    const bad = [
      [{ ...entry, number: -0.5 }],
      [{ ...entry, text: 1 }],
      [null],
      "x",
      new Array(257).fill(entry),
    ];
    for (const log of bad) expect(decodeLog(encodeLog(log as never))).toBeUndefined();
    expect(decodeLog(new Uint8Array([0xff, 0xfe]))).toBeUndefined();
    expect(decodeLog(encodeLog([{ ...entry, text: "\u001b[31mred" }]))![0]!.text).toBe("[31mred");
  });
});

describe("handles", () => {
  it("know their shape at once and their value when settled", async () => {
    await withPair(async (iface) => {
      const x = secret(iface);
      const product = x.mul(x);
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
  it("takes a placeholder for fixed point, and says so when the other side sends another scale", async () => {
    const errors = await failures((iface) => {
      const mine = iface.party === 0 ? share(new LongTensor([[5]]))[1] : LongTensor.zeros(1, 1);
      swapShares(mine, iface);
    });
    // Party 0 expects plain integers and gets a placeholder, which fits; party 1 expects fixed point.
    expect(errors[0]).toBeUndefined();
    expect(errors[1]).toBeInstanceOf(DesyncError);
    expect(errors[1].message).toContain("sent 0 fractional bits where this party expects 16");
  });

  it("refuses what is no tensor", async () => {
    await withPair(async (iface) => {
      expect(() => swapShares([[1]] as never, iface)).toThrow(TypeError);
    });
  });
});

describe("ends", () => {
  it("tells the other side when one closes, and fails what waits", async () => {
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

  it("names a setting on which the parties differ", async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const [zero, one] = createMemoryPair(
      resolveOptions({}).settings,
      resolveOptions({ precision: 20 }).settings,
    );
    const ifaces = [
      new DistributedInterface(0, { channel: () => zero }),
      new DistributedInterface(1, { precision: 20, channel: () => one }),
    ];
    for (const iface of ifaces) await expect(iface.settled()).rejects.toThrow(/precision.*(16.*20|20.*16)/);
    await Promise.all(ifaces.map((iface) => iface.close()));
  });

  it("refuses options that cannot be", () => {
    expect(() => new DistributedInterface(2 as never)).toThrow(RangeError);
    expect(() => new DistributedInterface(0, { precision: 40 })).toThrow(RangeError);
    expect(() => new DistributedInterface(0, { preprocessing: "none" as never })).toThrow(RangeError);
  });
});

describe("the host", () => {
  it("is told whom a party waits for and for what, and when that is over", async () => {
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
    expect(notices[0]!.text).toMatch(/^Waiting for party 1 on .* to run In \[7\] reveal \[1,2\]/);
    expect(notices.at(-1)).toMatchObject({ id: notices[0]!.id, kind: "done" });
    await Promise.all(pair.map((iface) => iface.close()));
  });

  it("is warned of the insecure dealer", () => {
    const notices: Notice[] = [];
    setHost({ cell: () => undefined, notify: (notice) => notices.push(notice) });
    const [zero, one] = createMemoryPair(resolveOptions({}).settings);
    const iface = new DistributedInterface(0, { channel: () => zero });
    expect(notices).toMatchObject([
      { kind: "warning", text: expect.stringContaining("insecureFirstPartyDealer") },
    ]);
    return Promise.all([iface.close(), one.close()]);
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
