import { afterEach, expect, it, vi } from "vitest";
import { DistributedInterface } from "../distributed-interface";
import { chooseTimeout } from "./timeout";

afterEach(() => vi.unstubAllEnvs());

it("waits ten minutes for the other party by default; the environment or an option can change it", () => {
  vi.stubEnv("SPDZ_TIMEOUT", "");
  expect(chooseTimeout(undefined)).toBe(600_000);
  vi.stubEnv("SPDZ_TIMEOUT", "7200");
  expect(chooseTimeout(undefined)).toBe(7_200_000);
  expect(chooseTimeout(50)).toBe(50);
});

it("ends the wait after that time", async () => {
  vi.stubEnv("SPDZ_TIMEOUT", "1");
  const iface = new DistributedInterface(0, { bind: "tcp://127.0.0.1:*" });
  await expect(iface.settled()).rejects.toThrow(/did not connect within 1 s/);
  await iface.close();
});

it.each(["soon", "0", "-5", "1e9"])("refuses SPDZ_TIMEOUT=%s", (text) => {
  vi.stubEnv("SPDZ_TIMEOUT", text);
  expect(() => new DistributedInterface(0, { bind: "tcp://127.0.0.1:*" })).toThrow(
    /^SPDZ_TIMEOUT must be a number of seconds/,
  );
});
