import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port";
import {
  endAll,
  folder,
  type Keyring,
  lineOf,
  makeKeys,
  type Program,
  spdzlab,
  startDealer,
  startParty,
} from "./processes";

afterEach(endAll);

interface Options {
  security?: "malicious" | "semi-honest";
  resumeMs?: number;
  timeoutMs?: number;
}

/** Two parties of a session over a dealer, not yet waited for. */
async function startPair(
  keyring: Keyring,
  dealer: string,
  options: Options = {},
): Promise<[Program, Program]> {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const all = { bind: address, peer: address, preprocessing: "dealer", dealer, ...options };
  return [startParty(0, keyring.parties[0], all), startParty(1, keyring.parties[1], all)];
}

async function ask(pair: readonly Program[], line: string): Promise<unknown[]> {
  for (const party of pair) party.say(line);
  return Promise.all(pair.map(async (party) => JSON.parse((await party.match(/^\[.*\]$/m))[0])));
}

const ready = (pair: readonly Program[]) => Promise.all(pair.map((party) => party.match(/^ready$/m)));
const count = 100_000;

describe("two parties and a dealer, each with keys", () => {
  for (const security of ["malicious", "semi-honest"] as const) {
    test(`compute the demo, ${security}; the dealer reports who connects, what it dealt and its key`, async () => {
      const keyring = makeKeys();
      const dealer = await startDealer(keyring.dealer);
      await dealer.match(/helper trusted not to collude with either party/);
      const pair = await startPair(keyring, dealer.address, { security });
      await ready(pair);
      const [, keys] = await dealer.match(new RegExp(`joined, ${security}: (.*)`));
      for (const line of keyring.lines) expect(keys).toContain(line);
      const expected = [[6, 6], [12]];
      expect(await ask(pair, "demo")).toEqual([expected, expected]);
      const products = await ask(pair, `multiply ${count} 21`);
      expect(products).toEqual([["1764"], ["1764"]]);
      // Both say so where a person sees it.
      for (const party of pair) expect(party.text).toContain("trusted not to collude");
      for (const party of pair) party.say("end");
      const [left] = await dealer.match(/both left, dealt .*/);
      expect(left).toMatch(/[\d,]+ squares/);
      expect(await Promise.all(pair.map(({ exited }) => exited))).toEqual([0, 0]);
    });
  }

  test("do not mix with another pair at the same dealer", async () => {
    const first = makeKeys();
    const second = makeKeys(first.dealer);
    const dealer = await startDealer(first.dealer);
    const pairs = await Promise.all([first, second].map((keyring) => startPair(keyring, dealer.address)));
    await Promise.all(pairs.map(ready));
    const answers = await Promise.all(pairs.map((pair, i) => ask(pair, `multiply ${count} ${i + 2}`)));
    expect(answers).toEqual([
      [["16"], ["16"]],
      [["36"], ["36"]],
    ]);
  });

  test("wait for a dealer that is killed in the middle, and continue when it returns", async () => {
    const keyring = makeKeys();
    const dealer = await startDealer(keyring.dealer);
    const pair = await startPair(keyring, dealer.address);
    await ready(pair);
    expect(await ask(pair, "multiply 100 3")).toEqual([["36"], ["36"]]);
    const answers = ask(pair, `multiply ${10 * count} 4`);
    await sleep(50);
    dealer.process.kill("SIGKILL");
    await dealer.exited;
    const more = answers.then(() => ask(pair, `multiply ${count} 5`));
    await Promise.any(pair.map((party) => party.match(/Waiting for the dealer at tcp:\S+ to come back/)));
    await startDealer(keyring.dealer, dealer.address);
    expect(await answers).toEqual([["64"], ["64"]]);
    expect(await more).toEqual([["100"], ["100"]]);
  });

  test("notice a dealer that hangs, and continue when it does", async () => {
    const keyring = makeKeys();
    const dealer = await startDealer(keyring.dealer);
    const pair = await startPair(keyring, dealer.address);
    await ready(pair);
    dealer.process.kill("SIGSTOP");
    const answers = ask(pair, `multiply ${count} 4`);
    await Promise.any(pair.map((party) => party.match(/Waiting for the dealer at tcp:\S+ to come back/)));
    dealer.process.kill("SIGCONT");
    expect(await answers).toEqual([["64"], ["64"]]);
    expect(await ask(pair, `multiply ${count} 5`)).toEqual([["100"], ["100"]]);
  });

  test("get an error that says who, where and what to do if the dealer is gone for good", async () => {
    const keyring = makeKeys();
    const dealer = await startDealer(keyring.dealer);
    const pair = await startPair(keyring, dealer.address, { resumeMs: 1500 });
    await ready(pair);
    const started = performance.now();
    dealer.process.kill("SIGTERM");
    expect(await dealer.exited).toBe(0);
    // A second is promised; a busy machine may take longer for the rest.
    expect(performance.now() - started).toBeLessThan(3000);
    for (const party of pair) party.say(`multiply ${10 * count} 4`);
    const failures = await Promise.all(pair.map(async (party) => (await party.match(/^failed .*$/m))[0]));
    const gone = `the dealer at ${dealer.address} was lost and did not come back within 1.5 s`;
    const named = failures.filter((failure) => failure.includes(gone));
    expect(named.length).toBeGreaterThan(0);
    for (const failure of named) expect(failure).toContain("Start it again with the same keys");
    // A party that notices the other's failure first names the other's error.
    for (const failure of failures)
      expect(failure).toMatch(/the dealer at|could not finish .* look at its notebook/);
  });

  test("refuse a dealer with another key, and the dealer refuses a party with an unknown key", async () => {
    const keyring = makeKeys();
    const other = makeKeys();
    const dealer = await startDealer(other.dealer);
    const pair = await startPair(keyring, dealer.address, { timeoutMs: 4000 });
    const failures = await Promise.all(pair.map((party) => party.match(/^failed transport-timeout.*$/m)));
    expect(failures.some(([failure]) => failure.includes("dealer"))).toBe(true);
  });
});

