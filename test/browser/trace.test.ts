/** The protocol view in JupyterLab: `iface.trace()` draws the messages between two parties. */

import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { Lab, PATIENCE } from "./lab";
import type { Notebook } from "./notebook";

/** Party `n`'s cells: a product of secrets, opened, and what was said meanwhile. */
const cells = (party: 0 | 1) => [
  `const iface = new DistributedInterface(${party});`,
  `const mine = spdz.swapShares(LongTensor.zeros(1, 1), iface);
const shared = new SharedVariable(new Variable(mine), iface);
const product = shared.matmul(shared);`,
  "iface.trace()",
];

const hasTrace = "trace" in DistributedInterface.prototype;

describe.skipIf(!inject("chromium") || !hasTrace)("the protocol view in JupyterLab", () => {
  let lab: Lab;
  let parties: [Notebook, Notebook];
  beforeAll(async () => {
    lab = await Lab.start();
    parties = await Promise.all([lab.open("trace-0", cells(0)), lab.open("trace-1", cells(1))]);
  }, 5 * PATIENCE);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await lab.pictureFailure(task.name);
  });
  afterAll(() => lab?.close());

  test("both parties see a diagram that names the product", async () => {
    for (const party of parties) await party.runAll();
    for (const [index, party] of parties.entries()) {
      const diagram = party.output("iface.trace()").locator("svg");
      await party.see(diagram);
      await party.picture(`trace-${index}`);
      expect(await party.output("iface.trace()").first().innerText()).toContain("matmul");
    }
  });

  test("no page reported an error", () => lab.expectQuiet());
});
