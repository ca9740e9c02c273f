import type { Party } from "../../channel/channel";
import type { OperationLink } from "../../channel/operation-link";
import { MatrixMasks } from "../../protocol/matrix-masks";
import type { Cut, PlainContext } from "../../protocol/plain/context";
import { plainScheme } from "../../protocol/plain/scheme";
import type { Scheme } from "../../protocol/scheme";
import { planSteps, type Uses } from "../../protocol/step";
import { ring64, ring128 } from "../../ring";
import type { Operation } from "../executor/executor";

const setting = { can: { truncation: "truncation", matrices: true }, masks: new MatrixMasks() } as const;

/** The result of an operation in the clear, and the truncations in it. */
export interface Evaluated<T> {
  readonly value: T;
  readonly cuts: readonly Cut[];
}

/**
 * Run an operation in the clear: the same body, each step by its plain meaning.
 *
 * @param inputs - the values of its inputs, in order
 */
export async function evaluate<U extends Uses, T>(
  { uses, body }: Operation<U, T>,
  inputs: readonly unknown[],
  party: Party,
): Promise<Evaluated<T>> {
  const cuts: Cut[] = [];
  const ctx: PlainContext = { ring: ring128, party, cut: (cut) => void cuts.push(cut) };
  const steps = planSteps("plain", uses ?? ({} as U), setting).bind(ctx);
  const scheme = plainScheme as unknown as Scheme;
  return { value: await body({ ring: ring64, scheme, online: nobody(party) }, steps, inputs), cuts };
}

/** The link of an operation in the clear. */
function nobody(party: Party): OperationLink {
  const refuse = (): never => {
    throw new TypeError(
      "this operation sends messages of its own, so it cannot run in the clear: run it with the other party",
    );
  };
  return { party, send: refuse, receive: async () => refuse(), exchange: async () => refuse() };
}
