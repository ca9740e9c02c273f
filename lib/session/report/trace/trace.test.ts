import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createPair, withPair } from "../../../../test/support/pair";
import { SharedVariable } from "../../../autograd/shared-variable";
import { Variable } from "../../../autograd/variable";
import { ring64 } from "../../../ring";
import { longTensor } from "../../../tensor/long-tensor";
import { jupyterDisplay } from "../../../text/mime";
import type { DistributedInterface } from "../../distributed-interface";
import { setHost } from "../../host/host";
import { Recorder } from "../../lockstep/recorder";
import { MAX_ROWS, rowsOf } from "./rows";
import { Trace } from "./trace";

afterEach(() => setHost(undefined));

/** This party's share of [[1, 2]]. */
function words(party: number): bigint[] {
  const mask = [0x1234_5678_9abc_def0n, 0x0fed_cba9_8765_4321n];
  return party === 0 ? mask : mask.map((word, i) => BigInt(i + 1) * 65536n - word);
}

function secret(iface: DistributedInterface): SharedVariable {
  const own = longTensor(ring64.fromBigInts(words(iface.party)), [1, 2], 16, { isShare: true });
  return new SharedVariable(new Variable(own), iface);
}

/** A recorder of operations with an exchange for each round. */
function record(
  operations: number,
  exchanges: number,
  cellOf: (i: number) => string | undefined = () => undefined,
  kindOf: (i: number) => string = () => "mul",
): Recorder {
  const recorder = new Recorder();
  for (let i = 0; i < operations; i++) {
    const kind = kindOf(i);
    const traced = recorder.begin({ number: i, kind, text: `${kind} [1,2]·[1,2]`, cell: cellOf(i) });
    traced.start(i * exchanges);
    for (let j = 1; j <= exchanges; j++) {
      const message = {
        stream: "online",
        round: i * exchanges + j,
        bytes: 32,
        what: "opens masked factors",
      } as const;
      traced.message({ ...message, direction: "out" });
      traced.message({ ...message, direction: "in" });
    }
    traced.end((i + 1) * exchanges);
  }
  return recorder;
}

/** Check that an SVG image is well-formed, and return its height. */
function heightOf(svg: string): number {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|&#\d+;|[^<&]/gu,
    (whole, closing, tag, _, empty) => {
      if (closing) expect(open.pop()).toBe(tag);
      else if (tag && !empty) open.push(tag);
      return whole === "" ? whole : "";
    },
  );
  expect(rest).toBe("");
  expect(open).toEqual([]);
  return Number(/^<svg[^>]* height="(\d+)"/.exec(svg)![1]);
}

