import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { Dealer, Router } from "zeromq";
import { parseAddress } from "../../../channel/address";
import { Keys } from "../../../channel/keys/keys";
import type { TransportError } from "../../../errors";
import { type DealingJob, LocalDealingJob } from "../dealing/dealing-job";
import { DealingThread } from "../dealing/dealing-thread";
import { DealerClient } from "../party/client";
import { commitmentTo, createHello, drawSecret, type Membership, sessionOfMember } from "../wire/greeting";
import { decodeFromDealer, encode, type FromDealer, MAX_CHUNK_BYTES, type Order } from "../wire/messages";
import { Sealer, sealKey } from "../wire/order-seal";
import { SocketOutbox } from "../wire/socket-outbox";
import { type DealerEvent, DealerServer, type DealerServerOptions } from "./server";

const dealerKeys = Keys.generate();
const partyKeys = Array.from({ length: 4 }, () => Keys.generate());
const stranger = Keys.generate();

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** The randomness of the test's dealer: `count` bytes that follow from both seeds and the request. */
function bytesOf(kind: string, count: number, start: number, seeds: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256").update(`${kind} ${start}`);
  for (const seed of seeds) hash.update(seed);
  return new Uint8Array(count).fill(hash.digest()[0]!);
}

/** A job of one step. */
function inOneStep(make: () => Uint8Array, total: number): DealingJob {
  return new LocalDealingJob(
    { steps: 1, total, largest: total },
    (function* () {
      yield make();
    })(),
  );
}

async function serve(options: Partial<DealerServerOptions> & { port?: string } = {}) {
  const events: DealerEvent[] = [];
  const seen: string[] = [];
  const server = new DealerServer({
    address: parseAddress(`tcp://127.0.0.1:${options.port ?? "*"}`, "bind", true),
    identity: { keys: dealerKeys, admitted: partyKeys.map(({ publicKey }) => publicKey) },
    deal: ({ kind, count, start }, seeds) => {
      seen.push(`${kind} ${start}`);
      if (kind === "nothing") throw new RangeError("there is no such kind");
      return inOneStep(() => bytesOf(kind, count, start, seeds), count);
    },
    onEvent: (event) => events.push(event),
    ...options,
  });
  await server.listen();
  open.push(() => server.close());
  return { server, events, seen };
}

function members(authenticated = true): [Membership, Membership] {
  const secrets = [drawSecret(), drawSecret()];
  return [0, 1].map((party) => ({
    party,
    authenticated,
    secret: secrets[party],
    peerCommitment: commitmentTo(secrets[1 - party]!, (1 - party) as 0 | 1),
  })) as [Membership, Membership];
}

interface ClientOptions {
  keys?: Keys | undefined;
  timeoutMs?: number;
  resumeMs?: number;
  onWait?: (what: string) => () => void;
}

function join(member: Membership, address: string, options: ClientOptions = {}): DealerClient {
  const { keys = partyKeys[member.party]!, timeoutMs = 60_000, resumeMs = 60_000, onWait } = options;
  const client = new DealerClient(member, {
    address: parseAddress(address, "dealer", false),
    identity: { keys, peerKey: dealerKeys.publicKey },
    timing: { timeoutMs, resumeMs, silenceMs: 3000 },
    onWait,
  });
  client.open();
  open.push(() => client.abort(new Error("the test is over")));
  return client;
}

async function pair(address: string, keys: readonly Keys[] = partyKeys, options: ClientOptions = {}) {
  const both = members();
  const clients = both.map((member, i) => join(member, address, { ...options, keys: keys[i] }));
  await Promise.all(clients.map((client) => client.present()));
  return { members: both, zero: clients[0]!, one: clients[1]! };
}

