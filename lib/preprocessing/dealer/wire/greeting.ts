import { randomBytes } from "node:crypto";
import type { Party } from "../../../channel/channel";
import type { Keys } from "../../../channel/keys/keys";
import { decodeZ85, encodeZ85 } from "../../../channel/keys/z85";
import { equalBytes } from "../../../crypto/bytes";
import { hashLabelled } from "../../../crypto/hash";
import { SEED_BYTES } from "../../../crypto/prg";
import { type DealerHello, HASH_BYTES } from "./messages";

/**
 * Which two parties belong together. Each draws a secret, commits to it by a hash and tells the other one the hash; the
 * session's id is the hash of both. A hello shows the dealer the secret and the other party's hash, which must give the
 * id: so nobody else can take a party's place, even one that knows the id. And a party cannot come back with another
 * secret: the dealer would answer the same request twice under one mask of the other party and so give it away. The
 * dealer needs to remember nothing to see that.
 */

export function drawSecret(): Uint8Array {
  return new Uint8Array(randomBytes(HASH_BYTES));
}

/** What a party tells the other one of its secret. */
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

/** What the party's randomness comes from in this session. */
export function seedOf(secret: Uint8Array, session: Uint8Array): Uint8Array {
  return hashLabelled("dealer/seed", session, secret).slice(0, SEED_BYTES);
}

/** What a party says hello with. */
export interface Membership {
  readonly party: Party;
  readonly authenticated: boolean;
  readonly secret: Uint8Array;
  readonly peerCommitment: Uint8Array;
}

/** The session that a membership is of. */
export function sessionOfMember({ party, authenticated, secret, peerCommitment }: Membership): Uint8Array {
  const own = commitmentTo(secret, party);
  return sessionOf(authenticated, party === 0 ? [own, peerCommitment] : [peerCommitment, own]);
}

/**
 * @param keys - the party's own, with the dealer's public key; undefined without encryption. The encrypted connection
 *   proves that the sender is one of those whom the dealer admits; the hello proves which one
 */
export function createHello(member: Membership, keys?: { own: Keys; dealer: string }): DealerHello {
  const session = sessionOfMember(member);
  const publicKey = keys ? decodeZ85(keys.own.publicKey) : new Uint8Array(HASH_BYTES);
  const shared = keys?.own.sharedSecret(keys.dealer) ?? new Uint8Array(HASH_BYTES);
  const proof = proofOf(shared, session, member);
  return { type: "hello", session, ...member, publicKey, proof };
}

/**
 * Whether a hello is what it says.
 *
 * @param keys - the dealer's own and the public ones that it admits; undefined without encryption
 * @returns the sender's public key, empty without encryption; undefined where it proves nothing
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
