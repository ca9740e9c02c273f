import { randomBytes } from "node:crypto";
import type { Party } from "../../../channel/channel";
import type { Keys } from "../../../channel/keys/keys";
import { decodeZ85, encodeZ85 } from "../../../channel/keys/z85";
import { equalBytes } from "../../../crypto/bytes";
import { hashLabelled } from "../../../crypto/hash";
import { SEED_BYTES } from "../../../crypto/prg";
import { type DealerHello, HASH_BYTES } from "./messages";

/**
 * How the dealer knows which two parties belong together. Each party draws a secret, commits to it by a hash and sends
 * the hash to the other party. The session's id is the hash of both. A hello shows the dealer the secret and the other
 * party's hash, which must give the id. So nobody else can take a party's place, not even someone who knows the id. And
 * a party cannot come back with another secret; if it could, the dealer would answer the same request twice under one
 * mask of the other party and so reveal it. The dealer can check all this without remembering anything.
 */

export function drawSecret(): Uint8Array {
  return new Uint8Array(randomBytes(HASH_BYTES));
}

/** Commit to a party's secret, for the other party. */
export function commitmentTo(secret: Uint8Array, party: Party): Uint8Array {
  return hashLabelled("dealer/commitment", Uint8Array.of(party), secret);
}

/** @param commitments - of party 0 and of party 1 */
export function sessionOf(
  authenticated: boolean,
  commitments: readonly [Uint8Array, Uint8Array],
): Uint8Array {
  return hashLabelled("dealer/session", Uint8Array.of(authenticated ? 1 : 0), ...commitments);
}

/** Derive the seed of a party's randomness in this session. */
export function seedOf(secret: Uint8Array, session: Uint8Array): Uint8Array {
  return hashLabelled("dealer/seed", session, secret).slice(0, SEED_BYTES);
}

/** The facts that a party proves in its hello. */
export interface Membership {
  readonly party: Party;
  readonly authenticated: boolean;
  readonly secret: Uint8Array;
  readonly peerCommitment: Uint8Array;
}

/** The id of the session that a membership belongs to. */
export function sessionOfMember({ party, authenticated, secret, peerCommitment }: Membership): Uint8Array {
  const own = commitmentTo(secret, party);
  return sessionOf(authenticated, party === 0 ? [own, peerCommitment] : [peerCommitment, own]);
}

/**
 * Create a party's hello.
 *
 * @param keys - the party's own, with the dealer's public key; undefined without encryption. The encrypted connection
 *   proves that the sender is one of those whom the dealer admits; the hello proves which one.
 */
export function createHello(member: Membership, keys?: { own: Keys; dealer: string }): DealerHello {
  const session = sessionOfMember(member);
  const publicKey = keys ? decodeZ85(keys.own.publicKey) : new Uint8Array(HASH_BYTES);
  const shared = keys?.own.sharedSecret(keys.dealer) ?? new Uint8Array(HASH_BYTES);
  const proof = proofOf(shared, session, member);
  return { type: "hello", session, ...member, publicKey, proof };
}

/**
 * Check that the sender of a hello belongs to the session that it names.
 *
 * @param keys - the dealer's own and the public ones that it admits; undefined without encryption
 * @returns the sender's public key, empty without encryption; undefined if the proof is wrong
 */
export function checkHello(
  hello: DealerHello,
  keys?: { own: Keys; admitted: readonly string[] },
): string | undefined {
  if (!equalBytes(hello.session, sessionOfMember(hello))) return undefined;
  if (!keys) return "";
  const publicKey = encodeZ85(hello.publicKey);
  if (!keys.admitted.includes(publicKey)) return undefined;
  const proof = proofOf(keys.own.sharedSecret(publicKey), hello.session, hello);
  return equalBytes(proof, hello.proof) ? publicKey : undefined;
}

function proofOf(shared: Uint8Array, session: Uint8Array, member: Membership): Uint8Array {
  const { party, authenticated, secret, peerCommitment } = member;
  const flags = Uint8Array.of(party, authenticated ? 1 : 0);
  return hashLabelled("dealer/proof", shared, session, flags, secret, peerCommitment);
}
