/** A thousand products, each of the one before, between two processes. */

import type { ChildProcess } from "node:child_process";
import { SharedVariable } from "../../lib/autograd/shared-variable";
import "../../lib/ops/methods";
import { InsecureFirstPartyDealer } from "../../lib/preprocessing/dealer/party/insecure-first-party-dealer";
import { type Kind, partsOf } from "../../lib/preprocessing/kinds/kinds";
import { DistributedInterface } from "../../lib/session/distributed-interface";
import { LongTensor } from "../../lib/tensor/long-tensor";
import { freePort } from "../../test/support/free-port";
import { ownShare } from "../../test/support/own-share";
import type { End } from "../channel";

const IN_A_ROW = 1000;

/**
 * One end of a session. To ask it is to compute the products.
 *
 * @param startPeer - starts the process of the other party, which connects to the given address
 */
export async function sessionEnd(startPeer: (address: string) => ChildProcess): Promise<End> {
  const bind = `tcp://127.0.0.1:${await freePort()}`;
  const iface = new DistributedInterface(0, { bind, preprocessing: "insecureFirstPartyDealer" });
  const child = startPeer(bind);
  await iface.settled();
  return {
    ask: () => multiplyInARow(iface),
    close: async () => {
      child.kill();
      await iface.close();
    },
  };
}

/** Use triples of zeros: this measures the session and the connection, not the production of triples. */
async function multiplyInARow(iface: DistributedInterface): Promise<void> {
  InsecureFirstPartyDealer.prototype.make = zeros;
  const secret = new SharedVariable(ownShare(new LongTensor([iface.party])), iface);
  let product = secret;
  for (let i = 0; i < IN_A_ROW; i++) product = product.mul(secret);
  await iface.settled();
}

async function zeros(kind: Kind, count: number) {
  const { fields, width } = partsOf(kind);
  return Array.from({ length: fields }, () => ({
    values: new Uint8Array(8 * width * count),
    macs: new Uint8Array(0),
  }));
}

export async function serveSession(peer: string): Promise<void> {
  const iface = new DistributedInterface(1, { peer, preprocessing: "insecureFirstPartyDealer" });
  while (iface.open) await multiplyInARow(iface);
}
