import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../support/free-port";
import { runExample } from "../support/run-example";

const cli = join(__dirname, "../../dist/cli/main.js");

/** Runs `spdzlab` as a party whose keys lie in `folder`. */
function spdzlab(folder: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const env = { ...process.env, SPDZ_CONFIG: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { env, encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

const folders = () => [0, 1].map(() => join(mkdtempSync(join(tmpdir(), "spdzlab-keys-")), "config"));
const lineOf = (text: string) => /^spdzlab-key-\S+$/m.exec(text)![0];
const codeOf = (text: string) => /by voice.*: (\S+)/.exec(text)?.[1];

/** Makes keys for both parties and pairs them. */
function pairUp(): [string, string] {
  const [zero, one] = folders() as [string, string];
  const lines = [zero, one].map((folder) => lineOf(spdzlab(folder, "keygen").out));
  spdzlab(zero, "pair", lines[1]!);
  spdzlab(one, "pair", lines[0]!);
  return [zero, one];
}

describe("spdzlab keygen and pair", () => {
  it("make keys that only their owner can read, exchange one line, and show both parties the same code", () => {
    const [zero, one] = folders() as [string, string];
    const lines = [zero, one].map((folder) => {
      const { status, out } = spdzlab(folder, "keygen");
      expect(status).toBe(0);
      return lineOf(out);
    });
    expect(spdzlab(zero, "pair").out).toContain("No other party is paired yet");
    const file = join(one, "line.txt");
    writeFileSync(file, `${lines[0]}\n`);
    const shown = [spdzlab(zero, "pair", lines[1]!), spdzlab(one, "pair", file)];
    expect(codeOf(shown[0]!.out)).toMatch(/^\d{5}(-\d{5}){9}$/);
    expect(codeOf(shown[1]!.out)).toBe(codeOf(shown[0]!.out));
    expect(codeOf(spdzlab(zero, "pair").out)).toBe(codeOf(shown[0]!.out));
    for (const name of readdirSync(zero)) expect(statSync(join(zero, name)).mode & 0o077).toBe(0);
    const { secretKey } = JSON.parse(readFileSync(join(zero, "key.json"), "utf8"));
    for (const { out, err } of [...shown, spdzlab(zero, "keygen")])
      expect(out + err).not.toContain(secretKey);
  });

  it("recognize a pairing of the first version and explain it, until the line is accepted again", () => {
    const [zero, one] = pairUp();
    const line = lineOf(spdzlab(one, "keygen", "--force").out);
    writeFileSync(join(zero, "peer.txt"), `${line}\n`);
    const shown = spdzlab(zero, "pair").out;
    expect(codeOf(shown)).toMatch(/^\d{5}(-\d{5}){9}$/);
    expect(shown).toMatch(/earlier version.*code of 16 letters.*run `spdzlab pair LINE` again/);
    expect(spdzlab(zero, "doctor").out).toMatch(/! Keys .*earlier version.*code of 16 letters/);
    for (const again of [spdzlab(zero, "pair", line), spdzlab(zero, "pair")])
      expect(again.out).not.toContain("code of 16 letters");
    expect(spdzlab(zero, "doctor").out).toMatch(/✓ Keys /);

    // At a dealer the other parties' pairings stay what they are.
    const dealer = join(one, "dealer");
    spdzlab(one, "keygen", "--party", "dealer");
    writeFileSync(join(dealer, "parties.txt"), `${line}\n`);
    const mine = lineOf(spdzlab(zero, "pair").out);
    expect(spdzlab(one, "pair", "--party", "dealer", mine).out.match(/code of 16 letters/g)).toHaveLength(1);
    expect(spdzlab(one, "pair", "--party", "dealer", line).out).not.toContain("code of 16 letters");
  });

  it("refuse to overwrite keys, and to pair without keys, with oneself or with an invalid line", () => {
    const [zero, one] = folders() as [string, string];
    expect(spdzlab(zero, "pair", "spdzlab-key-x")).toMatchObject({ status: 1 });
    const line = lineOf(spdzlab(zero, "keygen").out);
    const again = spdzlab(zero, "keygen");
    expect([again.status, again.err]).toEqual([1, expect.stringContaining("keys exist already")]);
    expect(spdzlab(zero, "pair", line).err).toContain("your own public key");
    expect(spdzlab(zero, "pair", "spdzlab-key-short").err).toContain("not a public key");
    expect(lineOf(spdzlab(zero, "keygen", "--force").out)).not.toBe(line);
    expect(spdzlab(one, "pair").err).toContain("spdzlab keygen");
  });
});

describe("an encrypted session", () => {
  it("runs between paired parties", async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const [zero, one] = pairUp();
    const results = await Promise.all([
      runExample("model-owner", { SPDZ_BIND: address, SPDZ_CONFIG: zero }),
      runExample("data-owner", { SPDZ_PEER: address, SPDZ_CONFIG: one }),
    ]);
    for (const { code, out, err } of results) {
      expect(code, err).toBe(0);
      expect(out).toContain("output\n 12\n");
    }
  });

  it("is refused without keys, beyond this machine too, and the message says what to run", async () => {
    const [zero] = folders() as [string, string];
    for (const env of [
      { SPDZ_CONFIG: zero },
      { SPDZ_CONFIG: "", HOME: zero, SPDZ_BIND: `tcp://0.0.0.0:${await freePort()}` },
    ]) {
      const { code, out, err } = await runExample("model-owner", env);
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(/TransportError: .*spdzlab keygen.*spdzlab pair/s);
    }
  });
});