describe("trace", () => {
  it("shows operation, round, bytes and what was opened", async () => {
    const [zero, one] = await withPair(async (iface) => {
      const [x, y] = [secret(iface), secret(iface)];
      await x.mul(y).add(x).reveal();
      return iface.trace();
    });
    for (const trace of [zero, one]) {
      const text = inspect(trace);
      expect(text).toMatch(
        /^Session: 3 operations, \d+ messages, 3 rounds, .* sent, .* received; without messages: add\n/,
      );
      const lines = text.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
      expect(lines).toContain("mul [1,2]·[1,2]");
      expect(lines).toContain("0 <───> 1  round 1  opens masked factors  32 B sent, 32 B received");
      expect(lines).toContain("0 <───> 1  round 2  opens masked product  16 B sent, 16 B received");
      expect(lines).toContain("reveal [1,2]");
      expect(lines).toContain("0 <───> 1  round 3  opens the result  16 B sent, 16 B received");
      expect(lines.some((line) => /^0 ────> 1\s+correlated randomness/.test(line))).toBe(true);
    }
    expect(zero.svg).toContain("opens the result");
    expect(zero.svg).toContain("party 0 (this one)");
    expect(one.svg).toContain("party 1 (this one)");
    expect(one[jupyterDisplay]()).toEqual({ "text/plain": one.toString(), "text/html": one.svg });
  });

  it("shows no secret, no share and no opened value", async () => {
    const traces = await withPair(async (iface) => {
      const x = secret(iface);
      expect((await x.mul(x).reveal()).toArray()).toEqual([[1, 4]]);
      return iface.trace();
    });
    traces.forEach((trace, party) => {
      const shown = `${trace} ${trace.svg} ${inspect(trace, { depth: 9, showHidden: true })} ${JSON.stringify(trace)}`;
      for (const word of words(party)) {
        const bytes = ring64.toBytes(ring64.fromBigInts([word]));
        for (const form of [String(word), word.toString(16), Buffer.from(bytes).toString("hex")])
          expect(shown).not.toContain(form);
      }
    });
  });

  it("counts the messages of sharing with MACs and of making correlated randomness", async () => {
    const options = { security: "malicious", preprocessing: "ot" } as const;
    const [text] = await withPair(async (iface) => {
      const x = secret(iface);
      await x.mul(x).reveal();
      return iface.trace().toString();
    }, options);
    // The check of the product's openings; the check of the result is part of its opening.
    expect(text).toMatch(/MAC check/);
    expect(text).toMatch(/opens the result/);
    expect(text).toMatch(/opened commitment/);
    expect(text).toMatch(/\npreparation +– .*\d [kM]B +–$/m);
  }, 60_000);

  it("takes one cell, the last cell, or all", async () => {
    const pair = createPair();
    let cell = "In [3]";
    setHost({ cell: () => cell, notify: () => {} });
    const both = (run: (iface: DistributedInterface) => unknown) => Promise.all(pair.map(run));
    await both((iface) => secret(iface).mul(3).reveal());
    cell = "In [4]";
    // Made before the operation has ended, read when it is shown.
    const last = pair[0].trace({ cell: "last" });
    await both((iface) => secret(iface).reveal());
    expect(String(last)).toMatch(/^In \[4\]: 1 operation, 2 messages, 1 round, /);
    expect(String(pair[0].trace({ cell: 3 }))).toMatch(/^In \[3\]: 2 operations, /);
    expect(String(pair[0].trace())).toMatch(/^Session: 3 operations, /);
    expect(String(pair[0].trace({ cell: 99 }))).toBe("In [99]: no operation");
    heightOf(pair[0].trace({ cell: 99 }).svg);
    expect(() => pair[0].trace({ cell: 0 })).toThrow(TypeError);
    expect(() => pair[0].trace({ cell: "In [3]" as never })).toThrow(TypeError);
    await both((iface) => iface.close());
  });

  it("escapes names given by the caller", () => {
    const recorder = record(
      1,
      1,
      () => undefined,
      () => '<img src=x onerror=alert(1)>&"',
    );
    const { svg } = new Trace(0, recorder, {});
    expect(svg).not.toContain("<img");
    expect(heightOf(svg)).toBeGreaterThan(50);
  });
});

describe("folding", () => {
  it.each([
    ["5 messages one by one", record(2, 2), 6],
    ["60 operations each in a row", record(60, 4), 60],
    [
      "500 messages by kind in each cell",
      record(
        250,
        1,
        (i) => `In [${i % 20}]`,
        (i) => ["mul", "reveal"][i % 2]!,
      ),
      20,
    ],
    [
      "many kinds by cell",
      record(
        250,
        1,
        (i) => `In [${i % 20}]`,
        (i) => `kind${i % 7}`,
      ),
      20,
    ],
    ["more cells than fit, without the middle", record(900, 1, (i) => `In [${i}]`), 59],
  ])("draws %s", (_, recorder, rows) => {
    const drawn = rowsOf(recorder.operations);
    expect(drawn).toHaveLength(rows);
    expect(drawn.length).toBeLessThanOrEqual(MAX_ROWS);
    const height = heightOf(new Trace(1, recorder, {}).svg);
    expect(height).toBeGreaterThan(100);
    expect(height).toBeLessThan(2200);
  });

  it("keeps the sums when it folds, and when it omits messages", () => {
    const text = String(new Trace(0, record(3, 200), {}));
    expect(text).toMatch(
      /^Session: 3 operations, 1,200 messages, 600 rounds, 19\.2 kB sent, 19\.2 kB received\n/,
    );
    expect(text.match(/400 messages/g)).toHaveLength(3);
  });
});

describe("the recorder", () => {
  it("drops the oldest operations, and reports how many", () => {
    const recorder = record(5000, 30);
    const messages = recorder.operations.reduce((sum, operation) => sum + operation.messages.length, 0);
    expect(recorder.operations.length).toBeLessThanOrEqual(1024);
    expect(messages).toBeLessThanOrEqual(8192);
    expect(recorder.operations.at(-1)!.number).toBe(4999);
    expect(recorder.forgotten + recorder.operations.length).toBe(5000);
    expect(String(new Trace(0, recorder, {}))).toMatch(/[\d,]+ earlier operations no longer remembered/);
  });
});
