import type { OperationLink } from "../../../channel/operation-link";
import { wipe } from "../../../crypto/bytes";
import { tossCoins } from "../../../crypto/coins";
import { hashLabelled } from "../../../crypto/hash";
import { createPrg } from "../../../crypto/prg";
import { SETTLE_AT_ONCE } from "../../../crypto/settlement";
import { BLOCK } from "../../../sharing/bits";
import { PadHash } from "../../ot/pads";
import type { OtState } from "../ot-state";
import { type BitBlocks, bitKeyOf, makeRandomBits } from "./random-bits";

/** Authenticated bits x, y and z = x ∧ y. */
export interface AndBlocks {
  readonly x: BitBlocks;
  readonly y: BitBlocks;
  readonly z: BitBlocks;
}

/** Gates that are hashed at once. */
const PIECE = 2048;
/** Gates whose messages go in one, which fits a packet of the channel. */
const PACKET = 16 * PIECE;
/** Bytes of the hash that the parties compare. */
const HASH = 32;

/**
 * Make ANDs of random authenticated bits, of which the other party may have learned x.
 *
 * 1. Make three random authenticated bits x, y, z for each gate; toss the keys of H.
 * 2. With C = y·delta ⊕ K[y] ⊕ M[y], whose sum over both parties is y·(delta_0 ⊕ delta_1), each party sends
 *    G = H(K[x]) ⊕ H(K[x] ⊕ delta) ⊕ C.
 * 3. S = H(K[x]) ⊕ H(M[x]) ⊕ x·(G' ⊕ C) ⊕ z·delta ⊕ K[z] ⊕ M[z], for the other party's G'. Both parties' S differ by
 *    (x∧y ⊕ z)·(delta_0 ⊕ delta_1). Here delta_0 is odd and delta_1 even, so the lowest bits, which both send, add up to
 *    d = x∧y ⊕ z. They reveal nothing else: the lowest bit of a party's S contains its own share of z.
 * 4. L = S ⊕ d·delta must be the same at both parties. They compare hashes of all L by commitment. Then z becomes z ⊕ d.
 *
 * A wrong G changes the other party's S exactly if its x is 1, so it passes, or can be corrected, with probability 1/2,
 * and tells x. Everything else that a party can do wrong amounts to a wrong G or to a guess of delta. combineAnds removes
 * the leak. A failed comparison tells more, about gates that are thrown away with the session, and the session's gate
 * catches a party that withholds its hash.
 *
 * H(X) = π(w) ⊕ w with w = σ(X) ⊕ h·2^i for gate i. The keys of π and h, for each side, are coins that are tossed when the
 * bits are fixed, in each batch anew: see pads.ts. So no two calls, in any batch or session, have the same input but by
 * chance, and none is a pad of another use.
 *
 * σ is a linear orthomorphism, because G contains delta outside of the hash too (circular correlation robustness). Without
 * σ, the delta that w adds would cancel the one in C wherever the bit y is 1. G would then be π(w) plus values that
 * the other party knows; it could invert π and read delta off. With σ, what is left is σ(delta) or σ(delta) ⊕ delta, both as
 * unknown as delta. test/attacks/inverted-hash.test.ts makes this attack.
 *
 * @param count - any number of gates
 * @throws {CheckError} the other party deviated, and was caught
 *
 * Security: active up to the leak. Source: Katz, Ranellucci, Rosulek, Wang, ePrint 2018/578, fig. 5 (leaky AND); the
 * hash after Guo, Katz, Wang, Yu, ePrint 2019/074, section 7.3, with the tweaks of pads.ts.
 */
