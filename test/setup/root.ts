import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

/** The checkout, with a slash at the end. */
export const root = `${resolve(__dirname, "../..")}/`;

/** An empty folder, gone when the test has ended. */
export function scratch(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spdzlab-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
