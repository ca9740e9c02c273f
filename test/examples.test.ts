import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Runs an example and returns what it printed and how it ended. */
function run(
  name: string,
  env: Record<string, string>,
): Promise<{ code: number | null; out: string; err: string }> {
  const file = join(__dirname, "../examples", `${name}.js`);
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env } });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

describe("the demo as two plain Node programs", () => {
  it("ends with the gradient 6, 6 and the output 12 on both sides", async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const env = { SPDZ_BIND: address, SPDZ_PEER: address };
    for (const { code, out, err } of await Promise.all([run("model-owner", env), run("data-owner", env)])) {
      expect(code, err).toBe(0);
      expect(out).toBe(
        "gradient\n 6\n 6\n[FloatTensor of size 2x1]\noutput\n 12\n[FloatTensor of size 1x1]\n",
      );
      expect(err).toContain("insecureFirstPartyDealer");
    }
  });
});
