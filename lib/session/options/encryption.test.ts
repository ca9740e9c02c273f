import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createKeys, Keys, publicLine, savePeerKey } from "../../channel/keys/keys";
import { setHost } from "../host/host";
import { chooseIdentity } from "./encryption";

let folder: string;
let notices: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-encryption-"));
  vi.stubEnv("SPDZ_CONFIG", folder);
  notices = [];
  setHost({ cell: () => undefined, notify: ({ text }) => notices.push(text) });
});
afterEach(() => {
  setHost(undefined);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("a session with a key paired by the first version works, with a notice", () => {
  createKeys(folder);
  const peer = Keys.generate().publicKey;
  writeFileSync(join(folder, "peer.txt"), `${publicLine(peer)}\n`);
  expect(chooseIdentity(0, {})?.peerKey).toBe(peer);
  expect(notices).toEqual([expect.stringMatching(/earlier version.*code of 50 digits.*`spdzlab pair LINE`/)]);
  savePeerKey(peer, folder);
  expect(chooseIdentity(0, {})?.peerKey).toBe(peer);
  expect(notices).toHaveLength(1);
});
