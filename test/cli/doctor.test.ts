/** `spdzlab doctor`, as a person runs it. */

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createKeys, Keys, readPeerKey, savePeerKey } from "../../lib/channel/keys/keys";
import { connectZeroMq } from "../../lib/channel/zeromq/zeromq-channel";
import { assertBuilt } from "../kernel/client";
import { freePort } from "../support/free-port";

const cli = join(__dirname, "../../dist/cli/main.js");

let home: string;
const open: { close(): unknown }[] = [];
beforeEach(() => {
  assertBuilt();
  home = mkdtempSync(join(tmpdir(), "spdzlab-doctor-"));
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  rmSync(home, { recursive: true, force: true });
});

interface Report {
  code: number | null;
  text: string;
}

/** Runs the doctor in a home of its own; `printed` is called with all that it has printed so far. */
function doctor(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  printed?: (text: string) => void,
): Promise<Report> {
  const { SPDZ_BIND: _, SPDZ_CONFIG: __, XDG_CONFIG_HOME: ___, VIRTUAL_ENV: ____, ...rest } = process.env;
  const all = { ...rest, HOME: home, JUPYTER_PATH: "", JUPYTER_DATA_DIR: join(home, "data"), ...env };
  const child = spawn(process.execPath, [cli, "doctor", ...args], { env: all });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      printed?.(text);
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, text })));
}

const lineOf = (check: string, { text }: Report) =>
  text.split("\n").find((line) => line.slice(2).startsWith(check));

function install(): void {
  const folder = join(home, "data/kernels/spdzlab");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kernel.json"), JSON.stringify({ argv: [process.execPath, cli, "kernel"] }));
}

describe("spdzlab doctor", () => {
  test("finds everything that it needs, and exits with 0", async () => {
    install();
    const report = await doctor([], { SPDZ_BIND: `tcp://127.0.0.1:${await freePort()}` });
    for (const check of ["Node", "Kernelspec", "zeromq", "WASM SIMD", "Threads", "Port"]) {
      expect(lineOf(check, report), report.text).toMatch(/^✓/);
    }
    expect(lineOf("Keys", report)).toMatch(/^! .*no keys/);
    expect(report.code).toBe(0);
  });

  test("exits with 1 without a kernelspec, and explains how to get one, also as JSON", async () => {
    const report = await doctor(["--name", "nothing-like-it", "--json"]);
    expect(report.code).toBe(1);
    const { ok, findings } = JSON.parse(report.text);
    expect(ok).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: "Kernelspec",
        status: "failure",
        remedy: expect.stringContaining("spdzlab install --name nothing-like-it"),
      }),
    );
  });

  test("finds a kernelspec that starts a missing program, and one that cannot be read", async () => {
    install();
    const file = join(home, "data/kernels/spdzlab/kernel.json");
    writeFileSync(file, JSON.stringify({ argv: [process.execPath, join(home, "gone.js")] }));
    expect(lineOf("Kernelspec", await doctor([]))).toMatch(/^✗ .*gone\.js, which does not exist/);
    const { argv } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ argv: [argv[0], "--no-such-flag", cli] }));
    expect(lineOf("Kernelspec", await doctor([]))).toMatch(/^✗ .*--no-such-flag, which this Node refuses/);
    writeFileSync(file, "{");
    expect(lineOf("Kernelspec", await doctor([]))).toMatch(/^✗ .*no kernelspec/);
  });

  test("finds a port in use, one of another machine, and no Python or Jupyter in PATH", async () => {
    install();
    const port = await listen(() => undefined);
    const report = await doctor([], { SPDZ_BIND: `tcp://127.0.0.1:${port}`, PATH: home });
    expect(lineOf("Port", report)).toMatch(/^! .*in use/);
    expect(lineOf("Python", report)).toMatch(/^! /);
    expect(lineOf("Jupyter", report)).toMatch(/^! /);
    expect(report.code).toBe(0);
    const foreign = await doctor([], { SPDZ_BIND: "tcp://192.0.2.1:29500" });
    expect(lineOf("Port", foreign)).toMatch(/^✗ .*cannot listen/);
    expect(foreign.code).toBe(1);
  });

  test("refuses an ipc path that other users of the machine may reach, and says what to do", async () => {
    install();
    const report = async (folder: string) => doctor([], { SPDZ_BIND: `ipc://${join(folder, "line")}` });
    const own = join(home, "own");
    mkdirSync(own, { mode: 0o700 });
    expect(lineOf("Port", await report(own))).toMatch(/^✓ .*a path on this machine/);
    chmodSync(own, 0o755);
    const open = await report(own);
    expect(lineOf("Port", open)).toMatch(/^✗ .*others may enter.*chmod 700/);
    expect(open.code).toBe(1);
  });

  test("checks who may read the keys, and never shows them", async () => {
    install();
    const [folder] = pairUp();
    const { secretKey } = JSON.parse(readFileSync(join(folder, "key.json"), "utf8"));
    const check = async () => {
      const report = await doctor(["--json"], { SPDZ_CONFIG: folder });
      expect(report.text).not.toContain(secretKey);
      return JSON.parse(report.text).findings.find((finding: { check: string }) => finding.check === "Keys");
    };
    expect(await check()).toMatchObject({ status: "ok" });
    chmodSync(folder, 0o777);
    expect(await check()).toMatchObject({ status: "failure", remedy: `chmod 700 ${folder}` });
    chmodSync(folder, 0o700);
    chmodSync(join(folder, "key.json"), 0o644);
    expect(await check()).toMatchObject({ status: "failure", remedy: `chmod 600 ${folder}/key.json` });
    chmodSync(join(folder, "key.json"), 0o600);
    writeFileSync(join(folder, "key.json"), `{"secretKey":"${secretKey}"`);
    expect(await check()).toMatchObject({
      status: "failure",
      remedy: expect.stringContaining("keygen --force"),
    });
    rmSync(join(folder, "key.json"));
    expect(await check()).toMatchObject({ status: "failure", remedy: expect.stringContaining("keygen") });
  });
});

