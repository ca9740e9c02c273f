// The steps of the set-up, in order. Skip a step if its product exists and its key has not changed.
import { root, venv, venvPython } from "./paths.mjs";
import { findPython, npmCommand } from "./prerequisites.mjs";
import { howToGet, Problem } from "./problem.mjs";
import { note } from "./progress.mjs";
import { isUnreachable, run } from "./run.mjs";
import { digest } from "./stamp.mjs";
import { installWithUv } from "./uv.mjs";

const npmInputs = ["package.json", "package-lock.json"];
const sources = ["lib/", "kernel/", "cli/", "tsconfig.json", "tsconfig.build.json", "scripts/build.mjs"];
const platform = [process.platform, process.arch, process.versions.modules];

const packages = {
  name: "npm",
  title: "npm packages, from package-lock.json",
  product: `${root}node_modules/.package-lock.json`,
  key: () => digest({ words: platform, files: npmInputs }),
  async run(started) {
    // Run no scripts of packages. The native ones (zeromq, esbuild, biome) contain prebuilt binaries.
    const args = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"];
    const [command, ...cli] = npmCommand();
    await run(command, [...cli, ...args], started);
    await requireZeromq();
  },
};

async function requireZeromq() {
  try {
    await run(process.execPath, ["-e", "require('zeromq')"]);
  } catch (problem) {
    throw new Problem(
      `zeromq's prebuilt library does not load on this machine (${process.platform} ${process.arch}, Node ${process.version}).`,
      `${problem.remedy}\nBuild it from source: npm rebuild zeromq. That needs a C++ compiler and CMake:\n${howToGet(
        {
          debian: "sudo apt install build-essential cmake",
          fedora: "sudo dnf install gcc-c++ cmake",
          macos: "xcode-select --install && brew install cmake",
        },
      )}`,
    );
  }
}

const build = {
  name: "build",
  title: "build of lib/, kernel/ and cli/",
  product: `${root}dist/cli/main.js`,
  key: () => digest({ files: [...npmInputs, ...sources] }),
  run: (started) => run(process.execPath, ["scripts/build.mjs"], started),
};

// Always create a new environment. After an interrupted installation, pip may wrongly treat packages as installed.
// Each installed file must match a hash in requirements.txt, whether uv or pip installs it.
const environment = {
  name: "python",
  title: "JupyterLab in .venv, from requirements.txt",
  product: `${venv}bin/jupyter-lab`,
  key: () => digest({ words: [root, process.env.SPDZLAB_PYTHON ?? ""], files: ["requirements.txt"] }),
  async run(started) {
    const makeEmpty = () => run(findPython(), ["-m", "venv", "--clear", venv], started);
    await makeEmpty();
    try {
      await installWithUv("requirements.txt", started);
    } catch (problem) {
      // Where pip reaches no registry it need not try again; uv may have missed a proxy that pip knows.
      if (problem.command === venvPython && isUnreachable(problem)) throw problem;
      note(`pip installs instead of uv, which takes longer: ${reason(problem)}`);
      await makeEmpty();
      const options = ["--retries=2", "--no-input", "--require-hashes", "--requirement=requirements.txt"];
      await run(venvPython, ["-m", "pip", "install", ...options], started);
    }
  },
};

/** The line that says why a command failed, else the last. */
function reason({ message, output = "" }) {
  const lines = output.trim().split("\n");
  return (lines.findLast((line) => /\berror\b|×/i.test(line)) ?? (lines.at(-1) || message)).trim();
}

const kernelspec = {
  name: "kernelspec",
  title: "Jupyter kernel, into .venv",
  product: `${venv}share/jupyter/kernels/spdzlab/kernel.json`,
  key: () => digest({ words: [root, process.execPath], files: [...npmInputs, ...sources] }),
  run: (started) => run(process.execPath, ["dist/cli/main.js", "install", "--prefix", venv], started),
};

export const steps = [packages, build, environment, kernelspec];
