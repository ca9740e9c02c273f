// Installs with uv: pip puts it into a folder of the checkout; it follows pip's settings and ignores the person's own for uv.
import { rmSync, statSync } from "node:fs";
import { state, venvPython } from "./paths.mjs";
import { run } from "./run.mjs";

const folder = `${state}uv/`;

/** Install the packages of a requirements file with hashes into .venv. uv and its cache are gone afterwards.
 *  @throws {Problem} uv has no wheel for this machine, does not run here, or failed */
export async function installWithUv(requirements, started) {
  rmSync(folder, { recursive: true, force: true });
  try {
    const settings = fromPip(await pipSettings(started));
    const only = ["--only-binary=uv", "--no-deps", "--require-hashes", "--requirement=scripts/setup/uv.txt"];
    const pip = ["-m", "pip", "install", "--retries=2", "--no-input", `--target=${folder}`];
    await run(venvPython, [...pip, ...only], started);
    const what = ["--require-hashes", "--compile-bytecode", `--python=${venvPython}`, ...settings.args];
    const uv = ["pip", "install", ...what, `--requirement=${requirements}`];
    await run(`${folder}bin/uv`, uv, started, settings.env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function pipSettings(started) {
  const output = await run(venvPython, ["scripts/setup/pip_settings.py"], started);
  return JSON.parse(output.trimEnd().split("\n").at(-1));
}

/**
 * Translate pip's settings for uv. Addresses may hold a password, so they go into the environment, which other users of
 * the machine cannot read.
 *
 * @param pip - what pip_settings.py prints
 * @returns {{ args: string[], env: Record<string, string | undefined> }}
 */
export function fromPip(pip, env = process.env) {
  const [other] = Object.entries(pip.others).find(([, isSet]) => isSet) ?? [];
  if (other) throw new Error(`pip is configured with ${other}, which uv cannot follow`);
  const own = Object.keys(env).filter((name) => name.startsWith("UV_"));
  const cert = pip.cert || env.REQUESTS_CA_BUNDLE || env.CURL_CA_BUNDLE;
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
  return {
    args: [
      // pip's constraints are left out: every version is pinned, and uv wants hashes of constraints too.
      // pip takes a package from any of its indexes too, and a hash says which file is the right one.
      "--index-strategy=unsafe-best-match",
      ...(pip.noIndex ? ["--no-index"] : []),
    ],
    env: {
      ...Object.fromEntries(own.map((name) => [name, undefined])),
      UV_NO_CONFIG: "1",
      UV_NO_PROGRESS: "1",
      UV_PYTHON_DOWNLOADS: "never",
      UV_CACHE_DIR: `${folder}cache`,
      UV_DEFAULT_INDEX: pip.indexUrl,
      UV_EXTRA_INDEX_URL: pip.extraIndexUrls.join(" ") || undefined,
      UV_FIND_LINKS: pip.findLinks.join(",") || undefined,
      UV_INSECURE_HOST: pip.trustedHosts.join(" ") || undefined,
      UV_HTTP_TIMEOUT: `${Math.ceil(pip.timeout)}`,
      UV_SYSTEM_CERTS: "true",
      ...(cert ? onlyTrusted(cert) : {}),
      ...(pip.proxy ? Object.fromEntries(proxies.map((name) => [name, pip.proxy])) : {}),
    },
  };
}

// uv adds up both variables; pip trusts nothing but the certificates it was given.
function onlyTrusted(cert) {
  const isFolder = statSync(cert, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return { SSL_CERT_FILE: isFolder ? undefined : cert, SSL_CERT_DIR: isFolder ? cert : undefined };
}
