import type { OperationLink } from "../../channel/operation-link";
import type { Gate } from "../../crypto/gate";
import { GuardedLink } from "../../crypto/guarded-link";
import { createPrivateRandom, type Prg } from "../../crypto/prg";
import { SpdzError } from "../../errors";
import type { ByteSource } from "../../ring";
import type { Kind } from "../kinds/kinds";
import type { Layout, RawVector } from "../kinds/raw";
import type { BatchSizes, Offers, Producer, ProductionCost, Resumption, SetUp } from "../producer";
import type { Method, Workshop } from "../production";
import { agreeOnBatch } from "./agree";

/** Makes correlated randomness in the thread that asks for it, which does nothing else during each step. */
export class LocalProducer implements Producer {
  readonly layout: Layout;
  readonly offers: Offers;
  readonly concurrency = 1;
  readonly #method: Method;
  readonly #random: ByteSource;
  /** The same, where it is nobody else's. */
  readonly #own: Prg | undefined;
  #link: OperationLink | undefined;
  #workshop: Workshop | undefined;
  #failure: Error | undefined;

  /** @param random - secret randomness of this party alone; its own, overwritten in the end, unless given */
  constructor(method: Method, random?: ByteSource) {
    this.#own = random ? undefined : createPrivateRandom();
    this.layout = method.layout;
    this.offers = method.offers;
    this.#method = method;
    this.#random = random ?? this.#own!;
  }

  batch(kind: Kind): BatchSizes {
    return this.#method.batch(kind);
  }

  cost(kind: Kind): ProductionCost {
    return this.#method.cost(kind);
  }

  async setUp(link: OperationLink, resumption?: Resumption, gate?: Gate): Promise<SetUp> {
    this.#link = new GuardedLink(link, () => this.#failure);
    const workshop = await this.#method.open(this.#link, this.#random, resumption, gate);
    if (this.#failure) {
      workshop.destroy();
      throw this.#failure;
    }
    this.#workshop = workshop;
    const { identity, alpha, seeds } = workshop;
    return { identity, alpha, seeds };
  }

  async make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    if (this.#failure) throw this.#failure;
    if (!this.#workshop) throw new SpdzError("internal", "the machine is not set up yet");
    await agreeOnBatch(this.#link!, kind, count, start);
    return this.#workshop.make(this.#link!, kind, count);
  }

  async destroy(error: Error): Promise<void> {
    this.#failure ??= error;
    this.#workshop?.destroy();
    this.#workshop = undefined;
    this.#own?.destroy();
  }
}
