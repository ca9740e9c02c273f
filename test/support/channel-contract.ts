import { afterEach, describe, expect, test } from "vitest";
import type { Channel, Frame, Settings } from "../../lib/channel/channel";
import type { SpdzError } from "../../lib/errors";
import { TransportError } from "../../lib/errors";

/** Make both ends of a link; they may not be connected yet. */
export type MakePair = (settings0?: Settings, settings1?: Settings) => Promise<[Channel, Channel]>;

/** Collects a channel's events so that a test can await them. */
export class Inbox {
  readonly frames: Frame[] = [];
  readonly closed: Promise<SpdzError | undefined>;
  /** Resolves when the channel first reports a lost connection. */
  readonly lost: Promise<void>;
  #waiters: { count: number; resolve(): void }[] = [];

  constructor(channel: Channel) {
    let tell!: (error: SpdzError | undefined) => void;
    let tellLost!: () => void;
    this.lost = new Promise((resolve) => {
      tellLost = resolve;
    });
    this.closed = new Promise((resolve) => {
      tell = resolve;
    });
    channel.listen({
      frame: (frame) => {
        this.frames.push(frame);
        const ready = this.#waiters.filter(({ count }) => count <= this.frames.length);
        this.#waiters = this.#waiters.filter(({ count }) => count > this.frames.length);
        for (const waiter of ready) waiter.resolve();
      },
      connection: (state) => {
        if (state === "lost") tellLost();
      },
      closed: (error) => tell(error),
    });
  }

  async take(count: number): Promise<Frame[]> {
    await new Promise<void>((resolve) => {
      if (this.frames.length >= count) resolve();
      else this.#waiters.push({ count, resolve });
    });
    return this.frames.slice(0, count);
  }
}

export function frameOf(
  operation: number,
  payload: Uint8Array = new Uint8Array(0),
  fields: Partial<Frame> = {},
): Frame {
  return { stream: "online", operation, step: 0, digest: new Uint8Array(16).fill(7), payload, ...fields };
}

