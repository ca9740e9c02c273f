// Saved shares: two sessions under the same stores, and every file that must be refused.
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDealer } from "../../test/support/modes";
import { createMemoryPair } from "../channel/memory/memory-channel";
import { CheckError, DesyncError, SavedError } from "../errors";
import { Eventual } from "../eventual";
import "../ops/methods";
import { encodeSaved, readSaved, unseal } from "../primitives/saved-file";
import { dataOf } from "../primitives/shared-tensor";
import { DistributedInterface } from "../session/distributed-interface";
import { setHost } from "../session/host/host";
import { type InterfaceOptions, resolveOptions } from "../session/options/options";
import { plain } from "../session/plain";
import { plan } from "../session/plan/plan";
import { encode } from "../tensor/fixed-point";
import { FloatTensor } from "../tensor/float-tensor";
import "./input";
import "./saving";
import { SharedVariable } from "./shared-variable";

type Pair = readonly DistributedInterface[];

const dealer = createDealer();
beforeAll(() => dealer.listen());
afterAll(() => dealer.close());

let folder: string;
let open: DistributedInterface[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-saved-"));
  setHost({ cell: () => undefined, notify: () => undefined });
});
afterEach(async () => {
  await Promise.all(open.map((iface) => iface.close()));
  open = [];
  setHost(undefined);
  rmSync(folder, { recursive: true });
});

const fast: InterfaceOptions = { preprocessing: "insecureFirstPartyDealer" };
const malicious: InterfaceOptions = { security: "malicious" };

/** @param stores - the folder of each party's store; undefined for none */
function connect(options: InterfaceOptions, stores: readonly (string | undefined)[] = ["0", "1"]): Pair {
  const ends = createMemoryPair(resolveOptions(options).settings);
  const pair = ([0, 1] as const).map((party) => {
    const store = stores[party];
    return new DistributedInterface(party, {
      ...options,
      channel: () => ends[party],
      ...(store !== undefined && { store: join(folder, store), storePassphrase: `of ${store}` }),
    });
  });
  open.push(...pair);
  return pair;
}

const both = <T>(pair: Pair, run: (iface: DistributedInterface) => Promise<T>) => Promise.all(pair.map(run));
const outcomes = (pair: Pair, run: (iface: DistributedInterface) => Promise<unknown>) =>
  both(pair, (iface) => run(iface).then(String, (error: unknown) => error));
const close = (pair: Pair) => both(pair, (iface) => iface.close());
const path = (iface: DistributedInterface | { party: 0 | 1 }, name = "model") =>
  join(folder, `${name}-${iface.party}.spdz`);

/** A secret of party 0, the product of secrets, an integer, and a classic share that has not entered the scheme. */
async function values(iface: DistributedInterface): Promise<Record<string, SharedVariable>> {
  const x = await iface.input(0, () => [[1.5, -2, 3]], { requiresGrad: true });
  const y = await iface.input(1, () => [[4, 0.25, 100]]);
  const n = await iface.input(1, () => [2n ** 50n, -7n]);
  return { x, x·y: x.mul(y), n, none: await iface.input(0, () => []) };
}