/** A pair without encryption. */
async function plainPair(address: string) {
  const [zero, one] = members().map((member) => {
    const client = new DealerClient(member, {
      address: parseAddress(address, "dealer", false),
      timing: { timeoutMs: 60_000, resumeMs: 60_000, silenceMs: 3000 },
    });
    client.open();
    open.push(() => client.abort(new Error("the test is over")));
    return client;
  }) as [DealerClient, DealerClient];
  await Promise.all([zero.present(), one.present()]);
  return { zero, one };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

describe("a dealer", () => {
  test("answers party 1, in pieces if they are many, and reports both parties", async () => {
    const { server, events } = await serve();
    const { one } = await pair(server.address);
    const big = 20 * MAX_CHUNK_BYTES + 3;
    const [a, b, c] = await Promise.all([
      one.request("triple", 10, 0, 10),
      one.request("triple", big, 10, big),
      one.request("square", 5, 0, 5),
    ]);
    expect([a!.length, b!.length, c!.length]).toEqual([10, big, 5]);
    expect(new Set(b).size).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(["waiting", "paired"]);
  });

  test("serves two pairs at once, each with its own randomness", async () => {
    const { server } = await serve();
    const first = await pair(server.address, partyKeys.slice(0, 2));
    const second = await pair(server.address, partyKeys.slice(2, 4));
    const answers = await Promise.all(
      [first.one, second.one].flatMap((one) =>
        Array.from({ length: 50 }, (_, i) => one.request("triple", 1000, i, 1000)),
      ),
    );
    const values = (answers: Uint8Array[]) => answers.map((bytes) => bytes[0]);
    const [mine, theirs] = [values(answers.slice(0, 50)), values(answers.slice(50))];
    expect(mine).not.toEqual(theirs);
    // The bytes of each pair follow from its own seeds only.
    const again = await Promise.all(
      Array.from({ length: 50 }, (_, i) => first.one.request("triple", 1000, i, 1000)),
    );
    expect(values(again)).toEqual(mine);
  });

  test("takes turns between pairs, so that one that asks for much does not stop the other", async () => {
    const { server, seen } = await serve();
    const busy = await pair(server.address, partyKeys.slice(0, 2));
    const quiet = await pair(server.address, partyKeys.slice(2, 4));
    const many = Array.from({ length: 60 }, (_, i) => busy.one.request("busy", 3_000_000, i, 3_000_000));
    await many[0];
    await quiet.one.request("quiet", 10, 0, 10);
    const before = seen.indexOf("quiet 0");
    expect(before).toBeLessThan(50);
    await Promise.all(many);
  });

  test("holds no more than the window for a party that does not read", async () => {
    const { server, seen } = await serve({ identity: undefined });
    const both = members();
    const [zero, one] = both.map((member) => raw(server.address, member, "plain"));
    await Promise.all([zero!.next("welcome"), one!.next("welcome")]);
    for (let id = 1; id <= 40; id++)
      one!.send({ type: "request", id, kind: "triple", count: MAX_CHUNK_BYTES, start: id });
    await one!.has(16);
    await sleep(300);
    expect([one!.chunks, seen.length]).toEqual([16, 16]);
    one!.send({ type: "credit", chunks: 10, receipt: one!.receipts[9]! });
    await one!.has(26);
  });

  test("accepts only parties whose keys it serves", async () => {
    const { server, events } = await serve();
    const client = join(members()[0], server.address, { keys: stranger, timeoutMs: 1500 });
    await expect(client.present()).rejects.toMatchObject({
      code: "transport-timeout",
      message: expect.stringContaining("pinned key"),
    });
    expect(events[0]).toEqual({ type: "stranger" });
  });

  test("does not reach a party that expects another dealer's key", async () => {
    const { server } = await serve({
      identity: { keys: stranger, admitted: partyKeys.map((keys) => keys.publicKey) },
    });
    const client = join(members()[0], server.address, { timeoutMs: 1500 });
    await expect(client.present()).rejects.toMatchObject({ code: "transport-timeout" });
  });

  test("refuses a third hello, one key on both sides, and requests of party 0", async () => {
    const { server, events } = await serve();
    const { members: both } = await pair(server.address);
    const third = raw(server.address, both[0], partyKeys[2], drawSecret());
    expect(await third.next("refusal")).toMatchObject({ text: expect.stringContaining("does not prove") });
    const other = raw(server.address, both[0], partyKeys[2]);
    expect(await other.next("refusal")).toMatchObject({ text: expect.stringContaining("another key") });
    const alone = members();
    const same = alone.map((member) => raw(server.address, member, partyKeys[0]));
    const answers = await Promise.all(
      same.map((socket) => Promise.race([socket.next("refusal"), socket.next("welcome")])),
    );
    expect(answers.map(({ type }) => type).sort()).toEqual(["refusal", "welcome"]);
    const zero = raw(server.address, members()[0]);
    await zero.next("welcome");
    zero.send({ type: "request", id: 1, kind: "triple", count: 1, start: 0 });
    expect(await zero.next("refusal")).toMatchObject({
      text: expect.stringContaining("a request by party 0"),
    });
    expect(events.filter(({ type }) => type === "refused").length).toBe(4);
  });

  test("disconnects a party that sends invalid messages, and continues with the others", async () => {
    const { server, events } = await serve();
    const good = await pair(server.address, partyKeys.slice(0, 2));
    const bad = raw(server.address, members()[0], partyKeys[2]);
    await bad.next("welcome");
    for (const bytes of [[new Uint8Array(3)], [new Uint8Array(50)], [new Uint8Array(8), new Uint8Array(9)]])
      bad.sendBytes(bytes);
    expect(await bad.next("refusal")).toMatchObject({ text: expect.stringContaining("not a valid message") });
    await until(() => events.some(({ type }) => type === "both left"));
    expect(events.filter(({ type }) => type === "refused").length).toBe(1);
    expect(await good.one.request("triple", 10, 0, 10)).toHaveLength(10);
  });

  test("notices at once when a party's connection is gone, without a goodbye", async () => {
    const { server, events } = await serve({ absentMs: 2 ** 30 });
    const { one } = await pair(server.address, partyKeys.slice(0, 2));
    const gone = raw(server.address, members()[0], partyKeys[2]);
    await gone.next("welcome");
    gone.close();
    await until(() => events.some(({ type }) => type === "both left"));
    expect(await one.request("triple", 5, 0, 5)).toHaveLength(5);
    expect(events.filter(({ type }) => type === "party left")).toEqual([]);
  });

  test("notices that both parties have left", async () => {
    const { server, events } = await serve({ absentMs: 2 ** 30 });
    const parties = members().map((member) => raw(server.address, member));
    await Promise.all(parties.map((party) => party.next("welcome")));
    for (const party of parties) party.close();
    await until(() => events.some(({ type }) => type === "both left"));
  });

  test("removes a party that is silent for long, and accepts it again", async () => {
    const { server, events } = await serve({ absentMs: 300 });
    const both = members();
    const zero = raw(server.address, both[0]);
    await zero.next("welcome");
    await until(() => events.some(({ type }) => type === "both left"));
    const again = raw(server.address, both[0]);
    await again.next("welcome");
  });

  test("does not remove parties whose messages waited while it dealt something large", async () => {
    const deal: DealerServerOptions["deal"] = ({ kind, count, start }, seeds) => {
      for (const end = performance.now() + 1500; performance.now() < end; );
      return inOneStep(() => bytesOf(kind, count, start, seeds), count);
    };
    // Parties send a message every two seconds.
    const { server, events } = await serve({ absentMs: 2500, deal });
    const { one } = await pair(server.address);
    for (let i = 0; i < 3; i++) expect(await one.request("triple", 5, i, 5)).toHaveLength(5);
    expect(events.filter(({ type }) => type === "party left" || type === "both left")).toEqual([]);
  });

  test("serves at most the given number of pairs", async () => {
    const { server } = await serve({ mostPairs: 1 });
    await pair(server.address);
    const client = join(members()[0], server.address, { keys: partyKeys[2] });
    await expect(client.present()).rejects.toThrow("as many pairs as it may");
  });

  test("serves a limited number of sessions of one party", async () => {
    const { server } = await serve();
    for (let i = 0; i < 8; i++) await pair(server.address);
    const client = join(members()[0], server.address, { keys: partyKeys[0] });
    await expect(client.present()).rejects.toThrow("as many sessions with this dealer as it may");
  });

  test("reports which kinds it cannot deal", async () => {
    const { server, events } = await serve();
    const { one } = await pair(server.address);
    await expect(one.request("nothing", 1, 0, 1)).rejects.toMatchObject({
      code: "transport-refused",
      message: expect.stringContaining("there is no such kind"),
    });
    expect(events).toContainEqual({
      type: "refused",
      why: expect.stringMatching(/^party 1 of .*: there is no such kind$/),
    });
  });

  test("reveals no secret in its reports about parties", async () => {
    const { server, events } = await serve();
    const { members: both } = await pair(server.address);
    expect(events.map(({ type }) => type)).toEqual(["waiting", "paired"]);
    const shown = inspect(events, { depth: Infinity, maxArrayLength: Infinity, showHidden: true });
    const told = shown.replace(/\s/g, "");
    expect(told).toContain("session:Uint8Array(32)");
    for (const { secret } of both) expect(told).not.toContain([...secret].join(","));
  });

  test("listens beyond this machine only with keys or with insecurePlaintext", () => {
    const address = parseAddress("tcp://0.0.0.0:*", "bind", true);
    const deal = () => inOneStep(() => new Uint8Array(1), 1);
    expect(() => new DealerServer({ address, deal })).toThrow("spdzlab keygen --party dealer");
    expect(() => new DealerServer({ address, deal, insecurePlaintext: true })).not.toThrow();
    const admitted = [partyKeys[0]!.publicKey, partyKeys[0]!.publicKey];
    expect(() => new DealerServer({ address, deal, identity: { keys: dealerKeys, admitted } })).toThrow(
      "at least two",
    );
  });
});

describe("a dealer under attack", () => {
  const request: Order = { type: "request", id: 1, kind: "triple", count: 10, start: 0 };

  test("accepts an order only from its party, over its connection, and once", async () => {
    const { server, seen } = await serve();
    const both = members();
    const [zero, one] = both.map((member) => raw(server.address, member));
    await Promise.all([zero!.next("welcome"), one!.next("welcome")]);
    const sealed = one!.seal(request);
    // Party 0 has what party 1 said, and says it on its own connection.
    zero!.sendBytes(sealed.map((part) => part.slice()));
    expect(await zero!.next("refusal")).toMatchObject({ text: expect.stringContaining("seal") });
    expect(seen).toEqual([]);
    const again = raw(server.address, both[0]);
    await again.next("welcome");
    // It is good where it belongs.
    one!.sendBytes(sealed.map((part) => part.slice()));
    await one!.has(1);
    one!.sendBytes(sealed);
    expect(await one!.next("refusal")).toMatchObject({ text: expect.stringContaining("seal") });
    expect(seen).toEqual(["triple 0"]);
    // Nor is it on party 1's own next connection.
    const later = raw(server.address, both[1]);
    await later.next("welcome");
    later.sendBytes(sealed.map((part) => part.slice()));
    expect(await later.next("refusal")).toMatchObject({ text: expect.stringContaining("seal") });
  });

  test("sends nothing of party 1's to a client that takes its routing id after a crash", async () => {
    const { server, events, seen } = await serve();
    const both = members();
    const routingId = Buffer.from("0123456789abcdef");
    const zero = raw(server.address, both[0]);
    const one = raw(server.address, both[1], partyKeys[1], both[1].secret, { routingId });
    await Promise.all([zero.next("welcome"), one.next("welcome")]);
    one.send(request);
    await one.has(1);
    const bare = one.seal({ ...request, id: 2 });
    one.close();
    for (let i = 0; i < 5; i++) {
      const thief = raw(server.address, both[0], partyKeys[0], both[0].secret, { routingId, greets: false });
      thief.sendBytes(bare.map((part) => part.slice()));
      await sleep(100);
      expect(thief.chunks).toBe(0);
      thief.close();
    }
    await until(() => events.some(({ type }) => type === "party left"));
    expect(seen).toEqual(["triple 0"]);
  });

  test("bounds the bytes it holds for a party that reads nothing, and closes its connection", async () => {
    const { server, events, seen } = await serve({ identity: undefined, stallMs: 500, absentMs: 1000 });
    const both = members();
    const [zero, one] = both.map((member) => raw(server.address, member, "plain"));
    await Promise.all([zero!.next("welcome"), one!.next("welcome")]);
    const beats = setInterval(() => one!.send({ type: "beat" }), 100);
    open.push(() => clearInterval(beats));
    for (let id = 1; id <= 60; id++) one!.send({ ...request, id, count: MAX_CHUNK_BYTES });
    await until(() => events.some((event) => event.type === "refused" && event.why.includes("no answers")));
    expect(seen.length).toBeLessThanOrEqual(17);
    clearInterval(beats);
  });

  test("makes no more for a party that acknowledges chunks it never read", async () => {
    const { server, seen } = await serve({ identity: undefined });
    const both = members();
    const zero = raw(server.address, both[0], "plain");
    const one = raw(server.address, both[1], "plain", both[1].secret, { reads: false });
    await Promise.all([zero.next("welcome"), one.next("welcome")]);
    for (let id = 1; id <= 60; id++) one.send({ ...request, id, count: MAX_CHUNK_BYTES });
    for (let round = 1; round <= 3; round++) {
      await sleep(200);
      one.send({ type: "credit", chunks: 16 * round, receipt: 0 });
    }
    await sleep(300);
    expect(seen.length).toBeLessThanOrEqual(17);
  });

  test("answers one pair while it deals something large for another", async () => {
    const thread = new DealingThread();
    open.push(() => thread.close());
    const { server } = await serve({ deal: thread.deal });
    const [busy, quiet] = [
      await pair(server.address, partyKeys.slice(0, 2)),
      await pair(server.address, partyKeys.slice(2, 4)),
    ];
    await quiet.one.request("triple", 100, 0, 6400);
    let done = false;
    const large = busy.one.request("product 0 1 1500 1500 1500 2", 1, 0, 1500 * 1500 * 32).then(() => {
      done = true;
    });
    await sleep(100);
    for (let i = 1; i <= 3; i++) await quiet.one.request("triple", 100, 100 * i, 6400);
    // Three to be served between, of more than a hundred steps.
    expect(done).toBe(false);
    await large;
  });

  test("accepts a party however many connections stay silent", async () => {
    const { server } = await serve();
    const port = Number(server.address.split(":").at(-1));
    const idle = Array.from({ length: 300 }, () => {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      open.push(() => socket.destroy());
      return socket.resume();
    });
    await sleep(500);
    const { one } = await pair(server.address);
    expect(await one.request("triple", 5, 0, 5)).toHaveLength(5);
    // The oldest of the silent connections was closed.
    await until(() => idle.filter(({ closed }) => !closed).length <= 64);
  });

  test.each(["that said hello", "without a hello"])(
    "closes a connection %s that sends an endless message",
    async (who) => {
      const { server, events } = await serve({ identity: undefined });
      const [, port] = /:(\d+)$/.exec(server.address)!;
      const hello = encode(createHello(members()[0]))[0]!;
      const sent = await endlessMessage(Number(port), who === "that did not" ? [] : [hello]);
      expect(sent).toBeLessThan(2 ** 24);
      expect(events.map(({ type }) => type)).toEqual(who === "that did not" ? [] : ["waiting", "both left"]);
      const { one } = await plainPair(server.address);
      expect(await one.request("triple", 5, 0, 5)).toHaveLength(5);
    },
  );
});

/** Speaks ZeroMQ by hand, as a DEALER without encryption, and sends parts until the connection ends; gives the bytes. */
async function endlessMessage(port: number, first: readonly Uint8Array[]): Promise<number> {
  const socket = connect(port, "127.0.0.1")
    .on("error", () => undefined)
    .resume();
  open.push(() => socket.destroy());
  const greeting = Buffer.alloc(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]);
  greeting.write("NULL", 12);
  socket.write(greeting);
  const property = (name: string, value: string) =>
    Buffer.concat([
      Buffer.from([name.length]),
      Buffer.from(name),
      Buffer.from([0, 0, 0, value.length]),
      Buffer.from(value),
    ]);
  const ready = Buffer.concat([Buffer.from([5]), Buffer.from("READY"), property("Socket-Type", "DEALER")]);
  await sleep(200);
  socket.write(Buffer.concat([Buffer.from([4, ready.length]), ready]));
  await sleep(200);
  for (const each of first) socket.write(Buffer.concat([Buffer.from([0, each.length]), each]));
  await sleep(200);
  const part = Buffer.alloc(200, 1);
  part.set([1, 198]);
  const many = Buffer.concat(Array.from({ length: 300 }, () => part));
  let sent = 0;
  const started = performance.now();
  while (!socket.closed && performance.now() - started < 30_000) {
    if (socket.write(many)) sent += many.length;
    await sleep(5);
  }
  expect(socket.closed).toBe(true);
  return sent;
}