describe("spdzlab doctor --peer", () => {
  const peer = async (address: string, env: NodeJS.ProcessEnv = {}, timeout = "20") => {
    const report = await doctor(["--peer", address, "--timeout", timeout], env);
    return { code: report.code, line: lineOf("Peer", report) };
  };

  test("meets the other party's doctor, each with the paired key", async () => {
    const [zero, one] = pairUp();
    const address = `tcp://127.0.0.1:${await freePort()}`;
    let visit: ReturnType<typeof peer> | undefined;
    const host = await doctor(["--bind", address, "--timeout", "50"], { SPDZ_CONFIG: zero }, (text) => {
      if (text.includes("listening at")) visit ??= peer(address, { SPDZ_CONFIG: one });
    });
    expect(lineOf("Visit", host)).toMatch(/^✓ .*paired key/);
    expect(host.code).toBe(0);
    expect(await visit).toMatchObject({ code: 0, line: expect.stringMatching(/^✓ .*handshake succeeded/) });
  });

  test("does not disturb an interface that waits, whose peer connects later", async () => {
    const [zero, one] = pairUp();
    const identities = [zero, one].map(identityOf);
    const waiting = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", identity: identities[0] });
    open.push(waiting);
    const visit = await peer(waiting.address, { SPDZ_CONFIG: one });
    expect(visit).toMatchObject({ code: 0, line: expect.stringMatching(/^✓/) });
    const coming = connectZeroMq(1, { peer: waiting.address, identity: identities[1] });
    open.push(coming);
    await Promise.all([waiting.connected, coming.connected]);
  });

  test("distinguishes a wrong key of the other party, a wrong own key, and no key", async () => {
    const [zero, one] = pairUp();
    const waiting = connectZeroMq(0, { bind: "tcp://127.0.0.1:*", identity: identityOf(zero) });
    open.push(waiting);
    waiting.connected.catch(() => undefined);
    savePeerKey(Keys.generate().publicKey, one);
    expect((await peer(waiting.address, { SPDZ_CONFIG: one })).line).toMatch(
      /^✗ .*does not have the paired party's key/,
    );
    const other = join(home, "other");
    createKeys(other);
    savePeerKey(identityOf(zero).keys.publicKey, other);
    expect((await peer(waiting.address, { SPDZ_CONFIG: other })).line).toMatch(
      /^✗ .*does not accept this party's/,
    );
    expect(await peer(waiting.address)).toMatchObject({
      code: 1,
      line: expect.stringMatching(/this side has no keys/),
    });
  });

  test("accepts a peer without encryption on one machine, but not where there are keys", async () => {
    const waiting = connectZeroMq(0, { bind: "tcp://127.0.0.1:*" });
    open.push(waiting);
    waiting.connected.catch(() => undefined);
    expect((await peer(waiting.address)).line).toMatch(/^✓ .*without encryption/);
    const [zero] = pairUp();
    expect((await peer(waiting.address, { SPDZ_CONFIG: zero })).line).toMatch(/^✗ .*without encryption/);
  });

  test("distinguishes a refused connection, a silent one, another program, and a name without an address", async () => {
    expect((await peer(`tcp://127.0.0.1:${await freePort()}`)).line).toMatch(/^✗ .*refuses/);
    const web = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect((await peer(`tcp://127.0.0.1:${web}`)).line).toMatch(/^✗ .*does not speak ZeroMQ/);
    const mute = await listen(() => undefined);
    expect((await peer(`tcp://127.0.0.1:${mute}`, {}, "1")).line).toMatch(/^✗ .*does not speak ZeroMQ/);
    expect((await peer("tcp://no-such-host.invalid:29500")).line).toMatch(/^✗ .*no address/);
    // Reserved for documentation: nobody is there, and most networks say nothing.
    expect((await peer("tcp://192.0.2.1:29500", {}, "1")).line).toMatch(
      /^✗ .*(does not answer|cannot be reached|refuses)/,
    );
  });

  test("refuses what is not an address, and both ways at once", async () => {
    expect((await peer("somewhere")).line).toMatch(/^✗ .*is not an address/);
    expect((await doctor(["--peer", "tcp://a:1", "--bind", "tcp://b:1"])).code).toBe(1);
    expect((await doctor(["--peer", "tcp://a:1", "--timeout", "soon"])).text).toContain("number of seconds");
  });
});

