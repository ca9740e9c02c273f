// The set-up's Python packages: every one has a hash, and uv gets them from where pip would.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { expect, test } from "vitest";
import { root, scratch } from "./root";

/** What uv is told where pip's environment and its configuration file hold these; "" stands for no file at all. */
async function told(env: Record<string, string>, config: string) {
  const home = scratch();
  const file = `${home}/pip.conf`;
  writeFileSync(file, config);
  const { status, stdout, stderr } = spawnSync(
    `${root}.venv/bin/python`,
    [`${root}scripts/setup/pip_settings.py`],
    {
      encoding: "utf8",
      env: { HOME: home, PATH: process.env.PATH, PIP_CONFIG_FILE: config ? file : devNull, ...env },
    },
  );
  expect(status, stderr).toBe(0);
  const { fromPip } = await import(`${root}scripts/setup/uv.mjs`);
  return fromPip(JSON.parse(stdout), env);
}

test.each(["requirements.txt", "scripts/setup/uv.txt"])("%s pins each package and has its hashes", (file) => {
  const requirements = readFileSync(root + file, "utf8")
    .replace(/^#.*\n/gm, "")
    .split(/\n(?=\S)/);
  for (const requirement of requirements) {
    expect(requirement).toMatch(
      /^[a-z0-9.-]+==\S+( ;[^\n]*)? \\\n( {4}--hash=sha256:[0-9a-f]{64}( \\)?\n?)+$/,
    );
  }
});

test("every requirement of requirements.in is in requirements.txt, in that version", () => {
  const named = readFileSync(`${root}requirements.in`, "utf8").match(/^[a-z].*$/gm) ?? [];
  const pinned = readFileSync(`${root}requirements.txt`, "utf8");
  expect(named.length).toBeGreaterThan(0);
  for (const line of named) expect(pinned).toContain(`\n${line.replaceAll("_", "-")} \\\n`);
});

test("pip's configuration file is followed", async () => {
  const { env, args } = await told(
    {},
    `[global]
index-url = https://name:word@mirror.example/simple
extra-index-url = https://one.example/simple
  file:///two/simple
find-links = /wheels
trusted-host = mirror.example
proxy = http://proxy.example:3128
timeout = 40
cert = /ca.pem
[install]
no-index = true
`,
  );
  expect(env).toMatchObject({
    UV_DEFAULT_INDEX: "https://name:word@mirror.example/simple",
    UV_EXTRA_INDEX_URL: "https://one.example/simple file:///two/simple",
    UV_FIND_LINKS: "/wheels",
    UV_INSECURE_HOST: "mirror.example",
    UV_HTTP_TIMEOUT: "40",
    HTTPS_PROXY: "http://proxy.example:3128",
    https_proxy: "http://proxy.example:3128",
    SSL_CERT_FILE: "/ca.pem",
    UV_SYSTEM_CERTS: "true",
  });
  expect(args).toContain("--no-index");
  expect(args.join(" ")).not.toContain("word");
});

test("pip's environment takes precedence over its configuration file", async () => {
  const config = "[global]\nindex-url = https://file.example/simple\ncert = /file.pem\n";
  const { env } = await told({ PIP_INDEX_URL: "https://env.example/simple", PIP_CERT: "/env.pem" }, config);
  expect(env).toMatchObject({ UV_DEFAULT_INDEX: "https://env.example/simple", SSL_CERT_FILE: "/env.pem" });
});

test("certificates that pip takes from REQUESTS_CA_BUNDLE are uv's too, a file or a folder", async () => {
  const file = await told({ REQUESTS_CA_BUNDLE: "/some.pem", SSL_CERT_DIR: "/more" }, "");
  expect(file.env).toMatchObject({ SSL_CERT_FILE: "/some.pem", SSL_CERT_DIR: undefined });
  const folder = scratch();
  const { env } = await told({ REQUESTS_CA_BUNDLE: folder }, "");
  expect(env).toMatchObject({ SSL_CERT_DIR: folder, SSL_CERT_FILE: undefined });
});

test("a person's own settings for uv are left out", async () => {
  const { env } = await told({ UV_INDEX_URL: "https://own.example/simple", UV_CACHE_DIR: "/own" }, "");
  expect(env).toHaveProperty("UV_INDEX_URL", undefined);
  expect(env.UV_CACHE_DIR).toBe(`${root}.setup/uv/cache`);
});

test.each([
  ["client-cert = /client.pem", "client-cert"],
  ["no-binary = :all:", "no-binary"],
])("pip configured with %s installs itself", async (line, option) => {
  await expect(told({}, `[global]\n${line}\n`)).rejects.toThrow(
    `pip is configured with ${option}, which uv cannot follow`,
  );
});
