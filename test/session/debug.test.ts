import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { assertBuilt } from "../kernel/built";
import { root } from "../setup/root";

/** A session in the default mode; prints what must stay secret, one hexadecimal word a line. */
const program = `
const spdz = require("${root}dist/lib");
const { Pool } = require("${root}dist/lib/preprocessing/pool/pool");
const secrets = [];
const setUp = Pool.prototype.setUp;
Pool.prototype.setUp = async function (...args) {
  const key = await setUp.apply(this, args);
  secrets.push(key.alpha);
  return key;
};
const pair = spdz.simulate({});
Promise.all(pair.map(async (iface) => {
  const x = await iface.input(0, iface.party === 0 ? [2.5, 3] : undefined);
  await iface.settled();
  for (const word of x.data.toArray().flat()) secrets.push(BigInt.asUintN(64, BigInt(word)));
  const product = x.mul(x);
  await product.reveal();
  for (const word of product.data.toArray().flat()) secrets.push(BigInt.asUintN(64, BigInt(word)));
  await iface.close();
})).then(() => console.log(secrets.map((word) => word.toString(16)).join("\\n")));
`;

test("NODE_DEBUG=spdzlab logs link, router, pool and producer, and no share or key", () => {
  assertBuilt();
  const run = (env: NodeJS.ProcessEnv) => {
    const options = { encoding: "utf8", env: { ...process.env, ...env }, timeout: 100_000 } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", program], options);
    expect(status, stderr).toBe(0);
    return { secrets: stdout.trim().split("\n"), log: stderr };
  };
  const { secrets, log } = run({ NODE_DEBUG: "spdzlab" });
  for (const line of [
    /SPDZLAB \d+: link: party 0 agreed with its peer/,
    /link: party 1 leaves, \w+, as asked/,
    /router: opens operation \d+, \d+ frames came early/,
    /pool: has \d+ items of square made, from 0/,
    /producer: made \d+ items of square/,
  ])
    expect(log).toMatch(line);
  expect(secrets.length).toBeGreaterThanOrEqual(10);
  for (const hex of secrets) {
    const word = BigInt(`0x${hex}`);
    if (word < 2n ** 40n) continue;
    const bytes = Buffer.from(hex.padStart(16, "0"), "hex");
    for (const text of [hex, String(word), String(BigInt.asIntN(64, word)), bytes.reverse().toString("hex")])
      expect(log.includes(text), "a secret word is in the log").toBe(false);
  }
  expect(run({ NODE_DEBUG: "" }).log).not.toContain("SPDZLAB");
}, 240_000);
