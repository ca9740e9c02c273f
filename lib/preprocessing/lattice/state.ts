import type { OperationLink } from "../../channel/operation-link";
import { drawBytes } from "../../crypto/bytes";
import { hashLabelled } from "../../crypto/hash";
import type { Identity } from "../../crypto/identity";
import { createPrg, SEED_BYTES } from "../../crypto/prg";
import { LatticeEngine } from "./engine";
import { Frames } from "./frames";
import { Holder, PACKED_BYTES, type PublicStreams } from "./holder";
import { CiphertextStore } from "./kept-ciphertexts";
import { Responder } from "./responder";
import { Sampler } from "./sampler";
import { Slots } from "./slot-plaintext";
import { WordPlaintext } from "./word-plaintext";

const NONCE_BYTES = 32;

/** One party's secret state for products by lattices: it is holder of its own key, and responder to the other party's. */
export interface LatticeState {
  readonly identity: Identity;
  readonly engine: LatticeEngine;
  readonly frames: Frames;
  readonly holder: Holder;
  readonly responder: Responder;
  readonly words: WordPlaintext;
  readonly slots: Slots;
  /** The other party's ciphertexts of matrices that are used again. */
  readonly kept: CiphertextStore;
  /** Groups of products in slots so far: the parties take turns as their holder. */
  turns: number;
}

/**
 * Set up: toss a seed for all public polynomials, draw a secret and exchange public keys. Both the seed and the secret are new
 * in each session, and after each resync, so no public polynomial ever serves two plaintexts of one secret.
 *
 * @throws {TransportError} the other party sent something malformed
 */
export async function setUpLatticeState(link: OperationLink, identity: Identity): Promise<LatticeState> {
  const { random, session } = identity;
  const { party } = link;
  const frames = new Frames(link, session);
  const nonce = drawBytes(random, NONCE_BYTES);
  frames.send("seed", nonce);
  const other = await frames.receive("seed", NONCE_BYTES);
  const nonces = party === 0 ? [nonce, other] : [other, nonce];
  const seed = hashLabelled("lattice seed", session, ...nonces).slice(0, SEED_BYTES);
  const streamsOf = (holder: number): PublicStreams => ({
    key: createPrg(seed, 2 * holder),
    ciphertexts: createPrg(seed, 2 * holder + 1),
  });
  const engine = new LatticeEngine();
  try {
    const sampler = new Sampler(engine.kernels);
    const holder = new Holder(party, engine, sampler, streamsOf(party), random);
    const responder = new Responder(engine, sampler, streamsOf(1 - party), random);
    frames.send("key", holder.publicKey());
    responder.takeKey(await frames.receive("key", PACKED_BYTES));
    const [words, slots] = [new WordPlaintext(engine), new Slots(engine)];
    return {
      identity,
      engine,
      frames,
      holder,
      responder,
      words,
      slots,
      kept: new CiphertextStore(),
      turns: 0,
    };
  } catch (error) {
    engine.destroy();
    throw error;
  }
}

/** Overwrite all secrets of the state. */
export function destroyLatticeState({ engine }: LatticeState): void {
  engine.destroy();
}
