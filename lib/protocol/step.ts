import type { Capabilities } from "../preprocessing/producer";
import type { AuthenticatedVector } from "../sharing/authenticated";
import type { AdditiveContext } from "./additive/context";
import type { AuthenticatedContext } from "./authenticated/context";
import { addDemands, type Demand, NO_DEMAND } from "./demand";
import type { Protocol, Setting } from "./protocol";
import type { SchemeName, Share } from "./scheme";

/** Shares as the layers above see them. */
type Opaque<T> = [T] extends [AuthenticatedVector] ? Share : T;
type OpaqueAll<T extends readonly unknown[]> = { [K in keyof T]: Opaque<T[K]> };

/** A protocol whose types were checked where its step was defined. */
type AnyProtocol = Protocol<unknown, unknown, readonly unknown[], unknown>;

/** A step on shares, whichever scheme they are of. */
export interface Step<Sizes = unknown, In extends readonly unknown[] = readonly unknown[], Out = unknown> {
  /** One protocol for each scheme. */
  readonly protocols: { readonly [name in SchemeName]?: AnyProtocol };
  /** For the compiler alone. */
  readonly types?: { readonly sizes: Sizes; readonly in: In; readonly out: Out };
}

/** A step's protocols; both take the same public sizes. */
interface StepProtocols<
  Sizes,
  In extends readonly unknown[],
  Out,
  D extends Demand,
  AdditiveIn extends readonly unknown[],
  AdditiveOut,
  AdditiveDemand extends Demand,
> {
  /** Absent where additive shares need no such step. */
  readonly additive?: Protocol<AdditiveContext, Sizes, AdditiveIn, AdditiveOut, AdditiveDemand>;
  readonly authenticated: Protocol<AuthenticatedContext, Sizes, In, Out, D>;
}

/** A step on shares from its protocols, one for each scheme. */
export function defineStep<
  Sizes,
  In extends readonly unknown[],
  Out,
  D extends Demand,
  AdditiveIn extends readonly unknown[],
  AdditiveOut,
  AdditiveDemand extends Demand,
>(
  protocols: StepProtocols<Sizes, In, Out, D, AdditiveIn, AdditiveOut, AdditiveDemand>,
): Step<Sizes, OpaqueAll<In>, Opaque<Out>> {
  return { protocols: protocols as unknown as Step["protocols"] };
}

/** One use of a step by an operation. */
export interface Use<In extends readonly unknown[] = readonly unknown[], Out = unknown> {
  readonly step: Step<unknown, In, Out>;
  readonly sizes: unknown;
}

/** Says that an operation uses a step once, with these sizes. */
export function use<Sizes, In extends readonly unknown[], Out>(
  step: Step<Sizes, In, Out>,
  sizes: Sizes,
): Use<In, Out> {
  return { step, sizes };
}

/** The steps that an operation uses, by names of its own. */
export type Uses = Readonly<Record<string, Use | readonly Use[] | undefined>>;

type Call<U> =
  U extends Use<infer In, infer Out>
    ? (...inputs: In) => Promise<Out>
    : U extends readonly (infer V)[]
      ? readonly Call<V>[]
      : undefined;

/** The same, each to be called once with its inputs. */
export type Calls<U extends Uses> = { readonly [K in keyof U]: Call<U[K]> };

/** Steps whose demand is known and that have not run. */
export interface PlannedSteps<U extends Uses> {
  readonly demand: Demand;
  /** @param ctx - what the scheme's protocols run with */
  bind(ctx: unknown): Calls<U>;
  /** The operation failed, or will not run. */
  abort(error: unknown): void;
}

/** @throws {RangeError} sizes beyond what can be done */
export function checkUses(scheme: SchemeName, uses: Uses, can: Capabilities): void {
  for (const name in uses) {
    const some = uses[name];
    if (some === undefined) continue;
    if (isList(some)) for (const each of some) protocolOf(scheme, each).check?.(each.sizes, can);
    else protocolOf(scheme, some).check?.(some.sizes, can);
  }
}

/** Plans an operation's steps. Both parties call it in the order of issue. */
export function planSteps<U extends Uses>(scheme: SchemeName, uses: U, setting: Setting): PlannedSteps<U> {
  const planned: Planned[] = [];
  for (const name in uses) {
    const some: Use | readonly Use[] | undefined = uses[name];
    if (some === undefined) continue;
    if (isList(some)) for (const each of some) planned.push(planStep(scheme, name, each, setting, true));
    else planned.push(planStep(scheme, name, some, setting, false));
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
  for (const { name, protocol, sizes, demand, listed } of planned) {
    const call = (...inputs: readonly unknown[]) => protocol.run(ctx, inputs, sizes, demand);
    if (listed) (calls[name] as unknown[]).push(call);
    else calls[name] = call;
  }
  return calls;
}

function protocolOf(scheme: SchemeName, { step }: Use): AnyProtocol {
  const protocol = step.protocols[scheme];
  if (!protocol) throw new TypeError(`there is no such step on ${scheme} shares`);
  return protocol;
}

const isList = (some: Use | readonly Use[]): some is readonly Use[] => Array.isArray(some);
