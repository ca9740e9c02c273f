import { drawBytes } from "../../lib/crypto/bytes";
import { createIdentity } from "../../lib/crypto/identity";
import { createPrg } from "../../lib/crypto/prg";
import {
  rowCipher,
  TransferReceiver,
  TransferSender,
} from "../../lib/preprocessing/semi-honest/correlated-transfers";
import type { SemiHonestOtState } from "../../lib/preprocessing/semi-honest/ot-state";
import { TREES } from "../../lib/preprocessing/semi-honest/streams";
import { OtKernels } from "../../lib/preprocessing/wasm/kernels";
import { dealTrees, seedOf } from "./machines";

/** The states of both parties after a semi-honest set-up, dealt in this process from a fixed seed. */
export function dealSemiHonestOtStates(seed = 7): [SemiHonestOtState, SemiHonestOtState] {
  const random = createPrg(seedOf(seed));
  const session = drawBytes(random, 32);
  const trees = [dealTrees(session, TREES, random), dealTrees(session, TREES, random)] as const;
  const state = (party: 0 | 1): SemiHonestOtState => {
    const { leaves, missing } = trees[party].punctured;
    return {
      identity: createIdentity(party, session, createPrg(seedOf(seed), 100 + party)),
      kernels: new OtKernels(),
      cipher: rowCipher(session),
      sender: new TransferSender(leaves, missing),
      receiver: new TransferReceiver(trees[1 - party]!.leaves),
    };
  };
  return [state(0), state(1)];
}
