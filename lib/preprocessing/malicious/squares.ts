import type { OperationLink } from "../../channel/operation-link";
import { type RawVector, toRaw, toShares } from "../kinds/raw";
import { multiplyChecked } from "./checked-product";
import type { OtState } from "./ot-state";
import { makeRandoms } from "./randoms";

/**
 * Make random r with their squares, from one triple each. A square saves half of the opening when it is used.
 */
export async function makeSquares(
  link: OperationLink,
  state: OtState,
  count: number,
): Promise<{ r: RawVector; square: RawVector }> {
  const r = await makeRandoms(link, state, count);
  const shares = toShares(r);
  return { r, square: toRaw(await multiplyChecked(link, state, shares, shares)) };
}
