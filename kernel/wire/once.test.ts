import { createHmac } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Memory } from "./memory";
import { Codec } from "./message";
import { GENERATION, Once } from "./once";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const of = (session: string, second: number) => ({ session, date: at(second) });
const signature = (n: number) => n.toString(16).padStart(64, "0").split("").reverse().join("");

describe("a signed message", () => {
  const header = { msg_id: "1", msg_type: "execute_request", session: "a", username: "", version: "5.4" };
  const frames = (key: string, parts: object[], identity = "client", buffers: string[] = []) => {
    const texts = parts.map((part) => JSON.stringify(part));
    const hmac = createHmac("sha256", key);
    for (const text of texts) hmac.update(text);
    return [identity, "<IDS|MSG>", key && hmac.digest("hex"), ...texts, ...buffers].map((t) =>
      Buffer.from(t),
    );
  };
  const message = (id: string) => [{ ...header, msg_id: id, date: at(1) }, {}, {}, { code: "1" }];

  test("is read once, however often and in whatever form it arrives", () => {
    const codec = new Codec("key");
    expect(codec.decode(frames("key", message("1")))?.header.msg_id).toBe("1");
    expect(codec.decode(frames("key", message("1")))).toBeUndefined();
    // Changing an unsigned part of a message does not make it a new message.
    expect(codec.decode(frames("key", message("1"), "somebody else"))).toBeUndefined();
    expect(codec.decode(frames("key", message("1"), "client", ["more"]))).toBeUndefined();
    const shouted = frames("key", message("1"));
    shouted[2] = Buffer.from(shouted[2]!.toString().toUpperCase());
    expect(codec.decode(shouted)).toBeUndefined();
    expect(codec.decode(frames("key", message("2")))?.header.msg_id).toBe("2");
  });

  test("is still read after a message with its id was signed with another key", () => {
    const codec = new Codec("key");
    expect(codec.decode(frames("other", message("1")))).toBeUndefined();
    expect(codec.decode(frames("key", message("1")))).toBeDefined();
  });

  test("is not read by the kernel that sent it", () => {
    const codec = new Codec("key");
    const sent = codec.encode("comm_close", { comm_id: "1" }, {}).map((frame) => Buffer.from(frame));
    expect(codec.decode(sent)).toBeUndefined();
    // Another kernel with the same key reads it, so nothing else was wrong with it.
    expect(new Codec("key").decode(sent)).toBeDefined();
  });

  test("is read each time if there is no key", () => {
    const codec = new Codec("");
    for (let i = 0; i < 2; i++) expect(codec.decode(frames("", message("1")))).toBeDefined();
  });
});

describe("the memory of messages", () => {
  test("holds all of the latest messages, with or without dates", () => {
    const once = new Once(100);
    for (let i = 0; i < 1000; i++) {
      expect(once.admit(signature(i), {})).toBe(true);
      for (const back of [0, 1, 50, 99])
        if (back <= i) expect(once.admit(signature(i - back), {})).toBe(false);
    }
  });

  test("holds only the date of older messages, so that none ever runs again", () => {
    const once = new Once(100);
    for (let i = 0; i < 2000; i++) expect(once.admit(signature(i), of("a", i))).toBe(true);
    for (let i = 0; i < 2000; i++) expect(once.admit(signature(i), of("a", i))).toBe(false);
    expect(once.admit(signature(2000), of("a", 2000))).toBe(true);
  });

  test("keeps the clocks of two clients apart", () => {
    const once = new Once(100);
    for (let i = 0; i < 2000; i++) {
      expect(once.admit(signature(2 * i), of("ahead", i + 86_400))).toBe(true);
      expect(once.admit(signature(2 * i + 1), of("behind", i))).toBe(true);
    }
    expect(once.admit(signature(9999), of("new and behind", 0))).toBe(true);
  });

  test("allows a clock to be set back within the latest messages", () => {
    const once = new Once(100);
    for (let i = 0; i < 1000; i++) expect(once.admit(signature(i), of("a", i))).toBe(true);
    for (let i = 0; i < 90; i++) expect(once.admit(signature(1000 + i), of("a", 940 + i))).toBe(true);
  });

  test("is bounded, however many clients there are", () => {
    const once = new Once(10);
    for (let i = 0; i < 20_000; i++) expect(once.admit(signature(i), of(`client ${i}`, i))).toBe(true);
    // The dates of the first ones are one date now.
    for (let i = 0; i < 18_000; i += 1000) expect(once.admit(signature(i), of(`client ${i}`, i))).toBe(false);
    expect(once.admit(signature(99_999), of("another", 20_000))).toBe(true);
  });

  test("takes a few megabytes at most", () => {
    const once = new Once();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 4 * GENERATION; i++)
      once.admit(createHmac("sha256", "key").update(`${i}`).digest("hex"), of("a", i));
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 2 ** 20);
  });
});

