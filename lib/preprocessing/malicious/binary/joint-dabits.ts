import type { Party } from "../../../channel/channel";
import type { OperationLink } from "../../../channel/operation-link";
import { ring128, scope } from "../../../ring";
import { addShares, mapShares, subShares } from "../../../sharing/authenticated";
import { xorBits } from "../../../sharing/bits";
import { type RawVector, toRaw, toShares } from "../../kinds/raw";
import { multiplyChecked } from "../checked-product";
import type { OtState } from "../ot-state";
import { makePrivateDaBits } from "./dabits";

/**
 * Make random bits that neither party knows, authenticated in F_2 and in the ring: of private bits x and y of the parties
 * the sum in F_2, and x + y − 2·x·y in the ring, with a triple for each product.
 *
 * @returns the shares in the ring, and those in F_2 as this party's bits with their MACs, and keys
 * @throws {CheckError} the other party deviated
 *
 * Security: active, with abort.
 */
export async function makeDaBits(
  link: OperationLink,
  state: OtState,
  count: number,
): Promise<[ring: RawVector, binary: RawVector]> {
  const { binary, ring } = await makePrivateDaBits(link, state, count);
  const of = (owner: Party) => toShares(ring[owner === link.party ? 0 : 1]);
  const [x, y] = [of(0), of(1)];
  const product = await multiplyChecked(link, state, x, y);
  const sum = scope(() => {
    const twice = mapShares(product, (vector) => ring128.shiftLeft(vector, 1));
    return toRaw(subShares(addShares(x, y), twice));
  });
  const { own, keys } = xorBits(binary[0], binary[1]);
  return [sum, { values: own, macs: keys }];
}
