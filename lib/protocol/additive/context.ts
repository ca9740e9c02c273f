import type { OperationLink } from "../../channel/operation-link";
import type { Reservation } from "../../preprocessing/pool/pool";
import type { Capabilities } from "../../preprocessing/producer";
import type { Ring, RingVector } from "../../ring";
import type { Demand } from "../demand";
import type { Protocol } from "../protocol";

/** The link for messages, and the ring of the shares in them. */
export interface LinkContext {
  readonly ring: Ring;
  readonly link: OperationLink;
}

/** The context of a protocol on additive shares; nothing is global. */
export interface AdditiveContext extends LinkContext {
  /** The correlated randomness that was reserved when the operation was issued. */
  readonly items: Reservation;
  readonly can: Capabilities;
}

/** The protocol of a step on additive shares. */
export type AdditiveProtocol<
  Sizes,
  In extends readonly unknown[],
  Out = RingVector,
  D extends Demand = Demand,
> = Protocol<AdditiveContext, Sizes, In, Out, D>;
