import type { OperationLink } from "../../channel/operation-link";
import { GuardedLink } from "../../crypto/guarded-link";
import { createPrivateRandom } from "../../crypto/prg";
import { SpdzError } from "../../errors";
import type { ByteSource } from "../../ring";
import type { Kind } from "../kinds";
import { destroyMachine, type Machine, setUpMachine } from "../machine";
import { AUTHENTICATED, type RawVector } from "../raw";
import { recipeOf } from "../recipes";
import { agreeOnBatch } from "./agree";
import { FROM_OT, type Producer, type SetUp } from "./producer";

/** Makes correlated randomness in the thread that asks for it, which does nothing else during each step. */
export class LocalProducer implements Producer {
  readonly layout = AUTHENTICATED;
  readonly offers = FROM_OT;
  readonly concurrency = 1;
  readonly batch = recipeOf;
  readonly cost = recipeOf;
  readonly #random: ByteSource;
  readonly #setUpMachine: typeof setUpMachine;
  #link: OperationLink | undefined;
  #machine: Machine | undefined;
  #failure: Error | undefined;

  /**
   * @param random - secret randomness of this party alone
   * @param insecureMachine - another set-up, for tests
   */
  constructor(random = createPrivateRandom(), insecureMachine = setUpMachine) {
    this.#random = random;
    this.#setUpMachine = insecureMachine;
  }

  async setUp(link: OperationLink): Promise<SetUp> {
    this.#link = new GuardedLink(link, () => this.#failure);
    const machine = await this.#setUpMachine(this.#link, this.#random);
    if (this.#failure) {
      destroyMachine(machine);
      throw this.#failure;
    }
    this.#machine = machine;
    return { identity: machine.identity, alpha: machine.keeper.alpha };
  }

  async make(kind: Kind, count: number, start: number): Promise<RawVector[]> {
    if (this.#failure) throw this.#failure;
    if (!this.#machine) throw new SpdzError("internal", "the machine is not set up yet");
    await agreeOnBatch(this.#link!, kind, count, start);
    return recipeOf(kind).make(this.#link!, this.#machine, count);
  }

  async destroy(error: Error): Promise<void> {
    this.#failure ??= error;
    if (this.#machine) destroyMachine(this.#machine);
    this.#machine = undefined;
  }
}
