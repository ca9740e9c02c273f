import { SpdzError } from "../errors";
import type { Capabilities } from "../preprocessing/producer";
import type { RingVector } from "../ring";
import type { AuthenticatedVector } from "../sharing/authenticated";
import type { AdditiveContext } from "./additive/context";
import type { AuthenticatedContext } from "./authenticated/context";
import { addDemands, type Demand, NO_DEMAND } from "./demand";
import type { PlainContext, PlainStep } from "./plain/context";
import type { Protocol, Setting } from "./protocol";
import type { SchemeName, Share } from "./scheme";

/** Shares as the layers above see them. */
type Opaque<T> = [T] extends [AuthenticatedVector] ? Share : T;
type OpaqueAll<T extends readonly unknown[]> = { [K in keyof T]: Opaque<T[K]> };
/** The same from the additive scheme's shares. */
type WithShare<T> = [T] extends [RingVector] ? Share : T;
type WithShares<T extends readonly unknown[]> = { [K in keyof T]: WithShare<T[K]> };
/** The same in the additive scheme. */
type Additive<T> = [T] extends [AuthenticatedVector] ? RingVector : T;
type AdditiveAll<T extends readonly unknown[]> = { [K in keyof T]: Additive<T[K]> };

/** A protocol whose types were checked in the definition of its step. */
type AnyProtocol = Protocol<unknown, unknown, readonly unknown[], unknown>;

/** For schemes without a protocol for a step: why, and what to do instead, for users. */
type Missing = { readonly [name in SchemeName]?: string };

/** A step on shares of any scheme. */
export interface Step<Sizes = unknown, In extends readonly unknown[] = readonly unknown[], Out = unknown> {
  /** One protocol for each scheme. */
  readonly protocols: { readonly [name in SchemeName]?: AnyProtocol };
  /** Why a scheme has no protocol, and what to do. */
  readonly missing?: Missing | undefined;
  /** Only for the compiler. */
  readonly types?: { readonly sizes: Sizes; readonly in: In; readonly out: Out };
}

/**
 * Define a step on shares by its protocols, one for each scheme. Both take the same public sizes, and the same inputs but
 * for the shares in them.
 *
 * @param protocols.additive - absent if additive shares do not need the step
 * @param plain - its meaning in the clear, for `spdz.plain` and `checkRanges`
 */
export function defineStep<
  Sizes,
  In extends readonly unknown[],
  Out,
  D extends Demand,
  AdditiveDemand extends Demand,
>(protocols: {
  readonly additive?: Protocol<AdditiveContext, Sizes, AdditiveAll<In>, Additive<Out>, AdditiveDemand>;
  readonly authenticated: Protocol<AuthenticatedContext, Sizes, In, Out, D>;
  readonly plain?: PlainStep<Sizes, AdditiveAll<In>, Additive<Out>>;
}): Step<Sizes, OpaqueAll<In>, Opaque<Out>>;
/**
 * Define a step that shares with MACs do not have yet.
 *
 * @param definition.missing - tells users why, and what to do
 */
export function defineStep<Sizes, In extends readonly unknown[], Out, D extends Demand>(definition: {
  readonly additive: Protocol<AdditiveContext, Sizes, In, Out, D>;
  readonly missing: { readonly authenticated: string };
  readonly plain?: PlainStep<Sizes, In, Out>;
}): Step<Sizes, WithShares<In>, WithShare<Out>>;
export function defineStep(definition: unknown): Step<never, never, never> {
  const { missing, plain, ...protocols } = definition as Definition;
  return { protocols: { ...protocols, ...(plain && { plain: inTheClear(plain) }) }, missing };
}

/** A definition whose types were checked. */
type Definition = Omit<Step["protocols"], "plain"> & {
  readonly missing?: Missing;
  readonly plain?: PlainStep<unknown, readonly unknown[], unknown>;
};

/** The protocol of a step in the clear: no message, no correlated randomness. */
function inTheClear(plain: PlainStep<unknown, readonly unknown[], unknown>): AnyProtocol {
  return {
    demand: () => NO_DEMAND,
    run: async (ctx, inputs, sizes) => plain(ctx as PlainContext, inputs, sizes),
  };
}

/** One use of a step in an operation. */
export interface Use<In extends readonly unknown[] = readonly unknown[], Out = unknown> {
  readonly step: Step<unknown, In, Out>;
  readonly sizes: unknown;
}

/** Declare that an operation uses a step once, with these sizes. */
export function use<Sizes, In extends readonly unknown[], Out>(
  step: Step<Sizes, In, Out>,
  sizes: Sizes,
): Use<In, Out> {
  return { step, sizes };
}

