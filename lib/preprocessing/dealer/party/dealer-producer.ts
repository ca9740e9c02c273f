import type { OperationLink } from "../../../channel/operation-link";
import { equalBytes } from "../../../crypto/bytes";
import { createIdentity } from "../../../crypto/identity";
import { SpdzError, TransportError } from "../../../errors";
import { type Kind, partsOf } from "../../kinds/kinds";
import { AUTHENTICATED, burn, type RawVector, type ShareLayout } from "../../kinds/raw";
import type { BatchSizes, Capabilities, Producer, ProductionCost, SetUp } from "../../producer";
import { agreeOnBatch } from "../../producers/agree";
import { alphaOf, type Batch, correctionBytes, dealingRuleOf, expand } from "../dealing/deal";
import { LARGEST } from "../dealing/request";
import { commitmentTo, drawSecret, type Membership, seedOf, sessionOfMember } from "../wire/greeting";
import { DealerClient, type DealerClientOptions } from "./client";

/**
 * Gets correlated randomness from a dealer: a third process, trusted not to collude with either party, that sees no
 * input.
 *
 * Each party draws its own seed and sends it to the dealer alone. Party 0 expands its items from its seed; party 1
 * receives corrections. The messages between the two parties do not pass through the dealer.
 *
 * Security: the scheme's, malicious or semi-honest, provided the dealer follows the protocol and tells neither party
 * anything else.
 */
export class DealerProducer implements Producer {
  readonly capabilities: Capabilities;
  readonly concurrency = 8;
  #link: OperationLink | undefined;
  #agreed: Promise<void> = Promise.resolve();
  #client: DealerClient | undefined;
  #seed: Uint8Array | undefined;
  #failure: Error | undefined;
  #party: 0 | 1 = 0;

  /** @param layout - whether shares have MACs */
  constructor(
    readonly layout: ShareLayout,
    readonly options: DealerClientOptions,
  ) {
    const dealt = { truncation: "truncation", matrices: true, largest: LARGEST } as const;
    this.capabilities = { ...dealt, comparison: layout.mac > 0 ? "digits" : "masked" };
  }

  batch(kind: Kind): BatchSizes {
    dealingRuleOf(kind, this.layout);
    if (partsOf(kind).single) return { least: 1, most: 1 };
    return { least: 1024, most: this.layout.mac > 0 ? 2 ** 14 : 2 ** 16 };
  }

  /** Count half of what the dealer sends to party 1 at each party. */
  cost(kind: Kind): ProductionCost {
    const bytes = correctionBytes({ kind, count: 1, start: 0 }, this.layout);
    return { bytes: bytes / 2, rounds: 1, micros: this.layout.mac > 0 ? 0.2 : 0.03 };
  }

  async setUp(link: OperationLink): Promise<SetUp> {
    const { party } = link;
    this.#link = link;
    this.#party = party;
    const secret = drawSecret();
    const commitment = commitmentTo(secret, party);
    const peerCommitment = await link.exchange(commitment.slice(), "commits to a seed for the dealer");
    if (equalBytes(commitment, peerCommitment))
      throw new TransportError(
        "malformed",
        "the other party sent back this party's own commitment instead of one of its own. Start a new session on both sides",
      );
    if (this.#failure) throw this.#failure;
    const member: Membership = {
      party,
      authenticated: this.layout === AUTHENTICATED,
      secret,
      peerCommitment,
    };
    const session = sessionOfMember(member);
    this.#seed = seedOf(secret, session);
    const alpha = alphaOf(this.#seed, this.layout);
    this.#client = new DealerClient(member, this.options);
    this.#client.open();
    await this.#client.present();
    return { identity: createIdentity(party, session), alpha };
  }

  async make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    if (this.#failure) throw this.#failure;
    if (!this.#client) throw new SpdzError("internal", "the dealer is not set up yet");
    const batch: Batch = { kind, count, start };
    // Single items need no agreement: the operations whose factors they are already name them to both parties.
    const agreed = partsOf(kind).single ? undefined : this.#agree(batch);
    const size = correctionBytes(batch, this.layout);
    const asked = this.#party === 1 && size > 0;
    if (asked) {
      const [corrections] = await Promise.all([this.#client.request(kind, count, start, size), agreed]);
      return this.#expand(batch, corrections);
    }
    // Expand what follows from the seed alone while the batch names are in flight, once all of them have been sent.
    const present = this.#client.present();
    await (agreed ? Promise.race([present, agreed.then(() => present)]) : present);
    const items = this.#expand(batch);
    try {
      await agreed;
      if (this.#failure) throw this.#failure;
    } catch (error) {
      items.forEach(burn);
      throw error;
    }
    return items;
  }

  #expand(batch: Batch, corrections?: Uint8Array): RawVector[] {
    if (!this.#seed) throw this.#failure;
    return expand(batch, this.layout, this.#party, this.#seed, corrections);
  }

  /** Send the batch name at once; receive the names one after another. */
  #agree({ kind, count, start }: Batch): Promise<void> {
    this.#agreed = agreeOnBatch(this.#link!, kind, count, start, this.#agreed);
    this.#agreed.catch(() => undefined);
    return this.#agreed;
  }

  async destroy(error: Error): Promise<void> {
    this.#failure ??= error;
    this.#client?.abort(error);
    this.#seed?.fill(0);
    this.#seed = undefined;
  }
}
