import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectTriples, randomSecret, Stores, texts } from "../../../test/support/stores";
import { CheckError, StoreError } from "../../errors";
import { InsecureFirstPartyDealer } from "../dealer/party/insecure-first-party-dealer";
import { AUTHENTICATED, PLAIN } from "../kinds/raw";
import { FileKeeper } from "./file-keeper";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Open one party's store without the other party. Return the error. */
async function openAlone(stores: Stores, party: 0 | 1, layout = PLAIN): Promise<unknown> {
  const keeper = new FileKeeper(stores.options(party), layout);
  try {
    return await keeper.opened.catch((error: unknown) => error);
  } finally {
    await keeper.close(new Error("over"));
  }
}

describe("the error of a store that cannot be used says why and what to do", () => {
  let stores: Stores;
  beforeEach(async () => {
    stores = new Stores(folder, () => new InsecureFirstPartyDealer());
    await (await stores.open()).prepare({ triple: 300 });
    await stores.sessions[0]!.end();
  });

  const expectError = (error: unknown, reason: string, message: string) => {
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: `store-${reason}`, message: expect.stringMatching(message) });
  };

  test("with another key", async () => {
    stores.secrets[0] = randomSecret();
    expectError(await openAlone(stores, 0), "key", "does not open the store .*/zero.*delete the store");
  });

  test("with a passphrase in place of a key, or a wrong one", async () => {
    stores.secrets[0] = { from: "passphrase", passphrase: "open sesame" };
    expectError(await openAlone(stores, 0), "key", "is sealed with this party's CURVE key");
    rmSync(stores.paths[0], { recursive: true });
    expect(await openAlone(stores, 0)).toBeUndefined();
    expect(await openAlone(stores, 0)).toBeUndefined();
    stores.secrets[0] = { from: "passphrase", passphrase: "open barley" };
    expectError(await openAlone(stores, 0), "key", "the passphrase does not open");
  });

  test("of the other party, or with other settings", async () => {
    const { secrets, paths } = stores;
    const swapped = { ...stores.options(0), path: paths[1], secret: secrets[1] };
    const keeper = new FileKeeper(swapped, PLAIN);
    expectError(
      await keeper.opened.catch((error) => error),
      "foreign",
      "belongs to party 1 .* this is party 0",
    );
    const other = new FileKeeper({ ...stores.options(0), settings: "others" }, AUTHENTICATED);
    expectError(
      await other.opened.catch((error) => error),
      "foreign",
      "with these settings, and this is party 0 with others",
    );
  });

  test("in use by another session", async () => {
    const keeper = new FileKeeper(stores.options(0), PLAIN);
    await keeper.opened;
    expectError(await openAlone(stores, 0), "locked", "in use by another session: close that one");
    await keeper.close(new Error("over"));
    expect(await openAlone(stores, 0)).toBeUndefined();
  });

  test("at the path of something else, which it leaves alone", async () => {
    writeFileSync(join(folder, "file"), "mine");
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other", "file"), "mine");
    for (const name of ["file", "other"]) {
      const keeper = new FileKeeper({ ...stores.options(0), path: join(folder, name) }, PLAIN);
      expectError(await keeper.opened.catch((error) => error), "foreign", "name another path");
      await keeper.close(new CheckError("mac", "caught"));
    }
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
    expect(readFileSync(join(folder, "other", "file"), "utf8")).toBe("mine");
  });

  test("with any value changed, or put under another's name", async () => {
    const database = () =>
      new ClassicLevel<string, Uint8Array>(stores.paths[0], { keyEncoding: "utf8", valueEncoding: "view" });
    const clean = database();
    const names = await clean.keys().all();
    const values = new Map<string, Uint8Array>();
    for (const name of names) values.set(name, (await clean.get(name))!);
    await clean.close();
    expect(names).toEqual(expect.arrayContaining(["head", "seal", "secrets"]));
    const tries: [string, Uint8Array | undefined][] = names.flatMap((name) => {
      const changed = Uint8Array.from(values.get(name)!);
      changed[changed.length - 20]! ^= 1;
      return [[name, changed] as [string, Uint8Array]];
    });
    tries.push(
      ["head", values.get("secrets")],
      ["head", undefined],
      ["secrets", undefined],
      ["seal", undefined],
    );
    for (const [name, value] of tries) {
      const changed = database();
      if (value) await changed.put(name, value);
      else await changed.del(name);
      await changed.close();
      const error = await openAlone(stores, 0);
      expect(error).toBeInstanceOf(StoreError);
      expect((error as StoreError).message).toMatch(/delete/);
      const restored = database();
      await restored.put(name, values.get(name)!);
      await restored.close();
    }
    expect(await openAlone(stores, 0)).toBeUndefined();
  });

  test("cut short, in whatever place: it is refused, or has less, and nothing is used twice", async () => {
    const used = await stores.open();
    const before = texts((await used.take("triple", 40))[0]!, 40);
    await used.end();
    cpSync(stores.paths[0], join(folder, "whole"), { recursive: true });
    const files = readdirSync(stores.paths[0]).filter((file) =>
      /^\d+\.(log|ldb)$|^MANIFEST|^CURRENT/.test(file),
    );
    const seen = { refused: 0, less: 0 };
    for (const file of files)
      for (const part of [0, 0.3, 0.6, 0.95]) {
        const path = join(stores.paths[0], file);
        truncateSync(path, Math.floor(statSync(path).size * part));
        const other = join(folder, "one-kept");
        cpSync(stores.paths[1], other, { recursive: true });
        try {
          const session = await stores.open();
          const left = session.left("triple");
          expect(left[0]).toBe(left[1]);
          seen.less += Number(left[0]! < 260);
          if (left[0]! > 0) {
            const items = await session.take("triple", left[0]!);
            expectTriples(items, left[0]!);
            for (const item of texts(items[0]!, left[0]!)) expect(before).not.toContain(item);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(StoreError);
          seen.refused++;
        }
        await stores.sessions.at(-1)!.end();
        for (const [from, to] of [
          ["whole", stores.paths[0]],
          ["one-kept", stores.paths[1]],
        ] as const) {
          rmSync(to, { recursive: true });
          cpSync(join(folder, from), to, { recursive: true });
        }
        rmSync(other, { recursive: true });
      }
    expect(seen.refused + seen.less).toBeGreaterThan(0);
  });
});