async function reveal(named: Record<string, SharedVariable>): Promise<Record<string, unknown>> {
  const entries = Object.entries(named).map(async ([name, value]) => [
    name,
    (await value.reveal()).toArray(),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

const revealed = { x: [[1.5, -2, 3]], x·y: [[6, -0.5, 300]], n: [2 ** 50, -7], none: [] };

/** Stores and files of two saves in the fast mode, made once. */
let template: string | undefined;
afterAll(() => template && rmSync(template, { recursive: true }));

/** Save in a session of its own: "model", and in the fast mode "other". */
async function saveOnce(options: InterfaceOptions): Promise<void> {
  if (options !== fast || template === undefined) {
    const pair = connect(options);
    await both(pair, async (iface) => {
      await iface.save(path(iface), await values(iface));
      if (options === fast) await iface.save(path(iface, "other"), await values(iface));
    });
    await close(pair);
    if (options !== fast) return;
    template = mkdtempSync(join(tmpdir(), "spdzlab-template-"));
    cpSync(folder, template, { recursive: true });
  }
  cpSync(template, folder, { recursive: true });
}

describe.each<[string, InterfaceOptions]>([
  ["malicious", malicious],
  ["semi-honest", { security: "semi-honest", preprocessing: "ot" }],
  ["semi-honest with a dealer", { security: "semi-honest", preprocessing: "dealer" }],
  ["party 0's randomness", fast],
])("saved values (%s)", (_, mode) => {
  test("come back in a later session, with scales and gradients, and can be computed with", async () => {
    const options = mode.preprocessing === "dealer" ? { ...mode, dealer: dealer.address } : mode;
    const first = connect(options);
    await both(first, async (iface) => {
      await iface.save(path(iface), await values(iface));
      expect(await reveal(await iface.load(path(iface)))).toEqual(revealed);
    });
    await close(first);
    expect(statSync(path({ party: 0 })).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);

    const second = connect(options);
    const results = await both(second, async (iface) => {
      const loaded = await iface.load(path(iface));
      const { x, n } = loaded as { x: SharedVariable; n: SharedVariable };
      x.mul(x).sum().backward();
      return {
        facts: Object.values(loaded).map(({ shape, fracBits, requiresGrad }) => [
          shape,
          fracBits,
          requiresGrad,
        ]),
        values: await reveal(loaded),
        more: await reveal({ gradient: x.grad!, n: n.add(n) }),
        // Saved again, under the same name.
        again: await iface.save(path(iface), { x, n, known: new FloatTensor([0.5]) }),
      };
    });
    for (const { facts, values, more } of results) {
      expect(facts).toEqual([
        [[1, 3], 16, true],
        [[1, 3], 16, true],
        [[2], 0, false],
        [[0], 16, false],
      ]);
      expect(values).toEqual(revealed);
      expect(more).toEqual({ gradient: [[3, -4, 6]], n: [2 ** 51, -14] });
    }
    await both(second, (iface) => iface.resync());
    for (const loaded of await both(second, async (iface) => reveal(await iface.load(path(iface)))))
      expect(loaded).toEqual({ x: [[1.5, -2, 3]], n: [2 ** 50, -7], known: [0.5] });
  });
});

test("a file holds no word of a share, and no name of a file is needed twice", async () => {
  const [words] = await (async () => {
    const pair = connect(fast);
    const found = await both(pair, async (iface) => {
      const x = await iface.input(0, () => [1, 2, 3, 4]);
      await iface.save(path(iface), { x });
      return dataOf(x.tensor).toTypedArray();
    });
    await close(pair);
    return found;
  })();
  const file = readFileSync(path({ party: 0 }));
  for (const word of words!) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(word);
    expect(file.includes(bytes)).toBe(false);
  }
  expect(file.toString("latin1")).toContain('"name":"x","shape":[4]');
});

describe("without a store that outlives the session", () => {
  test("a party without a store is told to name one, and nothing is sent", async () => {
    const pair = connect(malicious, [undefined, undefined]);
    await both(pair, async (iface) => {
      const x = await iface.input(0, () => [1]);
      await expect(iface.save(path(iface), { x })).rejects.toThrow(
        /save: this session has no store.*store: "my-store"/,
      );
      await expect(iface.load(path(iface))).rejects.toThrow(/load: this session has no store/);
      expect((await x.reveal()).toArray()).toEqual([1]);
    });
  });

  test.each([true, false])(
    "a party whose peer has none is told so (known before the call: %s)",
    async (known) => {
      const pair = connect(fast, ["0", undefined]);
      if (known) await both(pair, (iface) => iface.settled());
      const found = await outcomes(pair, async (iface) => {
        const x = iface.lift([1]);
        return iface.save(path(iface), { x });
      });
      expect(found[0]).toMatchObject({
        message: expect.stringMatching(/the other party has no store in this session/),
      });
      expect(found[1]).toMatchObject({ message: expect.stringMatching(/this session has no store/) });
      if (known)
        for (const sum of await both(pair, async (iface) => (await iface.lift([1]).reveal()).item()))
          expect(sum).toBe(1);
    },
  );

  test("in the clear there are no shares to save", async () => {
    const iface = plain();
    const x = await iface.input(0, () => [1]);
    await expect(iface.save(path({ party: 0 }), { x })).rejects.toThrow(
      /spdz\.plain\(\) computes in the clear/,
    );
    await expect(iface.load(path({ party: 0 }))).rejects.toThrow(/spdz\.plain\(\) computes in the clear/);
  });

  test("with a dealer and malicious security nothing is saved, and the session continues", async () => {
    const pair = connect({ preprocessing: "dealer", security: "malicious", dealer: dealer.address });
    await both(pair, async (iface) => {
      const x = await iface.input(0, () => [1]);
      await expect(iface.save(path(iface), { x })).rejects.toThrow(/every session has a MAC key of its own/);
      expect((await x.reveal()).toArray()).toEqual([1]);
    });
    expect(readdirSync(folder).filter((name) => name.includes("spdz"))).toEqual([]);
  });
});

/** Load in a session of the same stores after `change`, and then show that the session still works. */
async function loadAfter(
  change: () => void,
  options: InterfaceOptions = fast,
  stores?: readonly string[],
): Promise<unknown[]> {
  await saveOnce(options);
  change();
  const pair = connect(options, stores);
  const found = await outcomes(pair, (iface) => iface.load(path(iface)));
  return found;
}

const saved = (reason: string, message: RegExp) =>
  expect.objectContaining({ code: `saved-${reason}`, message: expect.stringMatching(message) });

test("a party's own file only: the other party's is refused before anything is sent", async () => {
  await saveOnce(fast);
  const [zero] = connect(fast);
  await expect(zero!.load(path({ party: 1 }))).rejects.toEqual(
    saved(
      "foreign",
      /is the file of party 1, and this is party 0; name the file that was saved at this party/,
    ),
  );
});

test("files of two saves are not loaded together", async () => {
  const found = await loadAfter(() => copyFileSync(path({ party: 1 }, "other"), path({ party: 1 })));
  for (const each of found)
    expect(each).toEqual(saved("mismatch", /are of different saves, and nothing of them is used/));
});

test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
  [
    "cut off at its end",
    (bytes) => bytes.subarray(0, bytes.length - 1),
    /cut off or changed \(it has \d+ bytes/,
  ],
  ["cut off in its header", (bytes) => bytes.subarray(0, 100), /ends in its header/],
  ["cut off at once", (bytes) => bytes.subarray(0, 17), /ends in its header/],
  ["too long", (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]), /cut off or changed \(it has/],
  [
    "with another length",
    (bytes) => {
      bytes.writeUInt32BE(2 ** 31, 16);
      return bytes;
    },
    /says that it has 2147483648 bytes/,
  ],
  [
    "another file",
    () => Buffer.from("PK\u0003\u0004"),
    /is not a file that this version of iface\.save wrote/,
  ],
])("a file that is %s is refused before anything is sent", async (_, change, message) => {
  await saveOnce(fast);
  writeFileSync(path({ party: 0 }), change(readFileSync(path({ party: 0 }))));
  const [zero] = connect(fast);
  await expect(zero!.load(path({ party: 0 }))).rejects.toThrow(message);
});

test.each(["the seal", "the shares", "a shape in the header", "requiresGrad in the header"])(
  "a file with a change in %s is refused, and the other party is told",
  async (where) => {
    const found = await loadAfter(() => {
      for (const party of [0, 1] as const) {
        const bytes = readFileSync(path({ party }));
        const text = bytes.toString("latin1");
        // Both parties' headers stay alike, so that only the seal can tell.
        const flip = (at: number) => {
          if (party === 0) bytes[at]! ^= 1;
        };
        if (where === "the seal") flip(bytes.length - 1);
        else if (where === "the shares") flip(bytes.length - 40);
        else if (where === "a shape in the header") bytes.write("[3,1]", text.indexOf("[1,3]"), "latin1");
        else bytes.write("true ", text.indexOf("false"), "latin1");
        writeFileSync(path({ party }), bytes);
      }
    });
    expect(found[0]).toEqual(saved("damaged", /its seal does not hold/));
    const other = where.includes("header")
      ? saved("damaged", /its seal/)
      : saved("mismatch", /party 0 could not load its file/);
    expect(found[1]).toEqual(other);
  },
);

test("a session continues after a load that failed", async () => {
  await saveOnce(fast);
  const bytes = readFileSync(path({ party: 0 }));
  const bad = Buffer.from(bytes);
  bad[bad.length - 1]! ^= 1;
  writeFileSync(path({ party: 0 }), bad);
  const pair = connect(fast);
  for (const each of await outcomes(pair, (iface) => iface.load(path(iface))))
    expect(each).toBeInstanceOf(SavedError);
  writeFileSync(path({ party: 0 }), bytes);
  for (const each of await both(pair, async (iface) => reveal(await iface.load(path(iface)))))
    expect(each).toEqual(revealed);
});

test("a file of another store is refused", async () => {
  const found = await loadAfter(() => undefined, fast, ["other-0", "other-1"]);
  for (const each of found) expect(each).toEqual(saved("foreign", /was saved under another store/));
});

test("a file of another security mode is refused", async () => {
  await saveOnce(fast);
  const [zero] = connect({ security: "malicious" }, ["other-0", "other-1"]);
  await expect(zero!.load(path({ party: 0 }))).rejects.toEqual(
    saved("foreign", /holds shares without MACs \(semi-honest\), and this session works on shares with MACs/),
  );
});

test("a store that was destroyed after a failed check takes its files with it", async () => {
  await saveOnce(malicious);
  const pair = connect(malicious);
  await both(pair, (iface) => iface.settled());
  pair[0]!.session.abort(new CheckError("mac", "caught"));
  await close(pair);
  const after = connect(malicious);
  for (const each of await outcomes(after, (iface) => iface.load(path(iface))))
    expect(each).toEqual(saved("foreign", /or under one that was destroyed since/));
});

test("a session in which the other party brings a new store ends the old one, and its files", async () => {
  await saveOnce(fast);
  const pair = connect(fast, ["0", "new"]);
  await both(pair, (iface) => iface.settled());
  await close(pair);
  const after = connect(fast);
  for (const each of await outcomes(after, (iface) => iface.load(path(iface))))
    expect(each).toEqual(saved("foreign", /was saved under another store/));
});

describe("against a party that cheats", () => {
  /** Add four to party 1's share of every value, and leave its MAC. */
  const lie = (party: 0 | 1, bytes: Uint8Array) => {
    if (party === 1) bytes[0]! += 4;
    return bytes;
  };

  test("nothing is saved that depends on an opening that was wrong", async () => {
    const pair = connect(malicious);
    const found = await outcomes(pair, async (iface) => {
      const [x, y] = [await iface.input(0, () => [1.5]), await iface.input(1, () => [4])];
      const { scheme } = iface.session;
      const { held } = x.tensor;
      if (!("share" in held)) throw new Error("an input is held as the scheme's share");
      const share = await held.share.promise;
      const changed = scheme.fromBytes(lie(iface.party, scheme.toBytes(share)), 1);
      const wrong = new SharedVariable({ ...x.tensor, held: { share: Eventual.of(changed) } });
      return iface.save(path(iface), { product: wrong.mul(y) });
    });
    for (const each of found) expect(each).toBeInstanceOf(CheckError);
    expect(readdirSync(folder).filter((name) => name.includes("spdz"))).toEqual([]);
  });

  test("shares that it changed in its own file are found before anything is used", async () => {
    await saveOnce(malicious);
    const pair = connect(malicious);
    const found = await outcomes(pair, async (iface) => {
      await iface.settled();
      const { scheme } = iface.session;
      const vault = await iface.session.vault();
      const file = readSaved(path(iface), iface.party, scheme.name, scheme.elementBytes);
      const shares = lie(iface.party, unseal(file, vault));
      writeFileSync(path(iface), Buffer.concat(encodeSaved(file.header, vault, shares)));
      return iface.load(path(iface));
    });
    for (const each of found) expect(each).toMatchObject({ code: "check-mac" });
  });
});

test("a missing file, a folder and a link say what to do", async () => {
  await saveOnce(fast);
  const [zero] = connect(fast);
  await expect(zero!.load(join(folder, "none.spdz"))).rejects.toThrow(
    /load: there is no file .*none\.spdz.*check the name/,
  );
  await expect(zero!.load(folder)).rejects.toThrow(/is not a file|is a folder/);
  symlinkSync(path({ party: 0 }), join(folder, "link"));
  await expect(zero!.load(join(folder, "link"))).rejects.toThrow(/is a link; name the file itself/);
  await expect(zero!.load("" as never)).rejects.toThrow(/the path must be a text/);
});

test("if one party cannot write its file, neither file appears, and an earlier one stays", async () => {
  await saveOnce(fast);
  const before = readFileSync(path({ party: 0 }));
  const pair = connect(fast);
  const found = await outcomes(pair, async (iface) => {
    const x = await iface.input(0, () => [1]);
    return iface.save(iface.party === 0 ? path(iface) : join(folder, "none", "x.spdz"), { x });
  });
  expect(found[0]).toEqual(
    saved("mismatch", /party 1 could not save its file; no file was written here either/),
  );
  expect(found[1]).toEqual(saved("write", /there is no folder .*create it/));
  expect(readFileSync(path({ party: 0 })).equals(before)).toBe(true);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  symlinkSync(path({ party: 0 }), join(folder, "link"));
  const linked = await outcomes(pair, async (iface) =>
    iface.save(join(folder, "link"), { x: await iface.input(0, () => [1]) }),
  );
  for (const each of linked) expect(each).toBeInstanceOf(SavedError);
  expect(readFileSync(path({ party: 0 })).equals(before)).toBe(true);
});

test.each<
  [
    string,
    (iface: DistributedInterface, x: SharedVariable, y: SharedVariable) => Record<string, SharedVariable>,
  ]
>([
  ["another name", ({ party }, x) => ({ [party === 0 ? "a" : "b"]: x })],
  ["another value", ({ party }, x, y) => ({ a: party === 0 ? x : y })],
  ["another order", ({ party }, x, y) => (party === 0 ? { x, y } : { y, x })],
])("parties that save %s get a DesyncError, and no file", async (_, choose) => {
  const pair = connect(fast);
  const found = await outcomes(pair, async (iface) => {
    const [x, y] = [await iface.input(0, () => [1]), await iface.input(0, () => [2])];
    return iface.save(path(iface), choose(iface, x, y));
  });
  for (const each of found) expect(each).toBeInstanceOf(DesyncError);
  expect(readdirSync(folder).filter((name) => name.includes("spdz"))).toEqual([]);
});

test("wrong calls are refused before a number is taken", async () => {
  const pair = connect(fast);
  await both(pair, async (iface) => {
    const x = await iface.input(0, () => [1]);
    const save = (values: unknown, where: unknown = path(iface)) =>
      iface.save(where as string, values as never);
    await expect(save({})).rejects.toThrow("the number of values must be from 1 to 4096, got 0");
    await expect(save(x)).rejects.toThrow("pass the values by name");
    await expect(save({ x: encode([1]) })).rejects.toThrow(
      'save: "x" is neither a SharedVariable nor a FloatTensor',
    );
    await expect(save({ "a\nb": x })).rejects.toThrow("characters that cannot be printed");
    await expect(save({ ["a".repeat(201)]: x })).rejects.toThrow("1 to 200 characters");
    await expect(save({ x }, 7)).rejects.toThrow("the path must be a text");
    await expect(plan(() => iface.save(path(iface), { x }))).rejects.toThrow(
      /not available within spdz\.plan/,
    );
    expect((await x.reveal()).toArray()).toEqual([1]);
  });
});