export async function makeLeakyAnds(link: OperationLink, state: OtState, count: number): Promise<AndBlocks> {
  const { kernels, identity } = state;
  const { run } = kernels;
  const { party } = identity;
  const bits = await makeRandomBits(link, state, 128 * Math.ceil((3 * count) / 128));
  const nth = (i: number) => ({ own: bits.own + i * count * BLOCK, keys: bits.keys + i * count * BLOCK });
  const [x, y, z] = [nth(0), nth(1), nth(2)];
  const coins = createPrg(await tossCoins(link, identity, "leaky"));

  const key = bitKeyOf(state);
  const delta = kernels.put(key.delta);
  wipe(key.delta);
  if (party === 1) run.clearLow(delta, 1);
  const spread = kernels.put(kernels.read(delta, BLOCK));
  run.spread(spread, 1);
  const s = kernels.allocate(count * BLOCK);
  const mark = kernels.mark;
  // The hash of each party as holder of the keys.
  const hashes = [0, 1].map(() => new PadHash(kernels, coins, false));
  const [keyHash, macHash] = [hashes[party]!, hashes[1 - party]!];
  const places = [0, 1, 2].map(() => keyHash.allocate(PIECE));
  const rows = kernels.allocate(PIECE * BLOCK);
  // This party's MACs without their bits: under an even delta the lowest bit of a MAC is that of its key.
  const mask = party === 0 ? 0xffff_ffff_ffff_fffen : 0xffff_ffff_ffff_ffffn;
  const messages = kernels.allocate(Math.min(count, PACKET) * BLOCK);
  for (let start = 0; start < count; start += PIECE) {
    const size = Math.min(PIECE, count - start);
    const at = start * BLOCK;
    kernels.move(rows, x.keys + at, size * BLOCK);
    run.spread(rows, size);
    keyHash.tweak(rows, size);
    const h0 = keyHash.hash(rows, size, places[0]!).low;
    run.xorBlock(rows, rows, size * BLOCK, spread);
    const h1 = keyHash.hash(rows, size, places[1]!).low;
    kernels.move(rows, x.own + at, size * BLOCK);
    if (party === 0) run.clearLow(rows, size);
    run.spread(rows, size);
    macHash.tweak(rows, size);
    const hm = macHash.hash(rows, size, places[2]!).low;
    const g = messages + (start % PACKET) * BLOCK;
    const [own, keys] = [y.own + at, y.keys + at];
    run.leakyGates(h0, h1, hm, x.own + at, own, keys, z.own + at, z.keys + at, size, delta, mask, g, s + at);
    const sent = start + size;
    if (sent === count || sent % PACKET === 0)
      link.send(kernels.read(messages, sent * BLOCK - (Math.ceil(sent / PACKET) - 1) * PACKET * BLOCK));
  }
  for (let start = 0; start < count; start += PACKET) {
    const size = Math.min(PACKET, count - start);
    kernels.write(messages, await link.receive(size * BLOCK));
    run.xorSelected(s + start * BLOCK, messages, x.own + start * BLOCK, size);
  }
  kernels.release(mark);

  const packed = kernels.allocate(Math.ceil(count / 8));
  run.packLow(s, count, packed);
  const mine = kernels.read(packed, Math.ceil(count / 8));
  const theirs = await link.exchange(mine.slice());
  kernels.write(
    packed,
    mine.map((byte, i) => byte ^ theirs[i]!),
  );
  run.xorChosen(s, packed, delta, count);
  await requireEqual(link, state, hashLabelled("leaky", identity.session, kernels.view(s, count * BLOCK)));
  // z ⊕ d: party 0 changes its bits, and party 1 its keys for them.
  if (party === 0) run.xorChosen(z.own, packed, kernels.put(Uint8Array.of(1, ...new Uint8Array(15))), count);
  else run.xorChosen(z.keys, packed, delta, count);
  return { x, y, z };
}

/**
 * Check by commitments, through the session's gate, that both parties have the same hash: one party's, and the negative of
 * the other's, add up to zero.
 *
 * @throws {CheckError} the hashes differ
 */
async function requireEqual(
  link: OperationLink,
  { identity, settlement = SETTLE_AT_ONCE }: OtState,
  hash: Uint8Array,
): Promise<void> {
  await settlement.settle(link, identity, {
    purpose: "leaky",
    share: identity.party === 0 ? hash : negative(hash),
    bits: 8 * HASH,
    check: "sacrifice",
    message: "an AND triple is wrong: the other party deviated while it was made",
  });
}

/** Compute the negative of an integer mod 2^256, little-endian. */
function negative(bytes: Uint8Array): Uint8Array {
  let carry = 1;
  return bytes.map((byte) => {
    const sum = (byte ^ 255) + carry;
    carry = sum >> 8;
    return sum & 255;
  });
}