describe("a dealer that is gone", () => {
  const portOf = (address: string) => address.split(":").at(-1)!;

  test("is waited for with a notice, and answers requests as before when it returns", async () => {
    const first = await serve();
    const { address } = first.server;
    const waits: string[] = [];
    const onWait = (what: string) => {
      waits.push(what);
      return () => waits.push(`no longer ${what}`);
    };
    const { one, zero } = await pair(address, partyKeys, { onWait });
    const before = await one.request("triple", 100, 0, 100);
    await first.server.close();
    waits.length = 0;
    const later = [
      one.request("triple", 100, 0, 100),
      one.request("square", 2 ** 22, 7, 2 ** 22),
      zero.present(),
    ] as const;
    await until(() => waits.length > 0);
    expect(waits[0]).toBe("to come back");
    await serve({ port: portOf(address) });
    const [again, more] = await Promise.all(later);
    expect(again).toEqual(before);
    expect(more.length).toBe(2 ** 22);
    expect(waits.at(-1)).toMatch(/^no longer/);
  });

  test("is an error after the time limit, which says who, where and what to do", async () => {
    const { server } = await serve();
    const { one, zero } = await pair(server.address, partyKeys, { resumeMs: 500 });
    await server.close();
    // Until it notices this, it assumes that the dealer runs.
    const asked = one.request("triple", 1, 0, 1);
    const failures = await Promise.all(
      [asked, asked.catch(() => zero.present())].map((waiting) => waiting.catch((error: unknown) => error)),
    );
    for (const error of failures as TransportError[]) {
      expect(error.code).toBe("transport-timeout");
      expect(error.message).toContain(
        `the dealer at ${server.address} was lost and did not come back within 0.5 s`,
      );
      expect(error.message).toContain("spdzlab dealer");
    }
    await expect(one.request("triple", 1, 0, 1)).rejects.toThrow("was lost");
  });

  test("goes unnoticed while no party needs it", async () => {
    const { server } = await serve();
    const { zero, one } = await pair(server.address, partyKeys, { resumeMs: 3000 });
    await server.close();
    await sleep(3500);
    await serve({ port: portOf(server.address) });
    await Promise.all([zero.present(), one.present()]);
    expect(await one.request("triple", 5, 0, 5)).toHaveLength(5);
  });

  test("is an error if it was never there", async () => {
    const client = join(members()[1], "tcp://127.0.0.1:9", { timeoutMs: 300 });
    await expect(client.present()).rejects.toThrow(
      "the dealer at tcp://127.0.0.1:9 did not answer within 0.3 s",
    );
  });

  test("is not the error if it runs and the other party is missing", async () => {
    const { server } = await serve();
    const client = join(members()[1], server.address, { timeoutMs: 1500 });
    await expect(client.present()).rejects.toThrow(
      /party 0 did not connect to the dealer at .* name the same dealer/,
    );
  });
});