/** The steps that an operation uses, by the operation's own names. */
export type Uses = Readonly<Record<string, Use | readonly Use[] | undefined>>;

type Call<U> =
  U extends Use<infer In, infer Out>
    ? (...inputs: In) => Promise<Out>
    : U extends readonly (infer V)[]
      ? readonly Call<V>[]
      : undefined;

/** The same steps as functions; call each once, with its inputs. */
export type Calls<U extends Uses> = { readonly [K in keyof U]: Call<U[K]> };

/** Steps with known demand that have not run yet. */
export interface PlannedSteps<U extends Uses> {
  readonly demand: Demand;
  /** @param ctx - the context of the scheme's protocols */
  bind(ctx: unknown): Calls<U>;
  /** Call this if the operation failed, or will not run. */
  abort(error: unknown): void;
}

/**
 * @throws {RangeError} the sizes of a step are out of range
 * @throws {SpdzError} `unsupported`: the scheme does not have a step
 */
export function checkUses(scheme: SchemeName, uses: Uses, can: Capabilities): void {
  for (const name in uses) {
    const some = uses[name];
    if (some === undefined) continue;
    if (isList(some)) for (const each of some) protocolOf(scheme, each).check?.(each.sizes, can);
    else protocolOf(scheme, some).check?.(some.sizes, can);
  }
}

/** Plan an operation's steps. Both parties call it in the order of issue. */
export function planSteps<U extends Uses>(scheme: SchemeName, uses: U, setting: Setting): PlannedSteps<U> {
  const planned: Planned[] = [];
  const seen = new Set<Use>();
  const plan = (name: string, each: Use, listed: boolean) => {
    if (seen.has(each)) throw new TypeError(`one use of a step stands twice in \`uses\`, last as "${name}"`);
    seen.add(each);
    planned.push(planStep(scheme, name, each, setting, listed));
  };
  for (const name in uses) {
    const some: Use | readonly Use[] | undefined = uses[name];
    if (some === undefined) continue;
    if (isList(some)) for (const each of some) plan(name, each, true);
    else plan(name, some, false);
  }
  return {
    demand: planned.length === 0 ? NO_DEMAND : addDemands(...planned.map(({ demand }) => demand)),
    bind: (ctx) => bindSteps(uses, planned, ctx) as Calls<U>,
    abort: (error) => {
      for (const { protocol, demand } of planned) protocol.abort?.(demand, error);
    },
  };
}

/** One use, planned. */
interface Planned {
  readonly name: string;
  readonly protocol: AnyProtocol;
  readonly sizes: unknown;
  readonly demand: Demand;
  /** It is one of a list. */
  readonly listed: boolean;
}

function planStep(scheme: SchemeName, name: string, each: Use, setting: Setting, listed: boolean): Planned {
  const protocol = protocolOf(scheme, each);
  const { sizes } = each;
  return { name, protocol, sizes, demand: protocol.demand(sizes, setting), listed };
}

function bindSteps(uses: Uses, planned: readonly Planned[], ctx: unknown): unknown {
  const calls: Record<string, unknown> = {};
  for (const name in uses) if (Array.isArray(uses[name])) calls[name] = [];
  const inTurn = planned.length > 1 ? takeTurns() : undefined;
  for (const { name, protocol, sizes, demand, listed } of planned) {
    let called = false;
    const call = (...inputs: readonly unknown[]) => {
      if (called)
        throw new TypeError(`the step "${name}" was called twice; name it in \`uses\` once for each call`);
      called = true;
      const run = () => protocol.run(ctx, inputs, sizes, demand);
      return inTurn ? inTurn(run) : run();
    };
    if (listed) (calls[name] as unknown[]).push(call);
    else calls[name] = call;
  }
  return calls;
}

/** The steps of one operation share a link, so a step that is called while another runs waits for it. */
function takeTurns(): (run: () => Promise<unknown>) => Promise<unknown> {
  let last: Promise<unknown> | undefined;
  return (run) => {
    const mine = last ? last.then(run, run) : run();
    last = mine;
    const done = () => {
      if (last === mine) last = undefined;
    };
    mine.then(done, done);
    return mine;
  };
}

function protocolOf(scheme: SchemeName, { step }: Use): AnyProtocol {
  const protocol = step.protocols[scheme];
  if (protocol) return protocol;
  const missing = step.missing?.[scheme];
  if (missing) throw new SpdzError("unsupported", missing);
  throw new TypeError(`this step has no protocol for ${scheme} shares`);
}

const isList = (some: Use | readonly Use[]): some is readonly Use[] => Array.isArray(some);
