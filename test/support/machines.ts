import { drawBytes } from "../../lib/crypto/bytes";
import { createIdentity } from "../../lib/crypto/identity";
import { createPrg } from "../../lib/crypto/prg";
import type { OtState } from "../../lib/preprocessing/malicious/ot-state";
import { VOLE_TREES, VoleKeeper, VoleProver } from "../../lib/preprocessing/malicious/ring-vole";
import { growTrees, reconstructTrees, type TreeShape } from "../../lib/preprocessing/ot/punctured-prf";
import { EXTENSION_TREES, ExtensionReceiver, ExtensionSender } from "../../lib/preprocessing/ot/soft-spoken";
import { OtKernels } from "../../lib/preprocessing/wasm/kernels";
import {
  AuthenticatedSession,
  type AuthenticatedSessionOptions,
} from "../../lib/protocol/authenticated/session";
import type { ByteSource } from "../../lib/ring";
import { createLinkPair, runBoth } from "./links";

export const seedOf = (n: number) => new Uint8Array(16).fill(n);

export function dealTrees(session: Uint8Array, shape: TreeShape, random: ByteSource) {
  const count = shape.trees * shape.depth;
  const choices = drawBytes(random, count).map((byte) => byte & 1);
  const messages = Array.from(
    { length: count },
    () => [drawBytes(random, 16), drawBytes(random, 16)] as const,
  );
  const { leaves, message } = growTrees(session, shape, messages, random);
  const received = messages.map((pair, i) => pair[choices[i]!]!);
  return { leaves, punctured: reconstructTrees(session, shape, choices, received, message) };
}

type Dealt = ReturnType<typeof dealTrees>;

/** The states of both parties after a set-up, dealt in this process from a fixed seed. */
export function dealOtStates(seed = 7): [OtState, OtState] {
  const random = createPrg(seedOf(seed));
  const session = drawBytes(random, 32);
  const kernels = [new OtKernels(), new OtKernels()] as const;
  const extension = [0, 1].map(() => dealTrees(session, EXTENSION_TREES, random)) as [Dealt, Dealt];
  const vole = [0, 1].map(() => dealTrees(session, VOLE_TREES, random)) as [Dealt, Dealt];
  const state = (party: 0 | 1): OtState => {
    const other = (1 - party) as 0 | 1;
    const own = extension[party].punctured;
    const key = vole[party].punctured;
    const k = kernels[party];
    return {
      identity: createIdentity(party, session, createPrg(seedOf(seed), 100 + party)),
      kernels: k,
      sender: new ExtensionSender(k, own.leaves, own.missing),
      receiver: new ExtensionReceiver(k, extension[other].leaves),
      keeper: new VoleKeeper(k, key.leaves, key.missing),
      prover: new VoleProver(k, vole[other].leaves),
    };
  };
  return [state(0), state(1)];
}

/** Two sessions over dealt states. */
export async function dealSessions(
  seed = 7,
  options: AuthenticatedSessionOptions = {},
  links = createLinkPair(),
): Promise<[AuthenticatedSession, AuthenticatedSession]> {
  const states = dealOtStates(seed);
  const sessions = states.map(
    (state) => new AuthenticatedSession({ ...options, insecureOtState: () => Promise.resolve(state) }),
  ) as [AuthenticatedSession, AuthenticatedSession];
  await runBoth(
    links,
    (link) => sessions[0].setUp(link),
    (link) => sessions[1].setUp(link),
  );
  return sessions;
}
