import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { parseAddress } from "../../../channel/address";
import { dealCorrections } from "../dealing/request";
import { DealerClient } from "../party/client";
import { commitmentTo, drawSecret } from "../wire/greeting";
import { DealerServer } from "./server";

const BYTES_PER_SECOND = 120_000;
const PIECE = 4096;

test("a party on a slow network gets its answers over one connection", async () => {
  const server = new DealerServer({
    address: parseAddress("tcp://127.0.0.1:*", "bind", true),
    deal: dealCorrections,
  });
  await server.listen();
  let connections = 0;
  const proxy = createServer((party) => {
    connections++;
    const dealer = connect(Number(server.address.split(":").at(-1)), "127.0.0.1");
    for (const [end, other] of [
      [party, dealer],
      [dealer, party],
    ] as const)
      end.on("error", () => undefined).on("close", () => other.destroy());
    party.pipe(dealer);
    const drip = async () => {
      for await (const bytes of dealer as AsyncIterable<Buffer>)
        for (let at = 0; at < bytes.length && !party.destroyed; at += PIECE) {
          const piece = bytes.subarray(at, at + PIECE);
          party.write(piece);
          await sleep((1000 * piece.length) / BYTES_PER_SECOND);
        }
    };
    drip().catch(() => undefined);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  const secrets = [drawSecret(), drawSecret()] as const;
  const clients = ([0, 1] as const).map((party) => {
    const other = (1 - party) as 0 | 1;
    const peerCommitment = commitmentTo(secrets[other], other);
    const member = { party, authenticated: false, secret: secrets[party], peerCommitment };
    const address = parseAddress(party ? `tcp://127.0.0.1:${port}` : server.address, "dealer", false);
    const timing = { timeoutMs: 30_000, resumeMs: 30_000, silenceMs: 3000 };
    return new DealerClient(member, { address, timing });
  });
  for (const client of clients) client.open();
  await Promise.all(clients.map((client) => client.present()));
  // One chunk, which takes longer than the time after which silence is noticed.
  const corrections = await clients[1]!.request("triple", 2 ** 16, 0, 2 ** 19);
  expect(corrections.length).toBe(2 ** 19);
  expect(connections).toBe(1);
  for (const client of clients) client.abort(new Error("over"));
  await server.close();
  proxy.close();
}, 40_000);
