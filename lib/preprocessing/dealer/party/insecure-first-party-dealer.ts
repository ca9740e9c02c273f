import type { OperationLink } from "../../../channel/operation-link";
import { createIdentity, SESSION_BYTES } from "../../../crypto/identity";
import { createPrivateRandom, randomSeed, SEED_BYTES } from "../../../crypto/prg";
import { type Kind, partsOf } from "../../kinds/kinds";
import { PLAIN, type RawVector } from "../../kinds/raw";
import type { BatchSizes, Producer, ProductionCost, SetUp } from "../../producer";
import { agreeOnBatch } from "../../producers/agree";
import { type Batch, correctionBytes, deal, dealingRuleOf, expand } from "../dealing/deal";

/**
 * Deals as the 2018 demo did: party 0 makes all correlated randomness and sends party 1 its part. Party 0 knows every
 * mask and can therefore read everything that party 1 opens under it: results are right, but party 1 has no privacy.
 *
 * Security: none against party 0; semi-honest against party 1.
 */
export class InsecureFirstPartyDealer implements Producer {
  /** The name that the handshake compares and that messages show. */
  static readonly label = "insecureFirstPartyDealer";
  readonly layout = PLAIN;
  readonly capabilities = { truncation: "truncation", comparison: "masked", matrices: true } as const;
  readonly concurrency = 1;
  #link: OperationLink | undefined;
  #seeds: [Uint8Array, Uint8Array] | undefined;
  #failure: Error | undefined;

  batch(kind: Kind): BatchSizes {
    dealingRuleOf(kind, PLAIN);
    return partsOf(kind).single ? { least: 1, most: 1 } : { least: 64, most: 1 << 16 };
  }

  cost(kind: Kind): ProductionCost {
    return { bytes: correctionBytes({ kind, count: 1, start: 0 }, PLAIN) / 2, rounds: 1, micros: 0.05 };
  }

  async setUp(link: OperationLink): Promise<SetUp> {
    this.#link = link;
    let greeting: Uint8Array;
    if (link.party === 0) {
      greeting = new Uint8Array(SESSION_BYTES + SEED_BYTES);
      createPrivateRandom().fill(greeting);
      link.send(greeting.slice());
    } else {
      greeting = await link.receive(SESSION_BYTES + SEED_BYTES);
    }
    this.#seeds = [randomSeed(), greeting.slice(SESSION_BYTES)];
    return { identity: createIdentity(link.party, greeting.slice(0, SESSION_BYTES)), alpha: 0n };
  }

  async make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    const batch: Batch = { kind, count, start };
    const size = correctionBytes(batch, PLAIN);
    const { party } = this.#link!;
    await agreeOnBatch(this.#link!, kind, count, start);
    let corrections: Uint8Array | undefined;
    if (size > 0 && party === 0) this.#link!.send(deal(batch, { layout: PLAIN, seeds: this.#known() }));
    else if (size > 0) corrections = await this.#link!.receive(size);
    return expand(batch, PLAIN, party, this.#known()[party], corrections);
  }

  async destroy(error: Error): Promise<void> {
    this.#failure ??= error;
    for (const seed of this.#seeds ?? []) seed.fill(0);
    this.#seeds = undefined;
  }

  #known(): [Uint8Array, Uint8Array] {
    if (!this.#seeds) throw this.#failure ?? new Error("the dealer is not set up yet");
    return this.#seeds;
  }
}
