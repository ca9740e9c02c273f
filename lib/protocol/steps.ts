import type { Offers } from "../preprocessing/producer";
import { addDemands, type Demand, NO_DEMAND } from "./demand";
import type { Protocol, Setting } from "./protocol";
import type { Protocols } from "./scheme";

type Name = keyof Protocols;
type Table = { readonly [N in Name]-?: NonNullable<Protocols[N]> };
/** The public sizes that a protocol of the table takes. */
export type SizesOf<N extends Name> = Parameters<Table[N]["demand"]>[0];
type InputsOf<N extends Name> = Parameters<Table[N]["run"]>[1];
type OutputOf<N extends Name> = ReturnType<Table[N]["run"]>;

/** One use of a protocol by an operation. */
export interface Use<N extends Name = Name> {
  readonly protocol: N;
  readonly sizes: SizesOf<N>;
}

/** Says that an operation uses a protocol once, with these sizes. */
export function use<N extends Name>(protocol: N, sizes: SizesOf<N>): Use<N> {
  return { protocol, sizes };
}

/** The protocols that an operation uses, by names of its own. */
export type Uses = Readonly<Record<string, Use | readonly Use[] | undefined>>;

type Step<U> =
  U extends Use<infer N>
    ? (...inputs: InputsOf<N>) => OutputOf<N>
    : U extends readonly (infer V)[]
      ? readonly Step<V>[]
      : undefined;

/** The same, each to be called once with its inputs. */
export type Steps<U extends Uses> = { readonly [K in keyof U]: Step<U[K]> };

/** Steps whose demand is known and that have not run. */
export interface PlannedSteps<U extends Uses> {
  readonly demand: Demand;
  /** @param ctx - what the scheme's protocols run with */
  bind(ctx: unknown): Steps<U>;
  /** The operation failed, or will not run. */
  abort(error: unknown): void;
}

/** @throws {RangeError} sizes beyond what can be done */
export function checkUses(protocols: Protocols, uses: Uses, can: Offers): void {
  for (const { protocol, sizes } of flatten(uses)) entryOf(protocols, protocol).check?.(sizes, can);
}

/** Plans an operation's steps. Both parties call it in the order of issue. */
export function planSteps<U extends Uses>(protocols: Protocols, uses: U, setting: Setting): PlannedSteps<U> {
  const demands = new Map<Use, Demand>();
  for (const each of flatten(uses))
    demands.set(each, entryOf(protocols, each.protocol).demand(each.sizes, setting));
  const step = (ctx: unknown) => (each: Use) => {
    const { protocol, sizes } = each;
    const entry = entryOf(protocols, protocol);
    return (...inputs: readonly unknown[]) => entry.run(ctx, inputs, sizes, demands.get(each)!);
  };
  return {
    demand: demands.size === 0 ? NO_DEMAND : addDemands(...demands.values()),
    bind: (ctx) => {
      const bound = step(ctx);
      const steps: Record<string, unknown> = {};
      for (const [name, some] of Object.entries(uses))
        if (some !== undefined) steps[name] = isList(some) ? some.map(bound) : bound(some);
      return steps as Steps<U>;
    },
    abort: (error) => {
      for (const [{ protocol }, demand] of demands) entryOf(protocols, protocol).abort?.(demand, error);
    },
  };
}

/** A protocol whose types the table has checked where it was written. */
type AnyProtocol = Protocol<unknown, unknown, readonly unknown[], unknown>;

function entryOf(protocols: Protocols, name: Name): AnyProtocol {
  const entry = protocols[name];
  if (!entry) throw new TypeError(`this session's scheme has no protocol "${name}"`);
  return entry as unknown as AnyProtocol;
}

const isList = (some: Use | readonly Use[]): some is readonly Use[] => Array.isArray(some);

function flatten(uses: Uses): readonly Use[] {
  return Object.values(uses).flatMap((some) => (some === undefined ? [] : isList(some) ? some : [some]));
}
