import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "../support/free-port";
import { uniform } from "../support/random";
import { randomSecret } from "../support/stores";

const program = join(__dirname, "../support/killed-party.cjs");

interface Life {
  readonly child: ChildProcess;
  /** Its output: how many triples were left, then a line for each operation. */
  readonly told: string[];
  readonly ended: Promise<unknown>;
}

/** Lives and deaths of two parties with one store each. */
class Lives {
  readonly folder = mkdtempSync(join(tmpdir(), "spdzlab-killed-"));
  readonly secrets = [randomSecret(), randomSecret()];
  readonly lefts: number[] = [];
  readonly complaints: string[] = [];
  kills = 0;
  /** Of those, while the party was still being set up. */
  early = 0;

  constructor(readonly mode: "dealt" | "transferred") {}

  log(party: number): string {
    return join(this.folder, `used-${party}`);
  }

  begin(party: number, port: number): Life {
    const secret = this.secrets[party]!;
    if (secret.from !== "curve") throw new TypeError("a key is wanted");
    const { folder, mode } = this;
    const life = {
      party,
      port,
      mode,
      secret: secret.secretKey,
      store: join(folder, `${party}`),
      log: this.log(party),
    };
    const child = spawn(process.execPath, [program, JSON.stringify(life)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "exit");
    child.stderr!.on("data", (text) => this.complaints.push(String(text)));
    const told: string[] = [];
    createInterface(child.stdout!).on("line", (line) => told.push(line));
    return { child, told, ended };
  }

  /** Two parties live until both are dead, or one is and the other has left in peace. */
  async run(): Promise<void> {
    const port = await freePort();
    const lives = [this.begin(0, port), this.begin(1, port)];
    // One life in four ends while it begins, the others after some operations or in the middle of them.
    if (uniform() < 0.25) await sleep(uniform() * 1000);
    else {
      const operations = uniform() * (this.mode === "dealt" ? 30 : 8);
      while (
        lives.some(({ told }) => told.length < operations) &&
        lives.every(({ child }) => child.exitCode === null)
      )
        await sleep(1);
      await sleep(uniform() * 10);
    }
    const [left] = lives[0]!.told;
    if (left !== undefined) this.lefts.push(Number(left));
    const order = uniform() < 0.5 ? [0, 1] : [1, 0];
    for (const party of order) {
      const { child, told } = lives[party]!;
      if (child.kill("SIGKILL")) this.kills++;
      if (told.length === 0) this.early++;
      // The other one notices, and closes, and may be killed in the middle of that.
      await sleep(uniform() * 30);
    }
    await Promise.all(lives.map(({ ended }) => ended));
  }

  /** The items that each party used, over all lives. */
  used(party: number): string[] {
    return readFileSync(this.log(party), "utf8").split("\n").filter(Boolean);
  }

  check(): void {
    expect(this.complaints).toEqual([]);
    for (const party of [0, 1]) {
      const used = this.used(party);
      expect(used).not.toContain("WRONG");
      expect(used.length).toBeGreaterThan(100);
      expect(new Set(used).size).toBe(used.length);
    }
    // The stores were of use: most lives began with something left.
    expect(this.lefts.filter((left) => left > 0).length).toBeGreaterThan(this.lefts.length / 2);
    rmSync(this.folder, { recursive: true });
  }
}

test.each([
  ["dealt", 170],
  ["transferred", 30],
] as const)(
  "a store of items that are %s uses nothing twice, after %i kills at random moments",
  {
    timeout: 900_000,
  },
  async (mode, kills) => {
    const lives = new Lives(mode);
    while (lives.kills < kills) await lives.run();
    const [mine, theirs] = [0, 1].map((party) => lives.used(party).length);
    const useful = lives.lefts.filter((left) => left > 0).length;
    console.log(
      `${mode}: ${lives.kills} kills, ${lives.early} while a party began; ${useful} of ${lives.lefts.length} lives found ` +
        `something left; ${mine} and ${theirs} items used`,
    );
    lives.check();
  },
);
