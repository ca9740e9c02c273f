import type { Capabilities } from "../../preprocessing/producer";
import type { AuthenticatedVector } from "../../sharing/authenticated";
import type { Demand } from "../demand";
import type { Setting } from "../protocol";
import type { AuthenticatedProtocol } from "./context";

/**
 * Choose a protocol by the items for comparisons that the session's producer makes.
 *
 * @param byBits - from private bits, for two parties alone
 * @param byDigits - from masks in digits, which a dealer makes
 */
export function byItems<Sizes, In extends readonly unknown[]>(
  byBits: AuthenticatedProtocol<Sizes, In>,
  byDigits: AuthenticatedProtocol<Sizes, In>,
): AuthenticatedProtocol<Sizes, In> {
  const choose = ({ comparison }: Capabilities) => (comparison === "digits" ? byDigits : byBits);
  return {
    check: (sizes, can) => choose(can).check?.(sizes, can),
    demand: (sizes: Sizes, setting: Setting): Demand => choose(setting.can).demand(sizes, setting),
    run: (ctx, inputs, sizes, demand): Promise<AuthenticatedVector> =>
      choose(ctx.can).run(ctx, inputs, sizes, demand),
  };
}
