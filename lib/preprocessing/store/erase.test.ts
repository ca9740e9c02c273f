// Nothing but a store's own files is overwritten, deleted or given another mode, whatever lies in its place.
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Stores } from "../../../test/support/stores";
import { CheckError, StoreError } from "../../errors";
import { InsecureFirstPartyDealer } from "../dealer/party/insecure-first-party-dealer";
import { PLAIN } from "../kinds/raw";
import { doom, isDoomed, sweep, wipe } from "./erase";
import { FileKeeper } from "./file-keeper";

let folder: string;
let mine: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spdzlab-erase-"));
  mine = join(folder, "mine");
  mkdirSync(mine);
  writeFileSync(join(mine, "000001.ldb"), "precious");
  chmodSync(join(mine, "000001.ldb"), 0o644);
});
afterEach(() => {
  expect(readFileSync(join(mine, "000001.ldb"), "utf8")).toBe("precious");
  expect(statSync(join(mine, "000001.ldb")).mode & 0o777).toBe(0o644);
  rmSync(folder, { recursive: true });
});

const inStore = (name: string) => join(folder, "store", name);
/** Something that looks like a store of ours. */
function fakeStore(): string {
  mkdirSync(join(folder, "store"));
  for (const name of ["CURRENT", "LOCK", "MANIFEST-000002", "000003.log"])
    writeFileSync(inStore(name), "secret");
  return join(folder, "store");
}

/** Foreign things in the place of a file of the store. */
const foreign: [string, () => void][] = [
  ["a link to a file", () => symlinkSync(join(mine, "000001.ldb"), inStore("000999.ldb"))],
  ["a link to a folder", () => symlinkSync(mine, inStore("000999.ldb"))],
  ["a link to nothing", () => symlinkSync(join(folder, "nothing"), inStore("000999.ldb"))],
  ["another name of a file", () => linkSync(join(mine, "000001.ldb"), inStore("000999.ldb"))],
  ["a folder", () => mkdirSync(inStore("000999.ldb"))],
  ["a foreign file", () => writeFileSync(inStore("thesis.txt"), "precious")],
];

describe.each(foreign)("a folder with %s in it", (_, put) => {
  test("is not wiped, and the error says what to do", () => {
    const store = fakeStore();
    put();
    const before = readdirSync(store);
    expect(() => wipe(store)).toThrow(StoreError);
    expect(() => wipe(store)).toThrow(/is left as it is: move that elsewhere/);
    expect(readdirSync(store)).toEqual(before);
    expect(readFileSync(inStore("000003.log"), "utf8")).toBe("secret");
  });

  test("is not removed by a sweep either", () => {
    const store = fakeStore();
    put();
    const aside = join(folder, "other.destroyed-0123abcd");
    renameSync(store, aside);
    sweep(join(folder, "other"));
    expect(readFileSync(join(aside, "000003.log"), "utf8")).toBe("secret");
  });

  test("is not opened as a store, and keeps its modes", async () => {
    const stores = new Stores(folder, () => new InsecureFirstPartyDealer());
    await (await stores.open()).end();
    mkdirSync(join(folder, "store"));
    for (const name of readdirSync(stores.paths[0]))
      writeFileSync(inStore(name), readFileSync(join(stores.paths[0], name)));
    put();
    const keeper = new FileKeeper({ ...stores.options(0), path: join(folder, "store") }, PLAIN);
    expect(await keeper.opened.catch((error: unknown) => error)).toMatchObject({
      code: "store-foreign",
      message: expect.stringMatching("move that elsewhere, or name another path"),
    });
    await keeper.close(new CheckError("mac", "caught"));
    expect(readdirSync(join(folder, "store"))).not.toContain("DOOMED");
  });
});

test("a link in the place of the folder is neither wiped nor opened", async () => {
  const link = join(folder, "link");
  symlinkSync(mine, link);
  expect(() => wipe(link)).toThrow("is a link");
  doom(link);
  expect(readdirSync(mine)).toEqual(["000001.ldb"]);
  const stores = new Stores(folder, () => new InsecureFirstPartyDealer());
  const keeper = new FileKeeper({ ...stores.options(0), path: link }, PLAIN);
  expect(await keeper.opened.catch((error: unknown) => error)).toMatchObject({ code: "store-foreign" });
  await keeper.close(new CheckError("mac", "caught"));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test("a sweep removes links and folders beside the store only if a wipe left them", () => {
  symlinkSync(mine, join(folder, "store.destroyed-01234567"));
  mkdirSync(join(folder, "store.destroyed-notes"));
  writeFileSync(join(folder, "store.destroyed-notes", "LOG"), "precious");
  mkdirSync(join(folder, "store.destroyed-76543210"));
  writeFileSync(join(folder, "store.destroyed-76543210", "000007.log"), "left");
  sweep(join(folder, "store"));
  expect(readFileSync(join(folder, "store.destroyed-notes", "LOG"), "utf8")).toBe("precious");
  expect(existsSync(join(folder, "store.destroyed-76543210"))).toBe(false);
});

test("marking a doomed store follows no link, and a link of that name counts as the mark", () => {
  const store = fakeStore();
  symlinkSync(join(mine, "000001.ldb"), inStore("DOOMED"));
  expect(() => doom(store)).toThrow();
  expect(isDoomed(store)).toBe(true);
  rmSync(inStore("DOOMED"));
  doom(store);
  expect(isDoomed(store)).toBe(true);
  wipe(store);
  expect(readdirSync(folder)).toEqual(["mine"]);
});
