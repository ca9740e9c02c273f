import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

/** Two virtual hosts: network namespaces with a cable between them. */
const hosts = [`spdzlab-${process.pid}-0`, `spdzlab-${process.pid}-1`] as const;
const addresses = ["10.213.7.1", "10.213.7.2"] as const;

const ip = (...args: string[]) => execFileSync("ip", args, { stdio: "pipe" });

/** Connect the cable. Return false if this machine has no iproute2 or does not permit it. */
function layCable(): boolean {
  try {
    for (const host of hosts) ip("netns", "add", host);
    ip("link", "add", "spdz0", "netns", hosts[0], "type", "veth", "peer", "name", "spdz1", "netns", hosts[1]);
    hosts.forEach((host, i) => {
      ip("-n", host, "addr", "add", `${addresses[i]}/24`, "dev", `spdz${i}`);
      ip("-n", host, "link", "set", `spdz${i}`, "up");
    });
    return true;
  } catch {
    return false;
  }
}

const cable = layCable();

afterAll(() => {
  for (const host of hosts) {
    try {
      ip("netns", "del", host);
    } catch {
      // It was never made.
    }
  }
});

/** A party on its own host: forty products, a few per second, each opened and printed. */
const program = `
  const { DistributedInterface } = require(${JSON.stringify(join(__dirname, "../.."))});
  (async () => {
    const party = Number(process.argv[1]);
    const iface = new DistributedInterface(party, { insecurePlaintext: true, silenceMs: 600 });
    await iface.settled();
    for (let i = 1; i <= 40; i++) {
      const x = await iface.input(0, () => [BigInt(i)]);
      console.log((await x.mul(x).reveal()).item());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await iface.close();
  })().catch((error) => { console.error(error); process.exitCode = 1; });
`;

function start(party: 0 | 1): { child: ChildProcess; lines: string[]; ended: Promise<number | null> } {
  const env = { ...process.env, SPDZ_BIND: "tcp://0.0.0.0:29500", SPDZ_PEER: `tcp://${addresses[0]}:29500` };
  const args = ["netns", "exec", hosts[party], process.execPath, "-e", program, String(party)];
  const child = spawn("ip", args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const lines: string[] = [];
  child.stdout.on("data", (chunk) => lines.push(...String(chunk).split("\n").filter(Boolean)));
  return { child, lines, ended: new Promise((resolve) => child.once("close", resolve)) };
}

test.skipIf(!cable)(
  "two hosts go on after the link between them was down and up again",
  async () => {
    const parties = [start(0), start(1)];
    const reached = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (parties[0]!.lines.length >= count) resolve();
        };
        parties[0]!.child.stdout!.on("data", look);
        look();
      });
    try {
      await reached(10);
      ip("-n", hosts[1], "link", "set", "spdz1", "down");
      const before = parties[0]!.lines.length;
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(parties[0]!.lines.length).toBeLessThanOrEqual(before + 2);
      ip("-n", hosts[1], "link", "set", "spdz1", "up");
      expect(await Promise.all(parties.map(({ ended }) => ended))).toEqual([0, 0]);
      const squares = Array.from({ length: 40 }, (_, i) => String((i + 1) ** 2));
      for (const { lines } of parties) expect(lines).toEqual(squares);
    } finally {
      for (const { child } of parties) child.kill("SIGKILL");
    }
  },
  60_000,
);
