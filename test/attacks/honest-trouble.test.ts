// Honest parties whose stores fall out of step, or who make mistakes while items are made, start again, and neither is
// accused.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as spdz from "../../lib";
import { createMemoryPair } from "../../lib/channel/memory/memory-channel";
import { use } from "../../lib/protocol/step";
import { multiply } from "../../lib/protocol/steps/multiply";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { resolveOptions } from "../../lib/session/options/options";
import { ownShare } from "../support/own-share";
import { uniform } from "../support/random";

const ROUNDS = process.env.SPDZLAB_CHEAT === "all" ? 6 : 3;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// This test takes a minute.
test.runIf(process.env.SPDZLAB_CHEAT === "all")(
  "they run different cells, or throw in an operation, and resync",
  async () => {
    setHost({ cell: () => undefined, notify: () => {} });
    const { settings } = resolveOptions({});
    const channels = createMemoryPair(settings);
    const pair = ([0, 1] as const).map(
      (party) =>
        new DistributedInterface(party, {
          channel: () => channels[party],
          store: join(folder, String(party)),
          storePassphrase: "a passphrase of some length",
        }),
    );
    const seen: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(pair.map((iface) => iface.prepare({ triples: 32 })));
      for (const iface of pair) iface.prepare({ triples: 300 }).catch(() => undefined);
      await sleep(uniform() * 150);
      await Promise.all(
        pair.map(async (iface, party) => {
          const value = new spdz.SharedVariable(ownShare(spdz.LongTensor.full([1, 1], 6)), iface);
          try {
            if (round % 3 === 0) {
              const made = party === 0 ? value.mul(value) : value.add(value).mul(value);
              await made.reveal();
            } else if (round % 3 === 1) {
              const work = iface.run({
                description: { kind: "mistake", operands: [] },
                uses: { product: use(multiply, { length: 1 }) },
                async body({ online }) {
                  if (party === 0) throw new RangeError("a mistake");
                  await online.exchange(new Uint8Array(1));
                },
              });
              await work.promise;
            } else {
              await sleep(party * 50);
            }
          } catch (error) {
            seen.push(String((error as Error).name));
          }
          await iface.resync();
        }),
      );
      const results = await Promise.all(
        pair.map(async (iface) => {
          await iface.settled().catch(() => undefined);
          const value = new spdz.SharedVariable(ownShare(spdz.LongTensor.full([1, 1], 3)), iface);
          return (await value.mul(value).reveal()).toString();
        }),
      );
      expect(results[0]).toContain("36");
    }
    for (const iface of pair) {
      expect(iface.session.ended).toBeUndefined();
    }
    await Promise.all(pair.map((iface) => iface.close()));
  },
  300_000,
);