/** Return the same numbers in every run. */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The behaviour that every channel must have, over any transport. */
export function channelContract(name: string, makePair: MakePair): void {
  describe(name, () => {
    const open: Channel[] = [];

    async function pair(settings0?: Settings, settings1?: Settings): Promise<[Channel, Channel]> {
      const channels = await makePair(settings0, settings1);
      open.push(...channels);
      return channels;
    }

    afterEach(async () => {
      await Promise.all(open.splice(0).map((channel) => channel.close()));
    });

    test("connects and carries frames both ways, whole and in order", async () => {
      const [a, b] = await pair({ ring: "64" });
      expect([a.party, b.party]).toEqual([0, 1]);
      const [inA, inB] = [new Inbox(a), new Inbox(b)];
      // Frames may be sent before the peer has connected.
      for (let i = 0; i < 50; i++) {
        a.send(frameOf(i, Uint8Array.of(1, i), { step: i }));
        b.send(frameOf(2 ** 48 - 1 - i, Uint8Array.of(2, i)));
      }
      await Promise.all([a.connected, b.connected]);
      const atB = await inB.take(50);
      const atA = await inA.take(50);
      expect(atB.map((f) => [f.operation, f.step, ...f.payload])).toEqual(
        Array.from({ length: 50 }, (_, i) => [i, i, 1, i]),
      );
      expect(atA.map((f) => [f.operation, ...f.payload])).toEqual(
        Array.from({ length: 50 }, (_, i) => [2 ** 48 - 1 - i, 2, i]),
      );
      expect([...atB[0]!.digest]).toEqual(Array(16).fill(7));
    });

    test("carries payloads of every size, bit for bit", async () => {
      const [a, b] = await pair();
      const inB = new Inbox(b);
      const sizes = [0, 1, 63, 64, 4007, 4008, 4009, 65_536, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3_000_000];
      const payloads = sizes.map((size) =>
        Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 9)) & 255),
      );
      const copies = payloads.map((payload) => payload.slice());
      for (const [i, payload] of payloads.entries()) a.send(frameOf(i, payload));
      const frames = await inB.take(sizes.length);
      for (const [i, copy] of copies.entries()) {
        expect(Buffer.compare(frames[i]!.payload, copy), `payload of ${sizes[i]} bytes`).toBe(0);
      }
    });

    test("keeps frames that arrive before there is a listener", async () => {
      const [a, b] = await pair();
      const inA = new Inbox(a);
      a.send(frameOf(1));
      b.send(frameOf(2));
      await inA.take(1);
      const inB = new Inbox(b);
      expect((await inB.take(1))[0]!.operation).toBe(1);
    });

    test("keeps the order within each stream", async () => {
      const [a, b] = await pair();
      const inB = new Inbox(b);
      for (let i = 0; i < 40; i++) {
        a.send(frameOf(i, new Uint8Array(1000), { stream: i % 3 ? "background" : "online" }));
      }
      const frames = await inB.take(40);
      for (const stream of ["online", "background"] as const) {
        const order = frames.filter((f) => f.stream === stream).map((f) => f.operation);
        expect(order).toEqual([...order].sort((x, y) => x - y));
      }
    });

    test("drained resolves, and traffic counts what was sent", async () => {
      const [a, b] = await pair();
      const inB = new Inbox(b);
      await a.connected;
      a.send(frameOf(0, new Uint8Array(3_000_000)));
      await a.drained();
      await inB.take(1);
      expect(a.traffic.bytesSent).toBeGreaterThan(3_000_000);
      expect(b.traffic.bytesReceived).toBeGreaterThan(3_000_000);
      expect(a.traffic.messagesSent).toBeGreaterThan(0);
      expect(b.traffic.messagesReceived).toBeGreaterThan(0);
    });

    test("a close is reported to both sides, and later sends do nothing", async () => {
      const [a, b] = await pair();
      const [inA, inB] = [new Inbox(a), new Inbox(b)];
      a.send(frameOf(0));
      await inB.take(1);
      a.send(frameOf(1, new Uint8Array(2_000_000)));
      await a.close();
      expect(await inA.closed).toBeUndefined();
      const error = await inB.closed;
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ reason: "closed", message: "the other party closed its interface" });
      // Messages queued before the close arrived first.
      expect(inB.frames.map((f) => f.operation)).toEqual([0, 1]);
      a.send(frameOf(2));
      b.send(frameOf(2));
      await b.drained();
      await b.close();
      await b.close();
      expect(() => new Inbox(b)).toThrow(TypeError);
    });

    test("both sides are told which settings differ, by name and value", async () => {
      const [a, b] = await pair({ precision: "16", ring: "64" }, { precision: "20", ring: "64" });
      const errors = await Promise.all(
        [a, b].map((c) =>
          c.connected.then(
            () => undefined,
            (e: Error) => e,
          ),
        ),
      );
      expect(errors[0]).toMatchObject({ code: "transport-mismatch" });
      expect(errors[0]?.message).toContain('"precision": it is "16" here and "20" at the other party');
      expect(errors[1]).toMatchObject({ code: "transport-mismatch" });
      expect(errors[1]?.message).toContain('"precision": it is "20" here and "16" at the other party');
      expect(await new Inbox(a).closed).toBe(errors[0]);
    });

    test("a setting that only one side has is a difference", async () => {
      const [a, b] = await pair({ ring: "64" }, { ring: "64", dealer: "yes" });
      await expect(a.connected).rejects.toThrow('"dealer": it is not set here and "yes" at the other party');
      await expect(b.connected).rejects.toThrow('"dealer": it is "yes" here and not set at the other party');
    });

    test("refuses invalid frames before anything is sent", async () => {
      const [a] = await pair();
      expect(() => a.send(frameOf(-1))).toThrow(RangeError);
      expect(() => a.send(frameOf(2 ** 48))).toThrow(RangeError);
      expect(() => a.send(frameOf(0, undefined, { step: 65_536 }))).toThrow(RangeError);
      expect(() => a.send(frameOf(0, undefined, { digest: new Uint8Array(15) }))).toThrow(RangeError);
      expect(() => a.send(frameOf(0, [] as unknown as Uint8Array))).toThrow(TypeError);
      expect(() => a.send(frameOf(0, undefined, { stream: "other" as "online" }))).toThrow(RangeError);
    });

    test("closing before the peer has connected rejects `connected`", async () => {
      const [a, b] = await pair();
      await Promise.all([a.close(), b.close()]);
      await expect(a.connected).rejects.toMatchObject({ code: "transport-closed" });
    });
  });
}
