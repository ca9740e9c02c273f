import type { OperationLink } from "../../channel/operation-link";
import type { ByteSource } from "../../ring";
import type { Kind } from "../kinds/kinds";
import { partsOf } from "../kinds/kinds";
import { PLAIN } from "../kinds/raw";
import type { BatchSizes, LargestProduct } from "../producer";
import type { ProducerState, Production } from "../production";
import { semiHonestProduction } from "../semi-honest/production";
import { Choice } from "./choice";
import { type LatticeSecrets, latticeMakerOf, worthMasking } from "./items";
import { MaskShares } from "./mask-shares";
import { MOST_TERMS, PARAMETERS } from "./parameters";
import { destroyLatticeState, type LatticeState, setUpLatticeState } from "./state";

/** Matrices and their transforms must fit the memory of one party. */
const LARGEST: LargestProduct = { elements: 2 ** 25, products: MOST_TERMS * 2 ** 10 };

/**
 * Make products by lattices and everything else by oblivious transfer: shares without MACs, with semi-honest security.
 *
 * @param forced - make all products by lattices. If false, choose for triples and squares the way that takes less time in
 *   this session.
 */
export function latticeProduction(forced: boolean): Production {
  const transfers = semiHonestProduction();
  return {
    name: forced ? "lattice" : "ot-or-lattice",
    layout: PLAIN,
    capabilities: { ...transfers.capabilities, matrices: worthMasking, largest: LARGEST },
    batch: (kind) => batchOf(kind, forced, transfers),
    cost(kind) {
      const maker = latticeMakerOf(kind);
      return maker ? maker.cost(partsOf(kind)) : transfers.cost(kind);
    },
    open: (link, random) => openState(link, random, forced, transfers),
  };
}

function batchOf(kind: Kind, forced: boolean, transfers: Production): BatchSizes {
  const maker = latticeMakerOf(kind);
  if (!maker) return transfers.batch(kind);
  if (forced || partsOf(kind).single) return maker;
  return { least: transfers.batch(kind).least, most: maker.most };
}

async function openState(
  link: OperationLink,
  random: ByteSource,
  forced: boolean,
  transfers: Production,
): Promise<ProducerState> {
  const ot = await transfers.open(link, random);
  const { identity } = ot;
  const masks = new MaskShares(random);
  const choice = new Choice();
  let state: LatticeState | undefined;
  let destroyed = false;

  const secrets: LatticeSecrets = {
    masks,
    async ready() {
      if (state) return state;
      const made = await setUpLatticeState(link, identity);
      if (destroyed) {
        destroyLatticeState(made);
        // With zeros for a secret, a ciphertext would show its plaintext.
        throw new Error("the session has ended and its lattice keys are destroyed");
      }
      state = made;
      return made;
    },
  };

  return {
    identity,
    alpha: 0n,
    // The product of two masks names both, and the parties agree on that.
    isSilent: (kind) => partsOf(kind).name === "matrix",
    async make(over, kind, count) {
      const parts = partsOf(kind);
      const maker = latticeMakerOf(kind);
      if (!maker) return ot.make(over, kind, count);
      if (forced || parts.single) return maker.make(secrets, parts, count);
      const made = { ot: count, lattice: Math.ceil(count / PARAMETERS.degree) * PARAMETERS.degree };
      const costs = { ot: transfers.cost(kind), lattice: maker.cost(parts) };
      const way = await choice.agree(over, kind, count, costs, made);
      if (way === "lattice") await secrets.ready();
      const start = performance.now();
      const items = await (way === "ot" ? ot.make(over, kind, count) : maker.make(secrets, parts, count));
      choice.learn(kind, way, made[way], (performance.now() - start) * 1000);
      return items;
    },
    destroy() {
      destroyed = true;
      ot.destroy();
      masks.destroy();
      if (state) destroyLatticeState(state);
    },
  };
}
