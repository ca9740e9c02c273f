import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKeys, savePeerKey, saveWorkersKey } from "../../lib/channel/keys/keys";
import { createMemoryPair } from "../../lib/channel/memory/memory-channel";
import { FactoryProducer } from "../../lib/preprocessing/factory/notebook/factory-producer";
import { FactoryWorker } from "../../lib/preprocessing/factory/worker/worker";
import type { Kind } from "../../lib/preprocessing/kinds/kinds";
import type { RawVector } from "../../lib/preprocessing/kinds/raw";
import { LocalProducer } from "../../lib/preprocessing/producers/local-producer";
import { semiHonestProduction } from "../../lib/preprocessing/semi-honest/production";
import "../../lib/autograd/input";
import "../../lib/ops/methods";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { setHost } from "../../lib/session/host/host";
import { createLinkPair } from "../support/links";
import { bringNats, Nats, natsServer } from "../support/nats";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(what: string, done: () => boolean, ms = 30_000): Promise<void> {
  const end = performance.now() + ms;
  while (!done()) {
    if (performance.now() > end) throw new Error(`it takes too long until ${what}`);
    await pause(20);
  }
}

const words = ({ values }: RawVector) => new BigUint64Array(values.slice().buffer);
/** Enough for workers. */
const TRIPLES = 6000;
/** They take two chunks. */
const LARGE = 41_000;

