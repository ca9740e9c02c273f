import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { drawBytes } from "../../crypto/bytes";
import { ELEMENT, type RawVector } from "../kinds/raw";
import { authenticate } from "./authenticate";
import type { OtState } from "./ot-state";

/**
 * Make uniform values mod 2^128 that neither party knows: each party authenticates a share of its own.
 */
export async function makeRandoms(link: OperationLink, state: OtState, count: number): Promise<RawVector> {
  const { kernels, identity } = state;
  const mark = kernels.mark;
  try {
    const values = kernels.allocate(count * ELEMENT);
    kernels.draw(values, identity.random, count * ELEMENT);
    const { own, peer } = await authenticate(link, state, values, count, count);
    kernels.run.add128(own, peer, count);
    return { values: kernels.read(values, count * ELEMENT), macs: kernels.read(own, count * ELEMENT) };
  } finally {
    kernels.release(mark);
  }
}

/**
 * Make uniform values mod 2^128 that their owner knows: its share is the value, the other party's share is zero.
 */
export async function makeInputMasks(
  link: OperationLink,
  state: OtState,
  owner: Party,
  count: number,
): Promise<RawVector> {
  const { kernels, identity } = state;
  const mark = kernels.mark;
  try {
    const mine = link.party === owner;
    const values = mine ? drawBytes(identity.random, count * ELEMENT) : new Uint8Array(count * ELEMENT);
    const at = kernels.put(values);
    const { own, peer } = await authenticate(link, state, at, mine ? count : 0, mine ? 0 : count);
    return { values, macs: kernels.read(mine ? own : peer, count * ELEMENT) };
  } finally {
    kernels.release(mark);
  }
}
