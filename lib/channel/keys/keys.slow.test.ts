import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import { curveKeyPair } from "zeromq";
import { fc } from "../../../test/support/random";
import {
  configFolder,
  createKeys,
  Keys,
  pairingCode,
  parsePublicLine,
  publicLine,
  readDealer,
  readIdentity,
  readKeys,
  readParties,
  readPartyKeys,
  readPeer,
  readPeerKey,
  saveDealerKey,
  savePartyKeys,
  savePeerKey,
} from "./keys";
import { decodeZ85, encodeZ85 } from "./z85";

const root = mkdtempSync(join(tmpdir(), "spdz-keys-"));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const folder = () => join(root, `${count++}`, "config");

test("Z85 matches its specification's example, in both directions", () => {
  expect(encodeZ85(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))).toBe("HelloWorld");
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(Buffer.compare(decodeZ85(encodeZ85(bytes)), bytes)).toBe(0);
    }),
  );
  for (const text of ["abc", "\"''''", "%%%%%#####", "#####"])
    expect(() => decodeZ85(text), text).toThrow(RangeError);
});

test("keys are readable by their owner only, and can be read back", () => {
  const at = folder();
  expect(readKeys(at)).toBeUndefined();
  const keys = createKeys(at);
  expect(statSync(join(at, "key.json")).mode & 0o777).toBe(0o600);
  expect(statSync(at).mode & 0o777).toBe(0o700);
  expect(readKeys(at)?.revealSecretKey()).toBe(keys.revealSecretKey());
  expect(() => createKeys(at)).toThrow(RangeError);
  expect(createKeys(at, true).publicKey).not.toBe(keys.publicKey);
});

test("a key file that others can read, or that is damaged, is refused without quoting it", () => {
  const at = folder();
  const secret = createKeys(at).revealSecretKey();
  const file = join(at, "key.json");
  chmodSync(file, 0o640);
  expect(() => readKeys(at)).toThrow("chmod 600");
  chmodSync(file, 0o600);
  const text = readFileSync(file, "utf8");
  for (const damaged of [
    text.slice(0, -5),
    text.replace(/"publicKey": ".{3}/, '"publicKey": "000'),
    `${secret}{`,
  ]) {
    writeFileSync(file, damaged);
    try {
      readKeys(at);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      expect(inspect(error)).not.toContain(secret);
    }
  }
});

test("a secret key is never shown", () => {
  const keys = Keys.generate();
  const secret = keys.revealSecretKey();
  for (const shown of [inspect(keys, { depth: 9, showHidden: true }), JSON.stringify({ keys }), `${keys}`]) {
    expect(shown).not.toContain(secret);
  }
  expect(() => new Keys(keys.publicKey, Keys.generate().revealSecretKey())).toThrow(RangeError);
  expect(() => new Keys(keys.publicKey, "short")).toThrow(RangeError);
});

test("the key line for the other party is safe in a shell, and can be read back", () => {
  for (let i = 0; i < 20; i++) {
    const { publicKey } = curveKeyPair();
    const line = publicLine(publicKey);
    expect(line).toMatch(/^spdzlab-key-[A-Za-z0-9_-]+$/);
    expect(parsePublicLine(` ${line}\n`)).toBe(publicKey);
  }
  for (const line of ["", "spdzlab-key-", "spdzlab-key-abc", "rsa AAAA"]) {
    expect(() => parsePublicLine(line), line).toThrow(RangeError);
  }
});

test("an identity needs both keys", () => {
  const at = folder();
  expect(readIdentity(at)).toBeUndefined();
  const keys = createKeys(at);
  expect(readIdentity(at)).toBeUndefined();
  const peer = Keys.generate();
  savePeerKey(peer.publicKey, at);
  expect(readPeerKey(at)).toBe(peer.publicKey);
  expect(readIdentity(at)).toMatchObject({ keys: { publicKey: keys.publicKey }, peerKey: peer.publicKey });
  expect(() => savePeerKey("nonsense", at)).toThrow(RangeError);
});

test("both people see the same code for one pair of keys, with more than 160 bits of digits", () => {
  const [a, b, c] = [Keys.generate(), Keys.generate(), Keys.generate()].map((keys) => keys.publicKey);
  const code = pairingCode(a!, b!);
  expect(code).toBe(pairingCode(b!, a!));
  expect(code).not.toBe(pairingCode(a!, c!));
  expect(code).toMatch(/^(\d{5}-){9}\d{5}$/);
  expect(Math.log2(10) * code.replaceAll("-", "").length).toBeGreaterThan(160);
  // Computed with Python's hashlib too. Two versions compare it, so it must not change unnoticed.
  const [one, two] = [1, 2].map((n) => encodeZ85(new Uint8Array(32).fill(n)));
  expect(pairingCode(one!, two!)).toBe("51821-43946-35223-05360-07072-78699-43903-30670-03185-56116");
});

test("every digit of the code depends on the keys, and all groups are equally likely", () => {
  const codes = Array.from({ length: 60 }, (_, i) => {
    const key = encodeZ85(new Uint8Array(32).fill(i + 1));
    return pairingCode(key, encodeZ85(new Uint8Array(32).fill(200))).replaceAll("-", "");
  });
  for (let place = 0; place < 50; place++)
    expect(new Set(codes.map((code) => code[place])).size).toBeGreaterThan(6);
  expect(new Set(codes.map((code) => code.slice(0, 12))).size).toBe(codes.length);
});

test("a key that the first version accepted is recognized, also among a dealer's, until it is accepted again", () => {
  const at = folder();
  const [mine, peer, dealer, other] = [1, 2, 3, 4].map(() => Keys.generate().publicKey) as [
    string,
    string,
    string,
    string,
  ];
  expect([readPeer(at), readDealer(at), readParties(at)]).toEqual([undefined, undefined, []]);
  createKeys(at);
  // As the first version wrote them: only the lines.
  writeFileSync(join(at, "peer.txt"), `${publicLine(peer)}\n`);
  writeFileSync(join(at, "dealer.txt"), `${publicLine(dealer)}\n`);
  writeFileSync(join(at, "parties.txt"), `${publicLine(mine)}\n${publicLine(peer)}\n`);
  expect(readPeer(at)).toEqual({ key: peer, old: true });
  expect(readDealer(at)).toEqual({ key: dealer, old: true });
  expect(readIdentity(at)?.peerKey).toBe(peer);
  savePeerKey(peer, at);
  saveDealerKey(dealer, at);
  savePartyKeys([...readParties(at), other], at);
  expect(readPeer(at)).toEqual({ key: peer, old: false });
  expect(readDealer(at)).toEqual({ key: dealer, old: false });
  expect(readParties(at)).toEqual([
    { key: mine, old: true },
    { key: peer, old: true },
    { key: other, old: false },
  ]);
  expect(readPartyKeys(at)).toEqual([mine, peer, other]);
  writeFileSync(join(at, "peer.txt"), `${publicLine(peer)} code-3\n`);
  expect(() => readPeer(at)).toThrow(RangeError);
});

test("the folder follows the platform's convention", () => {
  expect(configFolder({ SPDZ_CONFIG: "/x" })).toBe("/x");
  expect(configFolder({ HOME: "/h" }, "linux")).toBe("/h/.config/spdzlab");
  expect(configFolder({ HOME: "/h", XDG_CONFIG_HOME: "/c" }, "linux")).toBe("/c/spdzlab");
  expect(configFolder({ HOME: "/h" }, "darwin")).toBe("/h/Library/Preferences/spdzlab");
});
