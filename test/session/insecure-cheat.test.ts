import { describe, expect, test } from "vitest";
import {
  type Cheat,
  CheckError,
  type DistributedInterface,
  insecureCheat,
  LongTensor,
  SharedVariable,
  simulate,
  Variable,
} from "../../lib";
import { ownShare } from "../support/own-share";

const security = "malicious";

/** Both parties multiply and reveal; party 1 cheats, if it does, just before. */
async function compute(cheat?: Cheat) {
  const ifaces = simulate({ security });
  await Promise.all(ifaces.map((iface) => iface.settled()));
  if (cheat) insecureCheat(ifaces[1], cheat);
  const results = await Promise.allSettled(ifaces.map(reveal));
  return { ifaces, honest: results[0]! };
}

async function reveal(iface: DistributedInterface) {
  const share = () =>
    new SharedVariable(new Variable(ownShare(new LongTensor([[iface.party + 2, 5]]))), iface);
  return String(await share().mul(share()).reveal());
}

describe("insecureCheat", () => {
  const cheats: Cheat[] = [
    { message: "opening", change: "flip" },
    { message: "mac", change: "shift" },
    { message: "commitment", change: "zero" },
    { message: "commitment", change: "replay" },
    { message: "preparation", change: "zero" },
  ];
  for (const cheat of cheats) {
    test(`${cheat.message}, ${cheat.change}: the honest party outputs nothing, and its session ends`, async () => {
      const { ifaces, honest } = await compute(cheat);
      expect(honest.status).toBe("rejected");
      const { reason } = honest as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(CheckError);
      await expect(reveal(ifaces[0])).rejects.toBe(reason);
      await Promise.all(ifaces.map((iface) => iface.close()));
    });
  }

  test("without it, nothing is changed", async () => {
    const { ifaces, honest } = await compute();
    expect(honest.status).toBe("fulfilled");
    await Promise.all(ifaces.map((iface) => iface.close()));
  });

  test("refuses unknown messages and changes", () => {
    const [iface] = simulate();
    expect(() => insecureCheat(iface, { message: "nothing" as never, change: "flip" })).toThrow(TypeError);
    expect(() => insecureCheat(iface, { message: "mac", change: "nothing" as never })).toThrow(TypeError);
  });
});
