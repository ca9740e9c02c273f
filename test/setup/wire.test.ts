import { existsSync, writeFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { compareWire, type Start } from "../support/wire";
import { scratch } from "./root";

const greet: Start = (links) =>
  links.map((link) => async () => {
    link.send(new Uint8Array([1, 2, 3]));
    await link.receive(3);
  });

afterEach(() => vi.unstubAllEnvs());

test("a golden file is written only when UPDATE_WIRE=1 says so", async () => {
  const file = `${scratch()}/wire.json`;
  vi.stubEnv("UPDATE_WIRE", "");
  await expect(compareWire(file, { greet })).rejects.toThrow(`${file} is missing. UPDATE_WIRE=1 writes it`);
  expect(existsSync(file)).toBe(false);
  vi.stubEnv("UPDATE_WIRE", "1");
  const written = await compareWire(file, { greet });
  expect(written.committed).toEqual(written.found);
  vi.stubEnv("UPDATE_WIRE", "");
  expect(await compareWire(file, { greet })).toEqual(written);
  writeFileSync(file, "{}\n");
  expect((await compareWire(file, { greet })).committed).toEqual({});
});
