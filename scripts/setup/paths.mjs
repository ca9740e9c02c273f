// The folders of the set-up. All of them are inside the checkout, and git ignores them.
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const state = `${root}.setup/`;
export const venv = `${root}.venv/`;
export const venvPython = `${venv}bin/python`;

/**
 * Return the environment for every command that we start. Jupyter keeps its run-time files and settings in the checkout.
 * The user's own Jupyter, kernels and Python path do not affect ours, and ours do not affect theirs.
 */
export function environment() {
  const env = {
    ...process.env,
    PATH: pathWithoutVenv(),
    JUPYTER_RUNTIME_DIR: `${state}jupyter/runtime`,
    JUPYTER_CONFIG_DIR: `${state}jupyter/config`,
    JUPYTER_DATA_DIR: `${state}jupyter/data`,
    IPYTHONDIR: `${state}jupyter/ipython`,
    PYTHONNOUSERSITE: "1",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
  };
  for (const name of ["JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_PREFER_ENV_PATH"]) delete env[name];
  for (const name of ["PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"]) delete env[name];
  return env;
}

// The user may have activated .venv. Do not create a new .venv with its own Python.
function pathWithoutVenv() {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.filter((folder) => `${folder.replace(/\/$/, "")}/` !== `${venv}bin/`).join(":");
}
