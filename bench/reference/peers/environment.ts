/** The Python environment of the other systems, apart from everything else and made at first use. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { runInherited } from "./run";

const FOLDER = resolve(".setup/peers");
export const PYTHON = `${FOLDER}/bin/python`;
const REQUIREMENTS = resolve("bench/reference/peers/requirements.txt");
/** Its requirements include a training dashboard and data sets, which are not needed here. */
const CRYPTEN = "crypten==0.4.1";

/**
 * Install CrypTen, SPU and MPyC, which takes a few minutes and about 6 GB, unless they are installed.
 *
 * @throws {Error} Python is missing, or no package registry answers
 */
export async function makePeers(): Promise<void> {
  const key = createHash("sha256").update(readFileSync(REQUIREMENTS)).update(CRYPTEN).digest("hex");
  const stamp = `${FOLDER}/installed`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === key) return;
  process.stderr.write(
    "Installing CrypTen, SPU and MPyC into .setup/peers: a few minutes, once, and about 6 GB.\n",
  );
  await runInherited(process.env.SPDZLAB_PYTHON ?? "python3", ["-m", "venv", "--clear", FOLDER]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await runInherited(PYTHON, [...pip, "--requirement", REQUIREMENTS]);
  await runInherited(PYTHON, [...pip, "--no-deps", CRYPTEN]);
  writeFileSync(stamp, key);
}