describe("a kernel restarted with the same key", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spdzlab-once-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const start = (key = "key") => new Once(100, new Memory(folder, key));
  const files = () => readdirSync(folder);

  test("remembers the messages of the kernels before it, and nothing under another key", () => {
    for (let run = 0; run < 12; run++) {
      const once = start();
      for (let i = 0; i < 70 * run; i++) expect(once.admit(signature(i), of("a", i))).toBe(false);
      for (let i = 70 * run; i < 70 * (run + 1); i++) expect(once.admit(signature(i), of("a", i))).toBe(true);
    }
    expect(start("another key").admit(signature(1), of("a", 1))).toBe(true);
    // Bounded, whatever has passed.
    for (const name of files()) expect(statSync(join(folder, name)).size).toBeLessThan(30_000);
  });

  test("writes no key and no whole signature, into one file that only its owner can read and that does not name the kernel", () => {
    start("a very secret key").admit(signature(7), of("a", 7));
    expect(files()).toEqual([expect.stringMatching(/^spdzlab-messages-[0-9a-f]{16}$/)]);
    const text = readFileSync(join(folder, files()[0]!), "utf8");
    expect(text).not.toContain("secret");
    expect(text).not.toContain(signature(7));
    expect(statSync(join(folder, files()[0]!)).mode & 0o777).toBe(0o600);
  });

  test("remembers nothing after a kernel was shut down for good", () => {
    const memory = new Memory(folder, "key");
    const once = new Once(100, memory);
    once.admit(signature(1), of("a", 1));
    memory.forget();
    once.admit(signature(2), of("a", 2));
    expect(files()).toEqual([]);
  });

  test("works with a truncated or damaged file, and where it cannot write", () => {
    start().admit(signature(1), of("a", 1));
    const file = join(folder, files()[0]!);
    appendFileSync(file, '["half a li');
    expect(start().admit(signature(1), of("a", 1))).toBe(false);
    for (const text of ["", "{}\n", "nonsense\n", '{"generations":[[1,2]]}\n', "null\n[]\n"]) {
      writeFileSync(file, text);
      const once = start();
      expect(once.admit(signature(1), of("a", 1))).toBe(true);
      expect(once.admit(signature(1), of("a", 1))).toBe(false);
    }
    rmSync(file);
    mkdirSync(file);
    expect(start().admit(signature(1), of("a", 1))).toBe(true);
    const nowhere = new Once(100, new Memory(join(folder, "nowhere"), "key"));
    expect([nowhere.admit(signature(1), {}), nowhere.admit(signature(1), {})]).toEqual([true, false]);
  });

  test("remembers despite the half-written file of a process with the same id", () => {
    start().admit(signature(1), of("a", 1));
    writeFileSync(join(folder, `${files()[0]}.${process.pid}`), "half");
    start().admit(signature(2), of("a", 2));
    for (const n of [1, 2]) expect(start().admit(signature(n), of("a", n))).toBe(false);
    expect(files()).toHaveLength(1);
  });

  test("follows no link", () => {
    start().admit(signature(1), of("a", 1));
    const file = join(folder, files()[0]!);
    rmSync(file);
    writeFileSync(join(folder, "mine"), "precious");
    symlinkSync(join(folder, "mine"), file);
    start().admit(signature(1), of("a", 1));
    expect(readFileSync(join(folder, "mine"), "utf8")).toBe("precious");
  });

  test("removes only old files of killed kernels", () => {
    for (const name of ["spdzlab-messages-old", "spdzlab-messages-new", "kernel-1.json"])
      writeFileSync(join(folder, name), "");
    for (const name of ["spdzlab-messages-old", "kernel-1.json"]) utimesSync(join(folder, name), 1, 1);
    new Memory(folder, "key");
    expect(files().sort()).toEqual(["kernel-1.json", "spdzlab-messages-new"]);
  });
});
