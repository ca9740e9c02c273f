import { type RingVector, scope } from "../../ring";
import { type AuthenticatedVector, addShares } from "../../sharing/authenticated";
import type { Length } from "../protocol";
import type { AuthenticatedProtocol } from "./context";
import { input } from "./input";

/**
 * Authenticate a secret that is shared additively mod 2^64: each party inputs its share.
 *
 * A party that changed its share before has changed the secret; from here on it can change nothing.
 *
 * Rounds: 1, of 8 bytes for each element each way. Security: active.
 */
export const enter = {
  demand: ({ length }: Length) => ({
    items: { input0: length, input1: length },
    rounds: 1,
    bytes: 8 * length,
  }),
  async run(ctx, [words], { length }): Promise<AuthenticatedVector> {
    const parties = [0, 1] as const;
    const [zero, one] = await Promise.all(
      parties.map((owner) =>
        input.run(ctx, [owner === ctx.link.party ? words : undefined], { owner, length }),
      ),
    );
    return scope(() => addShares(zero!, one!));
  },
} satisfies AuthenticatedProtocol<Length, [words: RingVector]>;
