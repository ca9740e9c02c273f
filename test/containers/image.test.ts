// The image and its containers as the Compose file makes them: their size, what is in them, what they may, how they stop.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compose, Project, run } from "./compose";
import { filesInLayers, secretsAmong } from "./layers";

const parties = ["model-owner", "data-owner"] as const;

/** Connects to a host and a port, and prints "open" or why it is not. */
const KNOCK = `
  const [host, port] = process.argv.slice(1);
  const tell = (text) => { process.stdout.write(text); process.exit(0); };
  const socket = require("node:net").connect({ host, port }, () => tell("open"));
  socket.on("error", (error) => tell(error.code));
  setTimeout(() => tell("silence"), 3_000);
`;
const LOOKUP =
  'require("node:dns").lookup(process.argv[1], (error, address) => console.log(address ?? error.code))';

/** The address in an entry of /proc/net/tcp. */
function addressOf(local: string): string {
  const bytes = Buffer.from(local.split(":")[0]!, "hex");
  return [...bytes.reverse()].join(".");
}

describe.skipIf(compose === undefined)("the image (needs a Docker engine and Compose)", () => {
  let project: Project;
  const inside = async (service: string, ...command: string[]) =>
    run("docker", "exec", await project.container(service), ...command);
  const up = (...options: string[]) => project.run("up", "--detach", ...options, ...parties);

  beforeAll(async () => {
    project = await Project.atFreePorts("spdzlabimage");
    await project.down();
    await up("--build");
  }, 900_000);
  afterAll(() => project.down(), 120_000);

  test("is below 700 MB", async () => {
    const size = Number(await run("docker", "image", "inspect", "--format", "{{.Size}}", "spdzlab"));
    expect(size).toBeGreaterThan(1e8);
    expect(size).toBeLessThan(700e6);
  });

  test("has no key, token or log-in in any layer", async () => {
    const files = await filesInLayers("spdzlab");
    expect(files.length).toBeGreaterThan(1000);
    expect(secretsAmong(files)).toEqual([]);
    expect(await run("docker", "history", "--no-trunc", "spdzlab")).not.toMatch(/token=\w|password|secret/i);
  }, 300_000);

  test("is searched in all layers, so a key in one that the next removes is found", async () => {
    const names = ["spdzlabtest-made", "spdzlabtest-away"] as const;
    try {
      await commit("spdzlab", names[0], "env", "SPDZ_CONFIG=/tmp/keys", "spdzlab", "keygen");
      await commit(names[0], names[1], "rm", "-r", "/tmp/keys");
      expect(secretsAmong(await filesInLayers(names[1]))).toEqual(["tmp/keys/key.json"]);
    } finally {
      await run("docker", "image", "rm", "--force", ...names);
    }
  }, 300_000);

  test.each(parties)("gives %s no permission that it does not need", async (party) => {
    const { HostConfig, Config, NetworkSettings } = await project.inspect(party);
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ["ALL"],
      CapAdd: null,
      SecurityOpt: ["no-new-privileges:true"],
      Init: true,
      Memory: 2 * 2 ** 30,
      PidsLimit: 512,
    });
    expect(Config.User).toBe("node");
    expect(Config.StopTimeout).toBe(2);
    const published = Object.values(NetworkSettings.Ports as Record<string, { HostIp: string }[] | null>)
      .flat()
      .filter((port) => port !== null);
    expect(published.map((port) => port.HostIp)).toEqual(["127.0.0.1"]);
    const status = await inside(party, "cat", "/proc/self/status");
    expect(status).toMatch(/^Uid:\s+1000\s/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^CapBnd:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    await expect(inside(party, "touch", "/opt/spdzlab/x")).rejects.toThrow(/Read-only file system/);
    await expect(inside(party, "touch", "/keys/x")).rejects.toThrow(/Read-only file system/);
  });

  test("gives each party its own keys and notebook, and a connection only to the other", async () => {
    const read = (...command: string[]) => Promise.all(parties.map((party) => inside(party, ...command)));
    const [mine, theirs] = await read("cat", "/keys/key.json");
    expect(mine).toContain("secretKey");
    expect(mine).not.toBe(theirs);
    expect(await read("ls", "/notebooks")).toEqual(["model-owner.ipynb\n", "data-owner.ipynb\n"]);
    const network = JSON.parse(await run("docker", "network", "inspect", project.line));
    expect(network[0].Internal).toBe(true);
    expect(Object.keys(network[0].Containers).sort()).toEqual(
      (await Promise.all(parties.map((party) => project.container(party)))).sort(),
    );
  });

  test("starts two healthy containers, which print a link with a token and admit nobody without it", async () => {
    for (const party of parties) {
      const { url, token } = await project.link(party);
      while ((await project.inspect(party)).State.Health.Status !== "healthy") await pause(500);
      const kernels = `${url}/api/kernels`;
      expect((await fetch(kernels, { headers: { Authorization: `token ${token}` } })).status).toBe(200);
      expect((await fetch(kernels)).status).toBe(403);
    }
  });

  test.each([
    ["model-owner", "data-owner"],
    ["data-owner", "model-owner"],
  ] as const)("JupyterLab of the %s is out of reach for the container of the %s", async (party, other) => {
    await project.link(party);
    const { Config, NetworkSettings } = await project.inspect(party);
    const port = Number(/^PORT=(\d+)$/m.exec(Config.Env.join("\n"))![1]);
    const networks: [string, { IPAddress: string; Gateway: string }][] = Object.entries(
      NetworkSettings.Networks,
    );
    const own = networks.find(([name]) => name.endsWith(`${party}-browser`))![1].IPAddress;
    const line = networks.find(([name]) => name === project.line)![1].IPAddress;
    const reach = (from: string, host: string) => inside(from, "node", "-e", KNOCK, host, `${port}`);

    // It is there, and it is the port that the other container asks for.
    expect(await reach(party, "lab")).toBe("open");
    expect(await reach(party, own)).toBe("open");
    for (const host of [party, line])
      expect([host, await reach(other, host)]).toEqual([host, "ECONNREFUSED"]);
    // The way over the engine's own bridges is closed too, and to the published port on the host's loopback.
    const gateways = networks.map(([, { Gateway }]) => Gateway).filter(Boolean);
    for (const host of [own, ...gateways]) expect(await reach(other, host)).not.toBe("open");
    // Only this party's container has this name; in the other container it names another host.
    expect((await inside(other, "node", "-e", LOOKUP, "lab")).trim()).not.toBe(own);

    const listening = (await inside(party, "cat", "/proc/net/tcp"))
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
      .filter(([, , , state]) => state === "0A")
      .map(([, local]) => addressOf(local!));
    expect(listening).toContain(own);
    for (const address of listening) expect(address === own || address.startsWith("127.")).toBe(true);
    const wide = (await inside(party, "cat", "/proc/net/tcp6")).split("\n").filter((row) => / 0A /.test(row));
    expect(wide).toEqual([]);
  });

  test.each([
    ["at rest", "1"],
    ["that wait for the other party", "new DistributedInterface(party)"],
    ["deep in a loop", "for (;;);"],
  ])(
    "stops within two seconds by itself with kernels %s",
    async (_, cell) => {
      await up();
      for (const [party, name] of parties.entries()) {
        const { url, token } = await project.link(name);
        for (let i = 0; i < 2; i++) {
          const request = {
            ...{ method: "POST", body: JSON.stringify({ name: "spdzlab" }) },
            headers: { Authorization: `token ${token}` },
          };
          expect((await fetch(`${url}/api/kernels`, request)).status).toBe(201);
        }
        const busy = readFileSync(join(__dirname, "busy.py"), "utf8");
        const options = `{ ${party === 0 ? "bind" : "peer"}: "tcp://127.0.0.1:2950" + (process.pid % 10) }`;
        const code = cell.replace("(party)", `(${party}, ${options})`);
        expect(Number(await inside(name, "python3", "-c", busy, code))).toBe(2);
      }
      await project.run("stop");
      for (const party of parties) {
        // 137 would be the engine's kill, after the two seconds of grace.
        const { State } = await project.inspect(party);
        expect([State.Status, State.ExitCode]).toEqual(["exited", 0]);
      }
    },
    180_000,
  );
});

/** Makes an image with one layer more: what a command has changed. */
async function commit(from: string, to: string, ...command: string[]): Promise<void> {
  try {
    await run("docker", "run", "--name", to, from, ...command);
    await run("docker", "commit", to, to);
  } finally {
    await run("docker", "rm", "--force", to);
  }
}
