import { afterEach, describe, expect, test } from "vitest";
import { createLinkPair, endLink, runBoth, type Tap } from "../../../test/support/links";
import { SpdzError, TransportError } from "../../errors";
import { type RingVector, ring64 } from "../../ring";
import type { Kind } from "../kinds/kinds";
import { toWords } from "../kinds/raw";
import type { Producer } from "../producer";
import { LocalProducer } from "../producers/local-producer";
import { WorkerProducer } from "../producers/worker-producer";
import { semiHonestProduction } from "./production";

const over = new SpdzError("closed", "over");
const started: Producer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((producer) => producer.destroy(over)));
});

/** Both parties' producers, set up over one link. */
async function start(create: () => Producer, tap?: Tap) {
  const producers = [create(), create()] as const;
  started.push(...producers);
  const links = createLinkPair(tap);
  const setUps = await runBoth(
    links,
    (link) => producers[0].setUp(link),
    (link) => producers[1].setUp(link),
  );
  const make = (kind: Kind, count: number, at = 0) =>
    runBoth(
      links,
      () => producers[0].make(kind, count, at),
      () => producers[1].make(kind, count, at),
    );
  return { producers, links, setUps, make };
}

describe.each([
  ["in this thread", () => new LocalProducer(semiHonestProduction())],
  ["in a thread of its own", () => new WorkerProducer("semi-honest")],
] as const)("semi-honest correlated randomness made %s", (_, create) => {
  test("is correct, without MACs, batch after batch", async () => {
    const { producers, setUps, make } = await start(create);
    expect(setUps.map(({ alpha }) => alpha)).toEqual([0n, 0n]);
    expect(setUps[0].identity.session).toEqual(setUps[1].identity.session);
    for (const { layout, capabilities } of producers) {
      expect(layout).toEqual({ value: 8, mac: 0 });
      expect(capabilities).toEqual({ truncation: "wrap", comparison: "carry", matrices: false });
    }
    for (let batch = 0; batch < 3; batch++) {
      const [mine, theirs] = await make("triple", 100, 100 * batch);
      const sums = mine.map((field, i) => ring64.add(toWords(field), toWords(theirs[i]!)));
      const [a, b, c] = sums as [RingVector, RingVector, RingVector];
      expect(ring64.equals(ring64.mul(a, b), c)).toBe(true);
    }
    const [p, q] = await make("wrap", 100);
    const product = ring64.mul(toWords(p[0]!), toWords(q[0]!));
    expect(ring64.equals(product, ring64.add(toWords(p[1]!), toWords(q[1]!)))).toBe(true);
  });

  test("stops when the connection is gone", async () => {
    const { producers, links } = await start(create);
    const made = producers[0].make("triple", 5000, 0);
    endLink(links[0]);
    const error = await made.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransportError);
    expect((error as TransportError).reason).toBe("closed");
  });

  test("is not made from messages that are too short", async () => {
    let cut = false;
    const { make } = await start(create, (message) => {
      if (cut && message.from === 1 && message.payload.length > 1000)
        message.payload = message.payload.subarray(1);
    });
    cut = true;
    await expect(make("triple", 64)).rejects.toMatchObject({ code: "transport-malformed" });
  });

  test("stops when its session ends", async () => {
    const { producers, make } = await start(create);
    const made = make("triple", 20_000);
    const failed = expect(made).rejects.toBe(over);
    await Promise.all(producers.map((producer) => producer.destroy(over)));
    await failed;
    await expect(producers[0].make("triple", 32, 0)).rejects.toBe(over);
  });

  test("makes only its own kinds", () => {
    const producer = create();
    started.push(producer);
    expect(producer.batch("triple")).toMatchObject({ least: 32, most: 32_768 });
    expect(() => producer.batch("bits")).toThrow(TypeError);
  });
});
