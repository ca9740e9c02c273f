// A user's installation: the packed package, installed globally into an empty prefix, in an empty home.
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./root";

let home: string;
let spdzlab: string;
const env = () => ({ ...process.env, HOME: home, JUPYTER_PATH: `${home}/jupyter/share/jupyter` });

function succeeds(command: string, args: string[], cwd: string): string {
  const result: SpawnSyncReturns<string> = spawnSync(command, args, { cwd, encoding: "utf8", env: env() });
  expect(
    result.status,
    `${command} ${args.join(" ")}\n${result.error ?? ""}${result.stdout}${result.stderr}`,
  ).toBe(0);
  return result.stdout;
}

beforeAll(() => {
  home = mkdtempSync(`${tmpdir()}/spdzlab-package-`);
  mkdirSync(`${home}/work`);
  // dist/ has just been built by the set-up, and other tests are using it.
  const packed = JSON.parse(
    succeeds("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", home], root),
  );
  const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--cache", npmCache()];
  succeeds(
    "npm",
    ["install", "--global", "--prefix", `${home}/prefix`, ...quiet, `${home}/${filename}`],
    home,
  );
  spdzlab = `${home}/prefix/bin/spdzlab`;
}, 180_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

// The cache that the set-up has just filled, although HOME is another here.
function npmCache(): string {
  return spawnSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).stdout.trim();
}

test("spdzlab --version prints the version", () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  expect(succeeds(spdzlab, ["--version"], `${home}/work`)).toBe(`${version}\n`);
});

test("the image and its deployments have this version", () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  expect(readFileSync(`${root}Dockerfile`, "utf8")).toContain(`image.version="${version}"`);
  const manifests = ["model-owner", "data-owner"].map((party) => `${root}deploy/kubernetes/${party}.yaml`);
  const tags = manifests.flatMap((file) => [...readFileSync(file, "utf8").matchAll(/image: (.*)/g)]);
  expect(new Set(tags.map(([, image]) => image))).toEqual(new Set([`spdzlab:${version}`]));
});

test("the package contains no tests and no sources", () => {
  const dist = `${home}/prefix/lib/node_modules/spdzlab/dist`;
  const ours = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  expect(ours.length).toBeGreaterThan(0);
  expect(ours.filter((file) => !file.endsWith(".d.ts") || file.includes(".test."))).toEqual([]);
});

test("spdzlab install adds a kernel that runs a cell in its own folder", () => {
  succeeds(spdzlab, ["install", "--prefix", `${home}/jupyter`], `${home}/work`);
  const client = `${home}/work/client.py`;
  writeFileSync(
    client,
    `from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="spdzlab", startup_timeout=60)
try:
    results = []
    def hook(message):
        if message["msg_type"] in ("execute_result", "error"):
            results.append(message["content"].get("data", message["content"]))
    cell = "const doubled: number[] = [3, 4].map((n) => 2 * n);\\n[typeof DistributedInterface, ...doubled].join()"
    client.execute_interactive(cell, timeout=60, output_hook=hook)
    print(manager.kernel_spec.resource_dir, results)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
`,
  );
  const said = succeeds(`${root}.venv/bin/python`, [client], `${home}/work`);
  expect(said).toContain(`${home}/jupyter/share/jupyter/kernels/spdzlab`);
  expect(said).toContain("function,6,8");
});
