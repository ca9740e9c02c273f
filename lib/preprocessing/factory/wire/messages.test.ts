import { expect, test } from "vitest";
import { Keys } from "../../../channel/keys/keys";
import { readJob } from "./job";
import { readControl, readHello, readRequest, readTicket } from "./messages";
import { FleetSeal } from "./seal";

const [fleet, notebook, stranger] = [Keys.generate(), Keys.generate(), Keys.generate()];
const worker = new FleetSeal({ keys: fleet, peerKey: notebook.publicKey });
const own = new FleetSeal({ keys: notebook, peerKey: fleet.publicKey });
const foreign = new FleetSeal({ keys: stranger, peerKey: notebook.publicKey });

test("messages are believed from holders of the keys only, and only for their purpose", () => {
  const signed = worker.sign("hello", "text");
  expect(own.verify("hello", signed)).toBe("text");
  expect(own.verify("request", signed)).toBeUndefined();
  expect(own.verify("hello", foreign.sign("hello", "text"))).toBeUndefined();
  for (let at = 0; at < signed.length; at++) {
    const altered = signed.slice();
    altered[at]! ^= 1;
    expect(own.verify("hello", altered)).toBeUndefined();
  }
  expect(own.verify("hello", signed.subarray(0, 31))).toBeUndefined();
});

test("a ticket opens at one worker, for one pair, with the key of one moment", () => {
  const keys = Keys.generate();
  const sealed = own.sealTicket(keys.publicKey, "worker pair", "the ticket");
  expect(worker.openTicket(keys, "worker pair", sealed)).toBe("the ticket");
  expect(worker.openTicket(keys, "worker other", sealed)).toBeUndefined();
  expect(worker.openTicket(Keys.generate(), "worker pair", sealed)).toBeUndefined();
  expect(foreign.openTicket(keys, "worker pair", sealed)).toBeUndefined();
  for (let at = 0; at < sealed.length; at++) {
    const altered = sealed.slice();
    altered[at]! ^= 1;
    expect(worker.openTicket(keys, "worker pair", altered)).toBeUndefined();
  }
});

test("only messages of the right form are read", () => {
  const pair = "0123456789abcdef";
  const key = fleet.publicKey;
  for (const wrong of [null, 3, [], {}, { type: "use" }, { type: "use", job: -1, run: "0" }]) {
    expect(readControl(wrong)).toBeUndefined();
    expect(readJob(wrong)).toBeUndefined();
    for (const read of [readHello, readTicket, readRequest])
      expect(read(JSON.stringify(wrong) as string)).toBeUndefined();
  }
  const use = { type: "use", job: 3, run: "ab".repeat(16) };
  expect(readControl(use)).toEqual(use);
  expect(readControl({ ...use, run: "AB".repeat(16) })).toBeUndefined();
  const paired = { type: "pair", pair, id: pair, key, address: "tcp://worker.example:29600" };
  expect(readControl(paired)).toEqual(paired);
  for (const address of ["ipc:///tmp/x", "tcp://*:1", "http://a:1", 7])
    expect(readControl({ ...paired, address })).toBeUndefined();
  const job = { job: 1, kind: "triple", start: 0, count: 1000 };
  expect(readJob(job)).toEqual(job);
  for (const change of [
    { kind: "matrix 1 2" },
    { kind: "constructor" },
    { count: 0 },
    { count: 2 ** 24 },
    { start: 0.5 },
  ])
    expect(readJob({ ...job, ...change })).toBeUndefined();
});
