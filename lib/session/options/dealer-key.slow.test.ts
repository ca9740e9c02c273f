import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startDealer } from "../../../test/support/modes";
import { Keys, publicLine } from "../../channel/keys/keys";
import { createMemoryPair } from "../../channel/memory/memory-channel";
import { StoreError } from "../../errors";
import { DistributedInterface } from "../distributed-interface";
import { setHost } from "../host/host";
import { chooseStore } from "./choose-store";
import { resolveOptions } from "./options";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-dealer-key-"));
  setHost({ cell: () => undefined, notify: () => undefined });
});
afterEach(() => {
  setHost(undefined);
  rmSync(folder, { recursive: true });
});

test("a store made with one dealer is refused with another, and the error names both keys", async () => {
  const server = await startDealer();
  const options = { security: "semi-honest", preprocessing: "dealer", dealer: server.address } as const;
  const { settings } = resolveOptions(options);
  const ends = createMemoryPair(settings);
  const stored = (party: 0 | 1) => ({
    ...options,
    channel: () => ends[party],
    store: join(folder, `${party}`),
    storePassphrase: `of party ${party}`,
  });
  const ifaces = ([0, 1] as const).map((party) => new DistributedInterface(party, stored(party)));
  await Promise.all(ifaces.map((iface) => iface.prepare({ triples: 10 })));
  await Promise.all(ifaces.map((iface) => iface.close()));
  await server.close();

  const open = async (key: string) => {
    const keeper = chooseStore(0, stored(0), { ...settings, "the dealer's key": key })!();
    try {
      return await keeper.opened.catch((error: unknown) => error);
    } finally {
      await keeper.close(new Error("over"));
    }
  };
  const other = publicLine(Keys.generate().publicKey);
  const refused = (await open(other)) as StoreError;
  expect(refused).toBeInstanceOf(StoreError);
  expect(refused.code).toBe("store-foreign");
  expect(refused.message).toContain('the dealer\'s key "without keys"');
  expect(refused.message).toContain(`the dealer's key "${other}"`);
  expect(refused.message).toContain("name another path, or delete it to start afresh");
  expect(await open("without keys")).toBeUndefined();
});
