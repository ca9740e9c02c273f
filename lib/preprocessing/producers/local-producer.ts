import type { OperationLink } from "../../channel/operation-link";
import type { Gate } from "../../crypto/gate";
import { GuardedLink } from "../../crypto/guarded-link";
import { createPrivateRandom, type Prg } from "../../crypto/prg";
import { SpdzError } from "../../errors";
import type { ByteSource } from "../../ring";
import type { Kind } from "../kinds/kinds";
import type { RawVector, ShareLayout } from "../kinds/raw";
import type { BatchSizes, Capabilities, Producer, ProductionCost, Resumption, SetUp } from "../producer";
import type { ProducerState, Production } from "../production";
import { agreeOnBatch } from "./agree";

/** Makes correlated randomness in the calling thread, which does nothing else during each step. */
export class LocalProducer implements Producer {
  readonly layout: ShareLayout;
  readonly capabilities: Capabilities;
  readonly concurrency = 1;
  readonly #production: Production;
  readonly #random: ByteSource;
  /** The same source, if this producer owns it. */
  readonly #own: Prg | undefined;
  #link: OperationLink | undefined;
  #state: ProducerState | undefined;
  #failure: Error | undefined;

  /** @param random - secret randomness of this party alone. Default: an own source, overwritten by `destroy`. */
  constructor(production: Production, random?: ByteSource) {
    this.#own = random ? undefined : createPrivateRandom();
    this.layout = production.layout;
    this.capabilities = production.capabilities;
    this.#production = production;
    this.#random = random ?? this.#own!;
  }

  batch(kind: Kind): BatchSizes {
    return this.#production.batch(kind);
  }

  cost(kind: Kind): ProductionCost {
    return this.#production.cost(kind);
  }

  async setUp(link: OperationLink, resumption?: Resumption, gate?: Gate): Promise<SetUp> {
    this.#link = new GuardedLink(link, () => this.#failure);
    const state = await this.#production.open(this.#link, this.#random, resumption, gate);
    if (this.#failure) {
      state.destroy();
      throw this.#failure;
    }
    this.#state = state;
    const { identity, alpha, delta, seeds } = state;
    return { identity, alpha, delta, seeds };
  }

  async make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    if (this.#failure) throw this.#failure;
    if (!this.#state) throw new SpdzError("internal", "the producer is not set up yet");
    if (!this.#state.isSilent?.(kind)) await agreeOnBatch(this.#link!, kind, count, start);
    return this.#state.make(this.#link!, kind, count);
  }

  async destroy(error: Error): Promise<void> {
    this.#failure ??= error;
    this.#state?.destroy();
    this.#state = undefined;
    this.#own?.destroy();
  }
}
