import { createIdentity } from "../../lib/crypto/identity";
import { createPrg } from "../../lib/crypto/prg";
import { type LatticeState, setUpLatticeState } from "../../lib/preprocessing/lattice/state";
import { createLinkPair, runBoth, type Tap } from "./links";
import { seedOf } from "./machines";

/**
 * Both parties' states, set up over a link that stays theirs.
 *
 * @param seed - of the session's name
 * @param secret - of the parties' randomness
 */
export async function createLatticeStates(
  seed = 3,
  tap?: Tap,
  secret = seed,
): Promise<readonly [LatticeState, LatticeState]> {
  const links = createLinkPair(tap);
  const setUp = (party: 0 | 1) =>
    setUpLatticeState(
      links[party],
      createIdentity(party, new Uint8Array(32).fill(seed), createPrg(seedOf(secret + party))),
    );
  return runBoth(
    links,
    () => setUp(0),
    () => setUp(1),
  );
}

/** The product of two polynomials mod X^n + 1 and mod 2^64: large integers with one digit for each coefficient (Kronecker). */
export function negacyclicProduct(x: BigUint64Array, y: BigUint64Array): BigUint64Array {
  const n = x.length;
  const digits = Math.ceil((128 + Math.log2(n)) / 4);
  const pack = (of: BigUint64Array) => {
    let text = "0x";
    for (let i = n - 1; i >= 0; i--) text += of[i]!.toString(16).padStart(digits, "0");
    return BigInt(text);
  };
  const text = (pack(x) * pack(y)).toString(16).padStart(2 * n * digits, "0");
  const at = (i: number) =>
    BigInt(`0x${text.slice(text.length - (i + 1) * digits, text.length - i * digits)}`);
  return BigUint64Array.from({ length: n }, (_, i) => at(i) - at(i + n));
}
