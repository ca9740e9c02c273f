// Faults of two containers on a real Docker engine. Without an engine these tests are skipped by name.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { compose, Kernel, Project, run } from "./compose";

const make = (party: 0 | 1) => `const iface = new DistributedInterface(${party});`;
const swap = "spdz.swapShares(LongTensor.zeros(1, 1), iface)";
/** A cell that is busy with the other party for as long as `rounds` takes. */
const talk = (rounds: number) =>
  `for (let i = 0; i < ${rounds}; i++) { spdz.swapShares(LongTensor.zeros(1, 1), iface); await iface.settled(); } "over"`;

describe.skipIf(compose === undefined)("two containers (needs a Docker engine and Compose)", () => {
  let project: Project;
  const kernels: Kernel[] = [];
  const start = async (service: string) => {
    const kernel = await Kernel.start(await project.container(service));
    kernels.push(kernel);
    return kernel;
  };
  const startBoth = () => Promise.all([start("model-owner"), start("data-owner")] as const);

  beforeAll(async () => {
    project = await Project.atFreePorts("spdzlabfaults", ["test/containers/idle.yml"]);
    await project.down();
    await project.run("up", "--detach", "--build", "model-owner", "data-owner");
  }, 900_000);
  beforeEach(() => project.run("up", "--detach", "model-owner", "data-owner").then(() => {}), 120_000);
  afterEach(() => Promise.all(kernels.splice(0).map((kernel) => kernel.end())).then(() => {}), 120_000);
  afterAll(() => project.down(), 120_000);

  test("a cell continues after a network outage of 30 s", async () => {
    const [model, data] = await startBoth();
    await Promise.all([model.cell(make(0)), data.cell(make(1))]);
    const cells = Promise.all([model.cell(talk(20_000)), data.cell(talk(20_000))]);
    await pause(1_000);
    const id = await project.container("data-owner");
    await run("docker", "network", "disconnect", project.line, id);
    const early = await Promise.race([cells, pause(30_000, "still at it")]);
    await run("docker", "network", "connect", "--alias", "data-owner", project.line, id);
    expect(early).toBe("still at it");
    for (const { error, text } of await cells) {
      expect(error).toBeUndefined();
      expect(text).toContain("over");
    }
  }, 400_000);

  test("a party reports that the other's container restarted in the middle of a cell, and a new session works", async () => {
    const [model, data] = await startBoth();
    await Promise.all([model.cell(make(0)), data.cell(make(1))]);
    const cell = model.cell(talk(1_000_000));
    const lost = data.cell(talk(1_000_000));
    await pause(1_000);
    await run("docker", "restart", "--time", "0", await project.container("data-owner"));
    expect((await lost).error).toContain("gone");
    const again = await start("data-owner");
    const made = again.cell(make(1));
    expect((await cell).error).toMatch(/^TransportError: .*(restarted|reconnect)/s);
    const reconnected = model.cell("await iface.reconnect()");
    for (const answer of await Promise.all([made, reconnected])) expect(answer.error).toBeUndefined();
    const [mine, theirs] = await Promise.all([model.cell(swap), again.cell(swap)]);
    expect([mine.error, theirs.error]).toEqual([undefined, undefined]);
  }, 400_000);

  test("a party reports that the other's container did not come back after it was removed in the middle of a cell", async () => {
    const [model, data] = await startBoth();
    const options = "{ resumeMs: 5_000 }";
    await Promise.all(
      [0, 1].map((p) => [model, data][p]!.cell(`const iface = new DistributedInterface(${p}, ${options});`)),
    );
    const cell = model.cell(talk(1_000_000));
    const lost = data.cell(talk(1_000_000));
    await pause(1_000);
    await run("docker", "rm", "--force", await project.container("data-owner"));
    expect((await lost).error).toContain("gone");
    expect((await cell).error).toMatch(/^TransportError: .*did not come back within 5 s/);
  }, 300_000);

  test.each([
    [0, "data-owner"],
    [1, "model-owner"],
  ] as const)(
    "party %i refuses a party with other keys than it was given",
    async (party, stranger) => {
      const both = await startBoth();
      const [at, from] = party === 0 ? both : [both[1], both[0]];
      // Keys of the stranger's own making, which the party was not given; the party's public one it has.
      const other = "SPDZ_CONFIG=/tmp/other spdzlab keygen > /tmp/line && cp /keys/peer.txt /tmp/other/";
      await run("docker", "exec", await project.container(stranger), "sh", "-c", other);
      await from!.cell('process.env["SPDZ_CONFIG"] = "/tmp/other"');
      const options = "{ timeoutMs: 20_000 }";
      const honest = at!.cell(`const iface = new DistributedInterface(${party}, ${options});`);
      const turnedAway = from!.cell(`const iface = new DistributedInterface(${1 - party}, ${options});`);
      for (const { error } of await Promise.all([honest, turnedAway]))
        expect(error).toMatch(/^TransportError/);
      expect((await honest).error).toMatch(/failed to prove the pinned key/);
    },
    300_000,
  );
});
