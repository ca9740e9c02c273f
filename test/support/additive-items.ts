/** Items without MACs for tests of single protocols: from both productions, each party's part in this process. */
import type { OperationLink } from "../../lib/channel/operation-link";
import { deal, expand } from "../../lib/preprocessing/dealer/dealing/deal";
import type { Kind, Needs } from "../../lib/preprocessing/kinds/kinds";
import { PLAIN, type RawVector } from "../../lib/preprocessing/kinds/raw";
import type { Capabilities } from "../../lib/preprocessing/producer";
import { semiHonestMakerOf } from "../../lib/preprocessing/semi-honest/items";
import type { AdditiveContext } from "../../lib/protocol/additive/context";
import type { Ring } from "../../lib/ring";
import { createLinkPair, runBoth } from "./links";
import { drawSeed } from "./random";
import { dealSemiHonestOtStates } from "./semi-honest";

/** Makes both parties' items of a kind. */
export type ItemSource = (
  kind: Kind,
  count: number,
) => [RawVector[], RawVector[]] | Promise<[RawVector[], RawVector[]]>;

let started = 0;

/** From a dealer. */
export const dealt: ItemSource = (kind, count) => {
  const batch = { kind, count, start: started++ };
  const seeds = [drawSeed(), drawSeed()] as const;
  const corrections = deal(batch, { layout: PLAIN, seeds });
  return [expand(batch, PLAIN, 0, seeds[0]), expand(batch, PLAIN, 1, seeds[1], corrections)];
};

let states: ReturnType<typeof dealSemiHonestOtStates> | undefined;

/** From oblivious transfer. */
export const transferred: ItemSource = (kind, count) => {
  states ??= dealSemiHonestOtStates(31);
  const [zero, one] = states;
  const maker = semiHonestMakerOf(kind);
  return runBoth(
    createLinkPair(),
    (link: OperationLink) => maker.make(link, zero, count),
    (link: OperationLink) => maker.make(link, one, count),
  );
};

/** What the productions make. */
export const WITH_MASKS = { truncation: "truncation", comparison: "masked", matrices: true } as const;
export const BY_CARRIES = { truncation: "wrap", comparison: "carry", matrices: false } as const;

/** Both parties' contexts, without links, for a protocol that demands some items. Taking others, or more, fails. */
export async function contextsOf({
  ring,
  can,
  items,
  itemsOf,
}: {
  readonly ring: Ring;
  readonly can: Capabilities;
  readonly items: Needs;
  readonly itemsOf: ItemSource;
}): Promise<[Omit<AdditiveContext, "link">, Omit<AdditiveContext, "link">]> {
  const made = new Map<string, [RawVector[], RawVector[]]>();
  for (const [kind, count] of Object.entries(items))
    made.set(kind, await itemsOf(kind as Kind, count as number));
  const contextOf = (party: 0 | 1) => {
    const taken = new Map<string, number>();
    const take = async (kind: Kind, count: number) => {
      const from = taken.get(kind) ?? 0;
      taken.set(kind, from + count);
      const all = (items as Record<string, number>)[kind] ?? 0;
      if (from + count > all) throw new RangeError(`${from + count} of ${all} items of ${kind} were taken`);
      return made.get(kind)![party].map(({ values, macs }) => {
        const unit = values.length / all;
        return { values: values.slice(from * unit, (from + count) * unit), macs };
      });
    };
    return { ring, can, items: { take, discard: () => undefined } };
  };
  return [contextOf(0), contextOf(1)];
}
