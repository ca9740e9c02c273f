/** The files in all layers of an image, also those that a later layer hides. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./compose";

/** Names that a key, a token, a log-in or the history of a checkout would have. */
const SECRET = [
  /(^|\/)(key\.json|peer\.txt|dealer\.txt|parties\.txt)$/,
  /(^|\/)(\.env|\.npmrc|\.netrc|\.pypirc|\.git-credentials|id_(rsa|ed25519))$/,
  /(^|\/)\.(git|ssh|docker|aws)\//,
  /(^|\/)(jupyter_cookie_secret|notebook_secret|jpserver-\d+)/,
  /(^|\/)kernel-[0-9a-f-]+\.json$/,
];

/** The files of all layers, by their paths. */
export async function filesInLayers(image: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "spdzlab-layers-"));
  try {
    await run("docker", "save", "--output", join(folder, "image.tar"), image);
    await run("tar", "-xf", join(folder, "image.tar"), "-C", folder);
    const [{ Layers }] = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    const lists = await Promise.all(
      (Layers as string[]).map((layer) => run("tar", "-tf", join(folder, layer))),
    );
    return lists.flatMap((list) => list.split("\n").filter(Boolean));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those of the files that should not be in an image. */
export function secretsAmong(files: readonly string[]): string[] {
  return files.filter((file) => SECRET.some((name) => name.test(file)));
}