describe.skipIf(natsServer === undefined)(`a factory${bringNats}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "spdzlab-factory-"));
  const keysOf = (name: string) => createKeys(join(folder, "keys", name));
  const notebooks = [keysOf("notebook-0"), keysOf("notebook-1")] as const;
  const fleets = [keysOf("workers-0"), keysOf("workers-1")] as const;
  const workers: FactoryWorker[] = [];
  const processes: ChildProcess[] = [];
  const events: string[] = [];
  let nats: Nats;
  let eavesdropper: NatsConnection;
  let producers: [FactoryProducer, FactoryProducer];
  let starts: Record<string, number>;
  /** Every word of the first field of triples that either party was given. */
  const seen = [new Set<bigint>(), new Set<bigint>()];

  const addWorker = async (party: 0 | 1) => {
    const worker = new FactoryWorker({
      nats: { url: nats.url },
      identity: { keys: fleets[party], peerKey: notebooks[party].publicKey },
      bind: "127.0.0.1",
      advertise: "127.0.0.1",
      ports: [29_600, 29_699],
      onEvent: (event) => events.push(JSON.stringify(event)),
    });
    await worker.start();
    workers.push(worker);
    return worker;
  };

  /** Make a batch at both parties, check the relation of its items, and that none was there before. */
  const make = async (kind: Kind, count: number) => {
    const start = starts[kind] ?? 0;
    starts[kind] = start + count;
    const [x, y] = await Promise.all(producers.map((producer) => producer.make(kind, count, start)));
    const mine = x!.map(words);
    const theirs = y!.map(words);
    const sum = (field: number, i: number) => BigInt.asUintN(64, mine[field]![i]! + theirs[field]![i]!);
    const step = Math.max(1, Math.floor(count / 500));
    for (let i = 0; i < count; i += step) {
      if (kind === "triple") expect(sum(2, i)).toBe(BigInt.asUintN(64, sum(0, i) * sum(1, i)));
      if (kind === "square") expect(sum(1, i)).toBe(BigInt.asUintN(64, sum(0, i) ** 2n));
      if (kind === "wrap") expect(sum(1, i)).toBe(mine[0]![i]! & theirs[0]![i]!);
    }
    if (kind === "triple")
      for (const [party, fields] of [mine, theirs].entries())
        for (const word of fields[0]!) {
          if (seen[party]!.has(word)) throw new Error("an item was handed out twice");
          seen[party]!.add(word);
        }
    return [x!, y!] as const;
  };
  const status = () => producers[0].status();
  const paired = (pairs: number) =>
    until(`${pairs} pairs are ready`, () => producers.every((producer) => producer.status().pairs === pairs));

  beforeAll(async () => {
    for (const party of [0, 1] as const)
      savePeerKey(notebooks[party].publicKey, join(folder, "keys", `workers-${party}`));
    nats = await Nats.start(join(folder, "nats"));
    eavesdropper = await connect({ servers: nats.url.slice("nats://".length) });
    starts = {};
    const links = createLinkPair();
    const controls = createLinkPair();
    producers = [0, 1].map(
      (party) =>
        new FactoryProducer(new LocalProducer(semiHonestProduction()), {
          nats: { url: nats.url },
          identity: { keys: notebooks[party]!, peerKey: fleets[party]!.publicKey },
        }),
    ) as [FactoryProducer, FactoryProducer];
    await Promise.all(
      producers.map((producer, party) =>
        producer.setUp(links[party]!, undefined, undefined, controls[party]!),
      ),
    );
    await until("NATS is reached", () => producers.every((producer) => producer.status().connected));
  });

  afterAll(async () => {
    await Promise.all(producers.map((producer) => producer.destroy(new Error("over"))));
    await Promise.all(workers.map((worker) => worker.stop()));
    for (const each of processes) each.kill("SIGKILL");
    await eavesdropper?.close();
    await nats?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test("without workers, everything is made by the embedded producer", async () => {
    await make("triple", TRIPLES);
    expect(status()).toMatchObject({ pairs: 0, jobs: 0, embedded: 1 });
  });

  test("makes large batches in workers, and small ones here", async () => {
    await addWorker(0);
    await addWorker(1);
    await paired(1);
    await Promise.all([make("triple", LARGE), make("square", 6000), make("triple", 40)]);
    await make("wrap", 200_000);
    expect(status()).toMatchObject({ jobs: 3, embedded: 2, retries: 0, refused: 0 });
    expect(producers[1].status()).toMatchObject({ jobs: 3, embedded: 2, refused: 0 });
  });

  test("jobs and results that are published again, swapped or altered change nothing", async () => {
    const heard: { subject: string; data: Uint8Array }[] = [];
    const subscription = eavesdropper.subscribe("spdz.>", {
      callback: (_, { subject, data }) => {
        if (!/^spdz\.(jobs|res)\./.test(subject)) return;
        heard.push({ subject, data });
        // At once, beside the original and under the names of other jobs.
        if (heard.length > 60) return;
        eavesdropper.publish(subject, data);
        eavesdropper.publish(subject.replace(/^(spdz\.\w+\.\w+)\.\d+/, "$1.9"), data);
        if (subject.startsWith("spdz.res")) {
          const altered = data.slice();
          altered[100]! ^= 1;
          eavesdropper.publish(subject.replace(/\.[0-9a-f]{32}\./, `.${"7".repeat(32)}.`), altered);
        }
      },
    });
    const before = status().jobs;
    await Promise.all([make("triple", TRIPLES), make("triple", TRIPLES)]);
    // Everything once more, when the jobs are long over: workers make the jobs again, for nobody.
    const again = heard.slice(0, 20);
    await pause(200);
    for (const { subject, data } of again) eavesdropper.publish(subject, data);
    await Promise.all([make("triple", TRIPLES), make("square", 6000)]);
    subscription.unsubscribe();
    expect(status().jobs).toBe(before + 4);
    for (const producer of producers) expect(producer.status().refused).toBeGreaterThan(0);
    // More jobs were made than asked for, by the same pair, and no item came twice (see make).
    await until("a job was made again", () => workers[0]!.counters.jobs > before + 4);
    await make("triple", TRIPLES);
  });

  test("workers that leave, or are killed in the middle of a job, cost time only", async () => {
    await workers.pop()!.stop();
    await paired(0);
    const args = ["worker", "--nats", nats.url, "--keys", join(folder, "keys", "workers-1")];
    const main = join(__dirname, "../../dist/cli/main.js");
    const killed = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    processes.push(killed);
    let begun = false;
    killed.stdout!.setEncoding("utf8").on("data", (text: string) => {
      events.push(text);
      begun ||= text.includes('"event":"job"');
    });
    await paired(1);
    const made = Promise.all([make("triple", LARGE), make("triple", TRIPLES)]);
    await until("a job is begun", () => begun);
    killed.kill("SIGKILL");
    await addWorker(1);
    await made;
    await paired(1);
    const before = status().jobs;
    await make("triple", TRIPLES);
    expect(status().jobs).toBe(before + 1);
  });

  test("jobs survive a crash of NATS", async () => {
    const made = [make("triple", TRIPLES), make("triple", TRIPLES)];
    await pause(50);
    await nats.kill();
    await pause(300);
    await nats.start();
    await Promise.all(made);
    await paired(1);
    await make("square", 6000);
  });

  test("nothing secret reaches NATS, its files, or the workers' logs", async () => {
    const [x, y] = await make("triple", TRIPLES);
    const secrets = [...x, ...y].map(({ values }) => Buffer.from(values.subarray(0, 16)));
    const files = filesUnder(nats.folder).map((file) => readFileSync(file));
    expect(files.length).toBeGreaterThan(2);
    for (const bytes of [...files, Buffer.from(nats.log), Buffer.from(events.join("\n"))])
      for (const secret of secrets) expect(bytes.indexOf(secret)).toBe(-1);
    for (const keys of [...notebooks, ...fleets])
      expect(`${nats.log}${events.join()}`).not.toContain(keys.revealSecretKey());
  });

  test("serves a session of two notebooks, which show its workers", async () => {
    // The workers are free for another session once this one is over.
    await Promise.all(producers.map((producer) => producer.destroy(new Error("over"))));
    const channels = createMemoryPair({});
    const before = process.env["SPDZ_CONFIG"];
    const open = (party: 0 | 1) => {
      process.env["SPDZ_CONFIG"] = join(folder, "keys", `notebook-${party}`);
      saveWorkersKey(fleets[party].publicKey);
      const channel = () => channels[party];
      return new DistributedInterface(party, { security: "semi-honest", factory: nats.url, channel });
    };
    setHost({ cell: () => undefined, notify: () => {} });
    const ifaces = [open(0), open(1)] as const;
    if (before === undefined) delete process.env["SPDZ_CONFIG"];
    else process.env["SPDZ_CONFIG"] = before;
    const both = <T>(run: (iface: DistributedInterface) => Promise<T>) => Promise.all(ifaces.map(run));
    try {
      await both((iface) => iface.settled());
      await until("a pair is ready", () => ifaces.every((iface) => iface.store().factory?.pairs === 1));
      const shown = await both((iface) => iface.prepare({ triples: TRIPLES }));
      expect(`${shown[0]}`).toMatch(/factory: 1 workers here .* 1 pairs ready.*6,000 items in 1 jobs/s);
      const products = await both(async (iface) => {
        const x = await iface.input(0, () => [1.5, -2, 3]);
        const y = await iface.input(1, () => [4, 0.5, -7]);
        return (await x.mul(y).reveal()).values;
      });
      for (const product of products)
        for (const [i, exact] of [6, -1, -21].entries())
          expect(Math.abs(product[i]! - exact)).toBeLessThanOrEqual(2 ** -15);
    } finally {
      await both((iface) => iface.close());
    }
  });
});

function filesUnder(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]));
}
