import { createIdentity } from "../../lib/crypto/identity";
import { createPrg } from "../../lib/crypto/prg";
import { type Ring, type RingVector, ring128 } from "../../lib/ring";
import type { AuthenticatedVector, MacKey } from "../../lib/sharing/authenticated";
import { WIDTHS } from "../../lib/sharing/mac-rows";
import { seedOf } from "./machines";

/** Deal keys and shares with MACs to two parties, as a trusted dealer would. */
export function dealAuthenticated(
  seed: number,
  { ring, weight }: { ring: Ring; weight: number } = { ring: ring128, weight: WIDTHS.weight },
) {
  const random = createPrg(seedOf(seed % 256), Math.floor(seed / 256));
  const session = new Uint8Array(32).fill(seed);
  const drawElements = (count: number) => ring.random(count, random);
  const drawKey = () => BigInt.asUintN(weight, ring.toBigInts(drawElements(1))[0]!);
  const keys = ([0, 1] as const).map((party): MacKey => ({ party, alpha: drawKey() })) as [MacKey, MacKey];
  const alpha = keys[0].alpha + keys[1].alpha;
  const identityOf = (party: 0 | 1) =>
    createIdentity(party, session, createPrg(seedOf(seed % 256), 1000 + party + 2 * Math.floor(seed / 256)));
  const identities = [identityOf(0), identityOf(1)] as const;
  const shareVector = (x: RingVector): [AuthenticatedVector, AuthenticatedVector] => {
    const mac = ring.mulScalar(x, alpha);
    const [value0, mac0] = [drawElements(x.length), drawElements(x.length)];
    return [
      { value: value0, mac: mac0 },
      { value: ring.sub(x, value0), mac: ring.sub(mac, mac0) },
    ];
  };
  return {
    keys,
    identities,
    /** @param uniform - the values do not matter: they are drawn */
    share(values: readonly bigint[], uniform = false): [AuthenticatedVector, AuthenticatedVector] {
      return shareVector(uniform ? drawElements(values.length) : ring.fromBigInts(values));
    },
    shareVector,
  };
}
