/** A dealer and parties as processes of their own, with keys of their own. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createKeys,
  publicLine,
  readKeys,
  readPartyKeys,
  saveDealerKey,
  savePartyKeys,
  savePeerKey,
} from "../../lib/channel/keys/keys";

const cli = join(__dirname, "../../dist/cli/main.js");

/** A process whose output is waited for line by line. */
export class Program {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  #text = "";
  #at = 0;

  constructor(args: readonly string[], env: Record<string, string>) {
    this.process = spawn(process.execPath, args, { env: { ...process.env, ...env } });
    const take = (text: Buffer) => {
      this.#text += text;
    };
    this.process.stdout!.on("data", take);
    this.process.stderr!.on("data", take);
    this.exited = new Promise((resolve) => this.process.once("close", resolve));
  }

  get text(): string {
    return this.#text;
  }

  say(line: string): void {
    this.process.stdin!.write(`${line}\n`);
  }

  /** Wait for a match of the expression in the output after the last match. */
  async match(expression: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = expression.exec(this.#text.slice(this.#at));
      if (found) {
        this.#at += found.index + found[0].length;
        return found;
      }
      if (this.process.exitCode !== null) throw new Error(`it ended without ${expression}:\n${this.#text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const programs: Program[] = [];

function start(args: readonly string[], env: Record<string, string>): Program {
  const program = new Program(args, env);
  programs.push(program);
  return program;
}

export async function endAll(): Promise<void> {
  for (const { process } of programs) process.kill("SIGKILL");
  await Promise.all(programs.splice(0).map(({ exited }) => exited));
}

/** Runs `spdzlab` to its end; gives what it printed. */
export function spdzlab(folder: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    env: { ...process.env, SPDZ_CONFIG: folder },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The public line in what `spdzlab` printed. */
export const lineOf = (text: string) => /^spdzlab-key-\S+$/m.exec(text)![0];

export const folder = () => join(mkdtempSync(join(tmpdir(), "spdzlab-dealer-")), "config");

/** Folders with the keys of two parties that know each other and a dealer. */
export interface Keyring {
  readonly dealer: string;
  readonly parties: readonly [string, string];
  readonly lines: readonly [string, string];
}

/** @param dealer - the folder of a dealer that is there already */
export function makeKeys(dealer?: string): Keyring {
  const parties = [folder(), folder()] as const;
  const keys = parties.map((each) => createKeys(each).publicKey) as [string, string];
  const at = dealer ?? folder();
  const own = join(at, "dealer");
  const dealerKey = dealer === undefined ? createKeys(own).publicKey : readKeys(own)!.publicKey;
  for (const [i, each] of parties.entries()) {
    savePeerKey(keys[1 - i]!, each);
    saveDealerKey(dealerKey, each);
  }
  savePartyKeys([...readPartyKeys(own), ...keys], own);
  return { dealer: at, parties, lines: keys.map(publicLine) as [string, string] };
}

/** Starts `spdzlab dealer` and waits until it listens. */
export async function startDealer(
  config: string,
  bind = "tcp://127.0.0.1:*",
): Promise<Program & { address: string }> {
  const program = start([cli, "dealer", "--bind", bind], { SPDZ_CONFIG: config });
  const [, address] = await program.match(/listens at (\S+)/);
  return Object.assign(program, { address: address! });
}

/** Starts a party, whose further options are those of DistributedInterface. */
export function startParty(party: 0 | 1, config: string, options: object): Program {
  const script = join(__dirname, "party.cjs");
  return start([script, JSON.stringify({ party, options })], { SPDZ_CONFIG: config });
}
