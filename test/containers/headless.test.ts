// Both notebooks executed by Compose without a browser, also when one container comes minutes after the other.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compose, Project, run } from "./compose";

/** Longer than a minute, which is as long as many programs wait. */
const AHEAD_MS = 130_000;
const services = ["model-owner-run", "data-owner-run"] as const;
const headless = ["--profile", "headless", "up"];

describe.skipIf(compose === undefined)("the headless profile (needs a Docker engine and Compose)", () => {
  const projects = [new Project("spdzlabheadless0"), new Project("spdzlabheadless1")] as const;
  const downAll = () => Promise.all(projects.map((project) => project.down())).then(() => {});

  beforeAll(async () => {
    await downAll();
    await projects[0].run("build", "keys");
  }, 900_000);
  afterAll(downAll, 120_000);

  test("exits with the result", async () => {
    const out = await projects[0].run(...headless, "--exit-code-from", "headless", "headless");
    expect(out).toContain("with the expected values");
    for (const service of services) {
      expect((await projects[0].inspect(service)).State.ExitCode).toBe(0);
    }
    await projects[0].down();
  }, 300_000);

  test("exits with the result with a dealer, too, which only the two parties can reach", async () => {
    const project = new Project("spdzlabheadless0", [], { SPDZ_MODE: "dealer" });
    const out = await project.run(
      ...["--profile", "dealer", ...headless, "--exit-code-from", "headless", "headless", "dealer"],
    );
    expect(out).toContain("with the expected values");
    const { HostConfig, NetworkSettings, State } = await project.inspect("dealer");
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"], PortBindings: {} });
    expect(Object.keys(NetworkSettings.Networks)).toEqual([project.line]);
    expect(State.ExitCode).toBe(0);
    const log = await run("docker", "logs", await project.container("dealer"));
    expect(log).toMatch(/^It serves 2 parties/m);
    expect(log).toMatch(/both left, dealt /);
    await project.down();
  }, 300_000);

  test("fails if a notebook does not run to its end", async () => {
    // Nobody comes, for five seconds.
    const project = new Project("spdzlabheadless0", [], { SPDZ_TIMEOUT: "5" });
    await project.run(...headless, "--detach", "data-owner-run");
    expect(Number(await run("docker", "wait", await project.container("data-owner-run")))).toBe(1);
    const log = await run("docker", "logs", await project.container("data-owner-run"));
    expect(log).toContain("the other party did not connect within 5 s");
    await project.down();
  }, 300_000);

  test("lets either container start first, minutes before the other", async () => {
    const codes = await Promise.all(
      projects.map(async (project, first) => {
        await project.run(...headless, "--detach", services[first]!);
        await pause(AHEAD_MS);
        const state = (await project.inspect(services[first]!)).State;
        expect(state.Status, `${services[first]} waits`).toBe("running");
        await project.run(...headless, "--detach", services[1 - first]!);
        const ids = await Promise.all(services.map((service) => project.container(service)));
        return Promise.all(ids.map(async (id) => Number(await run("docker", "wait", id))));
      }),
    );
    expect(codes).toEqual([
      [0, 0],
      [0, 0],
    ]);
  }, 600_000);
});
