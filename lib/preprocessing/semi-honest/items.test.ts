import { expect, test } from "vitest";
import { createLinkPair, runBoth } from "../../../test/links";
import { createPrg } from "../../crypto/prg";
import { semiHonestRecipes } from "./items";
import { setUpSemiHonestMachine } from "./machine";

test("smoke", { timeout: 100000 }, async () => {
  const seed = (n: number) => createPrg(new Uint8Array(16).fill(n));
  let t0 = performance.now();
  const m = await runBoth(
    createLinkPair(),
    (l) => setUpSemiHonestMachine(l, seed(1)),
    (l) => setUpSemiHonestMachine(l, seed(2)),
  );
  console.log("set-up", performance.now() - t0);
  const words = (x: Uint8Array) => new BigUint64Array(x.buffer, x.byteOffset, x.length / 8);
  const both = (kind: keyof typeof semiHonestRecipes, n: number) =>
    runBoth(
      createLinkPair(),
      (l) => semiHonestRecipes[kind].make(l, m[0], n),
      (l) => semiHonestRecipes[kind].make(l, m[1], n),
    );
  const M = (x: bigint) => BigInt.asUintN(64, x);
  for (const n of [1, 2, 3, 33, 2048, 5001]) {
    const [x, y] = await both("triple", n);
    const [a, b, c] = [0, 1, 2].map((i) =>
      Array.from(words(x[i]!.values), (w, j) => M(w + words(y[i]!.values)[j]!)),
    );
    for (let i = 0; i < n; i++) expect(c![i]).toBe(M(a![i]! * b![i]!));
    const [s, t] = await both("square", n);
    for (let i = 0; i < n; i++) {
      const r = words(s[0]!.values)[i]! + words(t[0]!.values)[i]!;
      expect(M(words(s[1]!.values)[i]! + words(t[1]!.values)[i]!)).toBe(M(r * r));
    }
    const [u, v] = await both("wrap", n);
    for (let i = 0; i < n; i++) {
      expect(M(words(u[1]!.values)[i]! + words(v[1]!.values)[i]!)).toBe(
        words(u[0]!.values)[i]! * words(v[0]!.values)[i]!,
      );
    }
  }
  for (let k = 0; k < 4; k++) {
    const cpu0 = process.cpuUsage();
    t0 = performance.now();
    await both("triple", 32768);
    await both("triple", 32768);
    const u = process.cpuUsage(cpu0);
    console.log(
      "us per triple and party",
      (u.user + u.system) / 131072,
      "wall",
      ((performance.now() - t0) * 1000) / 131072,
    );
  }
});
