import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLinkPair } from "../../test/support/links";
import { ownShare } from "../../test/support/own-share";
import { SharedVariable } from "../autograd/shared-variable";
import "../ops/methods";
import { createKeys, Keys, publicLine, savePeerKey } from "../channel/keys/keys";
import { createMemoryPair } from "../channel/memory/memory-channel";
import { CheckError, StoreError, TransportError } from "../errors";
import type { SetUp } from "../preprocessing/producer";
import { exchangeGreetings } from "../preprocessing/store/agreement";
import { LongTensor } from "../tensor/long-tensor";
import { DistributedInterface } from "./distributed-interface";
import { setHost } from "./host/host";
import { chooseStore } from "./options/choose-store";
import { type InterfaceOptions, resolveOptions } from "./options/options";

let folder: string;
let notices: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-kept-"));
  notices = [];
  setHost({ cell: () => undefined, notify: ({ text }) => notices.push(text) });
});
afterEach(() => {
  setHost(undefined);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Make two interfaces in this process, with a store each if they have a passphrase. */
function connect(options: InterfaceOptions, passphrases = ["of party 0", "of party 1"]) {
  const ends = createMemoryPair(resolveOptions(options).settings);
  return ([0, 1] as const).map((party) => {
    const store = { store: join(folder, `${party}`), storePassphrase: passphrases[party]! };
    return new DistributedInterface(party, {
      ...options,
      channel: () => ends[party],
      ...(passphrases[party] !== undefined && store),
    });
  });
}

const both = <T>(ifaces: readonly DistributedInterface[], run: (iface: DistributedInterface) => Promise<T>) =>
  Promise.all(ifaces.map(run));
const close = (ifaces: readonly DistributedInterface[]) => both(ifaces, (iface) => iface.close());
const ready = (ifaces: readonly DistributedInterface[]) =>
  ifaces.map((iface) => iface.store().ready("triples"));

/** Multiplies 3 shared twice over by itself, as two secrets: each party's part is 3. */
async function square(iface: DistributedInterface): Promise<void> {
  const [x, y] = [0, 1].map(() => new SharedVariable(ownShare(new LongTensor([[3, 3]])), iface));
  expect((await x!.mul(y!).reveal()).toArray()).toEqual([[36, 36]]);
}

describe.each([
  ["oblivious transfer", { security: "malicious" }],
  ["semi-honest oblivious transfer", { security: "semi-honest", preprocessing: "ot" }],
  ["party 0's randomness", { preprocessing: "insecureFirstPartyDealer" }],
] as const)("a store with %s", (_, options) => {
  test("outlives its session, and a resync", async () => {
    const first = connect(options);
    await both(first, (iface) => iface.prepare({ triples: 100 }));
    await both(first, square);
    const left = ready(first);
    expect(left[0]).toBe(left[1]);
    expect(left[0]).toBeGreaterThanOrEqual(98);
    await close(first);

    const second = connect(options);
    await both(second, (iface) => iface.settled());
    expect(ready(second)).toEqual(left);
    await both(second, square);
    const before = ready(second)[0]!;
    await both(second, (iface) => iface.resync());
    await both(second, (iface) => iface.settled());
    expect(ready(second)).toEqual([before, before]);
    await both(second, square);
    await close(second);
    expect(notices.filter((text) => text.startsWith("The store"))).toEqual([]);
  });
});

test.each([
  ["malicious", { security: "malicious" }],
  ["party 0's randomness", { preprocessing: "insecureFirstPartyDealer" }],
] as const)(
  "a session to which the other party brings no store leaves this one's as it is (%s)",
  async (_, options) => {
    const first = connect(options);
    await both(first, (iface) => iface.prepare({ triples: 100 }));
    const left = ready(first);
    await close(first);

    const apart = connect(options, ["of party 0"]);
    await both(apart, (iface) => iface.settled());
    expect(ready(apart)).toEqual([0, 0]);
    expect(notices).toContainEqual(
      expect.stringMatching("^The store .*/0: the other party brought no store"),
    );
    await both(apart, square);
    await both(apart, (iface) => iface.resync());
    await both(apart, square);
    await close(apart);

    const next = connect(options);
    await both(next, (iface) => iface.settled());
    expect(ready(next)).toEqual(left);
    await both(next, square);
    await close(next);
  },
);

test("a session that ends with a CheckError keeps nothing", async () => {
  const fast = { preprocessing: "insecureFirstPartyDealer" } as const;
  const first = connect(fast);
  await both(first, (iface) => iface.prepare({ triples: 100 }));
  first[1]!.session.abort(new CheckError("mac", "caught"));
  await close(first);
  const second = connect(fast);
  await both(second, (iface) => iface.settled());
  expect(ready(second)).toEqual([0, 0]);
  expect(notices).toContainEqual(
    expect.stringMatching("^The store .*/0: the other party's store is not of the same"),
  );
  await close(second);
});

test("a store that cannot be opened ends the session at once with the reason; the other party is notified", async () => {
  const fast = { preprocessing: "insecureFirstPartyDealer" } as const;
  const first = connect(fast);
  await both(first, (iface) => iface.settled());
  await close(first);
  const second = connect(fast, ["another", "of party 1"]);
  const [mine, theirs] = await both(second, (iface) => iface.settled().catch((error: unknown) => error));
  expect(mine).toBeInstanceOf(StoreError);
  expect(mine).toMatchObject({
    code: "store-key",
    message: expect.stringMatching("the passphrase does not open"),
  });
  expect(theirs).toBeInstanceOf(TransportError);
  expect(() => new SharedVariable(ownShare(new LongTensor([[3]])), second[0]!).mul(2)).toThrow(StoreError);
  await close(second);
});

test("a store can only be used with the dealer that made its items", async () => {
  const [one, another] = [Keys.generate(), Keys.generate()].map(({ publicKey }) => publicLine(publicKey));
  const open = async (key: string | undefined, path: string) => {
    const settings = {
      ...{ security: "semi-honest", preprocessing: "dealer" },
      ...(key !== undefined && { "the dealer's key": key }),
    };
    const keeper = chooseStore(0, { store: join(folder, path), storePassphrase: "open" }, settings)!();
    const links = createLinkPair();
    const met = keeper.meet(links[0]).then(
      () => keeper.begin({ alpha: 0n } as SetUp),
      (error: unknown) => error,
    );
    const greeting = { id: new Uint8Array(32), generation: 0, listBytes: 2, keeps: true };
    await Promise.race([met, exchangeGreetings(links[1], greeting)]);
    const result = await met;
    await keeper.close(new Error("over"));
    return result;
  };
  expect(await open(one!, "dealt")).toBeUndefined();
  expect(await open(another!, "dealt")).toMatchObject({
    code: "store-foreign",
    message: expect.stringMatching(`belongs to party 0 .*${one}.* this is party 0 .*${another}.* delete it`),
  });
});

describe("a store is sealed", () => {
  const { settings } = resolveOptions({});

  test("with this party's key in an encrypted session, else with a passphrase, which is then required", async () => {
    vi.stubEnv("SPDZ_CONFIG", join(folder, "keys"));
    const keys = createKeys(join(folder, "keys"));
    savePeerKey(keys.publicKey, join(folder, "keys"));
    const path = join(folder, "curve");
    const keyed = chooseStore(0, { store: path }, settings)!();
    await keyed.opened;
    await keyed.close(new Error("over"));
    vi.stubEnv("SPDZ_CONFIG", "");
    expect(() => chooseStore(0, { store: path }, settings)).toThrow(RangeError);
    expect(() => chooseStore(0, { store: path }, settings)).toThrow(
      "set storePassphrase, or SPDZ_STORE_PASSPHRASE",
    );
    vi.stubEnv("SPDZ_STORE_PASSPHRASE", "open sesame");
    const named = chooseStore(0, { store: path }, settings)!();
    await expect(named.opened).rejects.toMatchObject({ code: "store-key" });
    await named.close(new Error("over"));
  });

  test("in the environment's folder, except in a simulation, whose parties share one environment", () => {
    vi.stubEnv("SPDZ_CONFIG", "");
    expect(chooseStore(0, {}, settings)).toBeUndefined();
    vi.stubEnv("SPDZ_STORE", join(folder, "named"));
    expect(() => chooseStore(0, {}, settings)).toThrow("named needs a passphrase");
    expect(chooseStore(0, { channel: () => undefined }, settings)).toBeUndefined();
  });
});