describe("spdzlab dealer", () => {
  test("has its own keys, accepts those of the parties, and serves them", async () => {
    const [dealer, ...parties] = [folder(), folder(), folder()] as const;
    const dealerLine = lineOf(spdzlab(dealer, "keygen", "--party", "dealer"));
    const lines = parties.map((each) => lineOf(spdzlab(each, "keygen"))) as [string, string];
    for (const [i, each] of parties.entries()) {
      spdzlab(each, "pair", lines[1 - i]!);
      expect(spdzlab(each, "pair", "--dealer", dealerLine)).toContain("trusted not to collude");
      expect(spdzlab(dealer, "pair", "--party", "dealer", lines[i]!)).toContain(lines[i]);
    }
    const running = await startDealer(dealer);
    expect((await running.match(/Its public key: (\S+)/))[1]).toBe(dealerLine);
    const pair = await startPair({ dealer, parties, lines }, running.address);
    await ready(pair);
    expect(await ask(pair, "multiply 10 3")).toEqual([["36"], ["36"]]);
  });

  test("names what is missing", async () => {
    const keyring = makeKeys();
    expect(() => spdzlab(keyring.dealer, "keygen", "--party", "dealer")).toThrow("keys exist already");
    const nobody = folder();
    expect(() => spdzlab(nobody, "dealer", "--bind", "tcp://0.0.0.0:*")).toThrow("keygen --party dealer");
    spdzlab(nobody, "keygen", "--party", "dealer");
    expect(() => spdzlab(nobody, "dealer", "--bind", "tcp://127.0.0.1:*")).toThrow("at least two parties");
    const taken = await startDealer(keyring.dealer);
    expect(() => spdzlab(keyring.dealer, "dealer", "--bind", taken.address)).toThrow("cannot be used");
  });

  test("prints no secret", async () => {
    const keyring = makeKeys();
    const dealer = await startDealer(keyring.dealer);
    const pair = await startPair(keyring, dealer.address);
    await ready(pair);
    await ask(pair, "multiply 10 3");
    dealer.process.kill("SIGINT");
    expect(await dealer.exited).toBe(0);
    const allowed = /spdzlab-key-\S+|pair [0-9a-f]{8}/g;
    expect(dealer.text.replaceAll(allowed, "")).not.toMatch(/[0-9a-f]{16}|[A-Za-z0-9+/=_-]{24}/);
  });
});