describe("a party", () => {
  /** A dealer that says what it likes, after a welcome. */
  async function liar(...messages: Uint8Array[][]) {
    const router = new Router({ linger: 0 });
    router.bindSync("tcp://127.0.0.1:*");
    open.push(() => router.close());
    void (async () => {
      for await (const [route, ...parts] of router) {
        if (parts[0]![3] === 1)
          await router.send([
            route!,
            ...encode({ type: "welcome", paired: true, connection: new Uint8Array(16) }),
          ]);
        if (parts[0]![3] === 3) for (const message of messages) await router.send([route!, ...message]);
      }
    })().catch(() => undefined);
    const client = new DealerClient(members()[1], {
      address: parseAddress(router.lastEndpoint!, "dealer", false),
      timing: { timeoutMs: 60_000, resumeMs: 60_000, silenceMs: 3000 },
    });
    client.open();
    open.push(() => client.abort(new Error("the test is over")));
    return client;
  }
  const chunk = { type: "chunk", id: 1, total: 8, offset: 0, receipt: 1, body: new Uint8Array(8) } as const;
  const wrong: [string, Uint8Array[]][] = [
    ["bytes that are no message", [new Uint8Array(64)]],
    ["corrections of another length", encode({ ...chunk, total: 16 })],
    ["corrections of another request", encode({ ...chunk, id: 2 })],
    ["a chunk that leaves a gap", encode({ ...chunk, offset: 4, body: new Uint8Array(4) })],
  ];
  test.each(wrong)("calls %s malformed", async (_, message) => {
    const client = await liar(message);
    await expect(client.request("triple", 1, 0, 8)).rejects.toMatchObject({
      code: "transport-malformed",
      message: expect.stringContaining("the dealer"),
    });
  });

  test("reports a dealer of another version", async () => {
    const message = encode({ type: "goodbye" });
    message[0]![2] = 3;
    const client = await liar(message);
    await expect(client.request("triple", 1, 0, 8)).rejects.toMatchObject({ code: "transport-mismatch" });
  });
});