test("spdzlab doctor --bind reports that nobody connected, and that a party connected with a wrong key", async () => {
  const [zero, one] = pairUp();
  const bind = async () => ["--bind", `tcp://127.0.0.1:${await freePort()}`, "--timeout", "1"];
  const alone = await doctor(await bind(), { SPDZ_CONFIG: zero });
  expect(lineOf("Visit", alone)).toMatch(/^! .*No connection arrived/);
  savePeerKey(Keys.generate().publicKey, one);
  const address = `tcp://127.0.0.1:${await freePort()}`;
  let visit: Promise<Report> | undefined;
  const host = await doctor(["--bind", address, "--timeout", "8"], { SPDZ_CONFIG: zero }, (text) => {
    if (text.includes("listening at")) visit ??= doctor(["--peer", address], { SPDZ_CONFIG: one });
  });
  await visit;
  expect(lineOf("Visit", host)).toMatch(/^✗ .*not with the paired key/);
  const everywhere = await doctor(["--bind", `tcp://0.0.0.0:${await freePort()}`], {
    HOME: join(home, "empty"),
  });
  expect(lineOf("Visit", everywhere)).toMatch(/^✗ .*no keys/);
});

/** Folders of two parties that are paired. */
function pairUp(): [string, string] {
  const [zero, one] = [join(home, "zero"), join(home, "one")];
  const keys = [createKeys(zero), createKeys(one)];
  savePeerKey(keys[1]!.publicKey, zero);
  savePeerKey(keys[0]!.publicKey, one);
  return [zero, one];
}

function identityOf(folder: string) {
  const { publicKey, secretKey } = JSON.parse(readFileSync(join(folder, "key.json"), "utf8"));
  return { keys: new Keys(publicKey, secretKey), peerKey: readPeerKey(folder)! };
}

function listen(answer: (socket: import("node:net").Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer(socket);
    open.push({ close: () => socket.destroy() });
  });
  open.unshift(server);
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
}
