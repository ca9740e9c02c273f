import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Dealer } from "zeromq";
import { readDealerKey, readKeys } from "../../lib/channel/keys/keys";
import { checksum } from "../../lib/channel/link/checksum";
import { freePort } from "../support/free-port";
import { endAll, folder, type Keyring, makeKeys, type Program, startDealer, startParty } from "./processes";

const sockets: Dealer[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await endAll();
});

async function startPair(keyring: Keyring, dealer: string, encrypted = true): Promise<[Program, Program]> {
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const all = { bind: address, peer: address, preprocessing: "dealer", dealer, encrypted };
  const pair = ([0, 1] as const).map((party) => startParty(party, keyring.parties[party], all));
  await Promise.all(pair.map((party) => party.match(/^ready$/m)));
  return pair as [Program, Program];
}

async function multiply(pair: readonly Program[], count: number, value: number): Promise<unknown[]> {
  for (const party of pair) party.say(`multiply ${count} ${value}`);
  return Promise.all(pair.map(async (party) => JSON.parse((await party.match(/^\[.*\]$/m))[0])));
}

/** A client with a party's keys, or none, and a routing id, or none. */
function client(address: string, config?: string, routingId?: Buffer): Dealer {
  const keys = config === undefined ? undefined : readKeys(config)!;
  const socket = new Dealer({
    ...{ linger: 0, immediate: true },
    ...(routingId && { routingId: routingId as unknown as string }),
    ...(keys && {
      curveServerKey: readDealerKey(config)!,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.revealSecretKey(),
    }),
  });
  socket.connect(address);
  sockets.push(socket);
  return socket;
}

/** The automatic routing ids of a ROUTER of libzmq 4.3.5, the first or the second of its process. */
const automatic = [0xe43c9869, 0x6b8b4567].flatMap((first) =>
  Array.from({ length: 8 }, (_, n) => {
    const id = Buffer.alloc(5);
    id.writeUInt32BE((first + n) >>> 0, 1);
    return id;
  }),
);

/** A request for corrections as it was before requests were sealed, and in today's version without a seal that fits. */
function requests(kind: string, count: number, start: number): Buffer[] {
  return [1, 2].map((version) => {
    const head = Buffer.alloc(24 + kind.length + (version === 2 ? 24 : 0));
    head.writeUInt16LE(0x4453, 0);
    head.set([version, 3], 2);
    head.writeUInt32LE(1, 8);
    head.writeUInt32LE(count, 12);
    head.writeUIntLE(start, 16, 6);
    head.write(kind, 24);
    head.writeUInt32LE(checksum(head), 4);
    return head;
  });
}

describe("party 0, when party 1 has crashed", () => {
  test("cannot take its place at the dealer and receive its corrections", async () => {
    const keyring = makeKeys();
    const dealer = await startDealer(keyring.dealer);
    const pair = await startPair(keyring, dealer.address);
    expect(await multiply(pair, 100, 3)).toEqual([["36"], ["36"]]);
    const stolen: Buffer[] = [];
    const attempts = (async () => {
      for (let round = 0; round < 60 && stolen.length === 0; round++) {
        for (const id of automatic.slice(0, 8)) {
          const socket = client(dealer.address, keyring.parties[0], id);
          const ask = async () => {
            for (const request of requests("triple", 1024, 0)) await socket.send(request);
          };
          socket.events.on("handshake", () => void ask().catch(() => undefined));
          void (async () => {
            for await (const [head] of socket) if (head![3] === 4) stolen.push(head!);
          })().catch(() => undefined);
          setTimeout(() => socket.close(), 200);
        }
        await sleep(30);
      }
    })();
    await sleep(400);
    pair[1].process.kill("SIGKILL");
    await attempts;
    await sleep(300);
    expect(stolen).toEqual([]);
    expect(dealer.process.exitCode).toBeNull();
  });
});

describe("the dealer's process", () => {
  /** The process with the sockets. */
  const childOf = (dealer: Program) => {
    const { pid } = dealer.process;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
  };

  test("is not ended by clients that take the next automatic routing ids", async () => {
    const dealer = await startDealer(folder());
    for (const id of automatic) client(dealer.address, undefined, id);
    await sleep(300);
    for (let i = 0; i < 16; i++) client(dealer.address);
    await sleep(700);
    expect(dealer.process.exitCode).toBeNull();
    expect(dealer.process.signalCode).toBeNull();
    expect(dealer.text).not.toContain("started again");
    const nobody: Keyring = { dealer: "", parties: [folder(), folder()], lines: ["", ""] };
    const pair = await startPair(nobody, dealer.address, false);
    expect(await multiply(pair, 100, 3)).toEqual([["36"], ["36"]]);
  });

  test.each(["SIGABRT", "SIGKILL"] as const)(
    "with the sockets is restarted after %s, and the parties wait and continue",
    async (signal) => {
      const keyring = makeKeys();
      const dealer = await startDealer(keyring.dealer);
      const pair = await startPair(keyring, dealer.address);
      expect(await multiply(pair, 100, 3)).toEqual([["36"], ["36"]]);
      const answers = multiply(pair, 300_000, 4);
      await sleep(50);
      process.kill(childOf(dealer), signal);
      expect(await answers).toEqual([["64"], ["64"]]);
      expect(dealer.text).toContain(`ended (${signal}) and is started again`);
      process.kill(childOf(dealer), signal);
      expect(await multiply(pair, 100_000, 5)).toEqual([["100"], ["100"]]);
      expect(dealer.process.exitCode).toBeNull();
      // It leaves nobody behind.
      const child = childOf(dealer);
      dealer.process.kill("SIGTERM");
      expect(await dealer.exited).toBe(0);
      expect(() => process.kill(child, 0)).toThrow("ESRCH");
    },
  );

  test("with the sockets ends when the other process ends, however that happens", async () => {
    const dealer = await startDealer(folder());
    await sleep(300);
    const child = childOf(dealer);
    dealer.process.kill("SIGKILL");
    await dealer.exited;
    for (let i = 0; i < 100; i++) {
      try {
        process.kill(child, 0);
      } catch {
        return;
      }
      await sleep(20);
    }
    throw new Error("it goes on alone");
  });
});