describe("a party's connection", () => {
  /** A proxy before the dealer, which does harm to the first connections. */
  async function proxied(address: string, harm: (inner: Socket, outer: Socket, count: number) => void) {
    const port = Number(address.split(":").at(-1));
    let count = 0;
    const proxy = createServer((inner) => {
      const outer = connect(port, "127.0.0.1");
      for (const each of [inner, outer]) each.on("error", () => undefined);
      inner.pipe(outer);
      inner.on("close", () => outer.destroy());
      outer.on("close", () => inner.destroy());
      harm(inner, outer, ++count);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    open.push(() => proxy.close());
    return `tcp://127.0.0.1:${(proxy.address() as { port: number }).port}`;
  }

  test("reconnects after bytes that are invalid to ZeroMQ, at the beginning and later", async () => {
    const { server } = await serve();
    let cut: (() => void) | undefined;
    const address = await proxied(server.address, (inner, outer, count) => {
      if (count === 1) {
        // No greeting at all.
        inner.write(Buffer.alloc(64, 0x55));
        return;
      }
      if (count === 2) {
        // A greeting, and then a damaged handshake.
        outer.once("data", (bytes) => {
          inner.write(bytes);
          inner.write(Buffer.alloc(300, 0x33));
        });
        return;
      }
      outer.pipe(inner);
      if (count === 3) cut = () => inner.write(Buffer.alloc(100, 0xff));
    });
    const both = members();
    const zero = join(both[0], server.address);
    const one = join(both[1], address);
    await Promise.all([zero.present(), one.present()]);
    const before = await one.request("triple", 10, 0, 10);
    cut!();
    await sleep(100);
    expect(await one.request("triple", 10, 0, 10)).toEqual(before);
  });
});

/** A party's socket that says what it likes, after a hello. */
function raw(
  address: string,
  member: Membership,
  keys: Keys | "plain" = partyKeys[member.party]!,
  secret = member.secret,
  { greets = true, reads = true, routingId }: { greets?: boolean; reads?: boolean; routingId?: Buffer } = {},
) {
  const own = keys === "plain" ? undefined : keys;
  let sealer: Sealer | undefined;
  const socket = new Dealer({
    linger: 0,
    ...(!reads && { receiveHighWaterMark: 1 }),
    ...(routingId && { routingId: routingId.toString() }),
    ...(own && {
      curveServerKey: dealerKeys.publicKey,
      curvePublicKey: own.publicKey,
      curveSecretKey: own.revealSecretKey(),
    }),
  });
  open.push(() => socket.close());
  socket.connect(address);
  const heard: FromDealer[] = [];
  const outbox = new SocketOutbox(socket);
  const party = {
    chunks: 0,
    receipts: [] as number[],
    sendBytes: (bytes: Uint8Array[]) => outbox.push(bytes),
    hello: () => outbox.push(encode({ ...hello, secret })),
    /** Seals and sends, once there was a welcome. */
    send: (order: Order) => outbox.push(sealer!.seal(order)),
    /** The bytes of a send, without sending them. */
    seal: (order: Order) => sealer!.seal(order),
    async next(type: FromDealer["type"]): Promise<FromDealer> {
      await until(() => heard.some((each) => each.type === type));
      return heard.splice(
        heard.findIndex((each) => each.type === type),
        1,
      )[0]!;
    },
    close: () => socket.close(),
    has: (chunks: number) => until(() => party.chunks >= chunks),
  };
  const hello = createHello(member, own && { own, dealer: dealerKeys.publicKey });
  if (greets) party.hello();
  void (async () => {
    for (;;) {
      const message = decodeFromDealer(await socket.receive());
      if (message.type === "welcome")
        sealer ??= new Sealer(sealKey(member.secret, sessionOfMember(member), message.connection));
      if (message.type === "chunk") {
        party.chunks++;
        party.receipts.push(message.receipt);
        if (!reads) return;
      } else heard.push(message);
    }
  })().catch(() => undefined);
  return party;
}
