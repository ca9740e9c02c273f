import { expect, test } from "vitest";
import { createLinkPair, endLink, runBoth } from "../../../test/support/links";
import { TransportError } from "../../errors";
import type { Kind } from "../kinds/kinds";
import { agreeOnBatch } from "./agree";

test("parties that make the same batch continue", async () => {
  await runBoth(
    createLinkPair(),
    (link) => agreeOnBatch(link, "triple", 32, 64),
    (link) => agreeOnBatch(link, "triple", 32, 64),
  );
});

test.each([
  ["another kind", ["square", 32, 64]],
  ["another count", ["triple", 31, 64]],
  ["another place", ["triple", 32, 65]],
] as [string, [Kind, number, number]][])(
  "parties that make %s leave the report to the session, whatever names follow",
  async (_, other) => {
    const links = createLinkPair();
    const mine = agreeOnBatch(links[0], "triple", 32, 64);
    let ended = false;
    mine
      .catch(() => undefined)
      .finally(() => {
        ended = true;
      });
    const theirs = agreeOnBatch(links[1], ...other);
    theirs.catch(() => undefined);
    for (let i = 0; i < 3; i++) links[1].send(new Uint8Array(16));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ended).toBe(false);
    for (const link of links) endLink(link);
    await expect(mine).rejects.toBeInstanceOf(TransportError);
    await expect(theirs).rejects.toBeInstanceOf(TransportError);
  },
);
