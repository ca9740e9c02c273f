/** Two parties in their own processes with a proxy between them, and what they report. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { Keys } from "../../../lib/channel/keys/keys";
import { freePort } from "../../support/free-port";
import { CuttingProxy } from "../proxy";

interface Report {
  connected?: true;
  round?: number;
  wrong?: string;
  failed?: string;
  message?: string;
  rss?: number;
  descriptors?: number;
}

/** The parties' timing during a soak. */
export const SILENCE_MS = 250;
export const RESUME_MS = 15_000;

export class SoakParty {
  round = 0;
  connected = false;
  /** The peak memory in bytes, and the peak number of descriptors. */
  most = { rss: 0, descriptors: 0 };
  readonly wrong: string[] = [];
  /** The error it ended with, if it did. */
  failed: string | undefined;
  /** The signal or exit code, if it ended without a report. */
  died: string | undefined;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #text = "";

  constructor(party: 0 | 1, seed: number, options: object) {
    const args = [JSON.stringify({ party, ...options }), String(seed)];
    const env = { ...process.env, SPDZ_CONFIG: undefined };
    this.#child = fork(join(process.cwd(), "test/channel/soak/party.cjs"), args, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env,
    });
    this.#child.stderr!.on("data", (text) => {
      this.#text += text;
    });
    this.#child.on("message", (report) => this.#hear(report as Report));
    this.#child.once("exit", (code, signal) => {
      if (this.failed === undefined) this.died = `${signal ?? code}: ${this.#text.slice(-300)}`;
      this.#tell();
    });
  }

  get over(): boolean {
    return this.failed !== undefined || this.died !== undefined;
  }

  /** Wait until `reached`. Return false if it takes longer than `ms`. */
  async until(reached: () => boolean, ms: number): Promise<boolean> {
    if (reached()) return true;
    return new Promise((resolve) => {
      const end = (result: boolean) => {
        clearTimeout(late);
        this.#watchers.delete(look);
        resolve(result);
      };
      const late = setTimeout(() => end(false), ms);
      const look = () => {
        if (reached()) end(true);
      };
      this.#watchers.add(look);
    });
  }

  kill(): void {
    this.died ??= "stopped by the soak";
    this.#child.kill("SIGKILL");
  }

  #hear({ connected, round, wrong, failed, message, rss, descriptors }: Report): void {
    if (connected) this.connected = true;
    if (round !== undefined) this.round = round;
    if (wrong !== undefined) this.wrong.push(wrong);
    if (failed !== undefined) this.failed = `${failed}: ${message}`;
    if (rss !== undefined) this.most.rss = Math.max(this.most.rss, rss);
    if (descriptors !== undefined) this.most.descriptors = Math.max(this.most.descriptors, descriptors);
    this.#tell();
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look();
  }
}

export interface SoakKeys {
  readonly zero: Keys;
  readonly one: Keys;
  readonly stranger: Keys;
}

export class SoakPair {
  readonly parties: readonly [SoakParty, SoakParty];
  readonly proxy: CuttingProxy;
  /** Where party 0 listens, to bypass the proxy. */
  readonly address: string;
  readonly keys: SoakKeys | undefined;

  private constructor(
    parties: [SoakParty, SoakParty],
    proxy: CuttingProxy,
    address: string,
    keys?: SoakKeys,
  ) {
    this.parties = parties;
    this.proxy = proxy;
    this.address = address;
    this.keys = keys;
  }

  /** @param before - runs with party 0's address before party 1 connects */
  static async start(
    encrypted: boolean,
    seed: number,
    before: (address: string) => Promise<void> = async () => undefined,
    silenceMs = SILENCE_MS,
  ): Promise<SoakPair> {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const keys = encrypted
      ? { zero: Keys.generate(), one: Keys.generate(), stranger: Keys.generate() }
      : undefined;
    const timing = { silenceMs, resumeMs: RESUME_MS, timeoutMs: 60_000 };
    const quick = { security: "semi-honest", preprocessing: "insecureFirstPartyDealer" };
    const mode = process.env["SPDZLAB_SOAK_MODE"] === "malicious" ? {} : quick;
    const options = (party: 0 | 1, place: object) => ({
      mode,
      link: { ...timing, ...place },
      keys: keys && keysFor(keys, party),
      pauseMs: 4,
    });
    const proxy = await CuttingProxy.to(address);
    const zero = new SoakParty(0, seed, options(0, { bind: address }));
    await before(address);
    const one = new SoakParty(1, seed, options(1, { peer: proxy.address }));
    return new SoakPair([zero, one], proxy, address, keys);
  }

  async close(): Promise<void> {
    for (const party of this.parties) party.kill();
    await this.proxy.close();
  }
}

function keysFor({ zero, one }: SoakKeys, party: 0 | 1): object {
  const [own, peer] = party === 0 ? [zero, one] : [one, zero];
  return { publicKey: own.publicKey, secretKey: own.revealSecretKey(), peerKey: peer.publicKey };
}
