/**
 * Where the words of a LongTensor come from. One party's share of something that was computed must be opened by the
 * way that checks it, so every tensor made from such words remembers them, whatever was done to them.
 */

/** Something that words can come from. */
export interface Source {
  /** `share`: a party's share of a computed value. `opened`: a value that was opened. `planned`: nothing real. */
  readonly kind: "share" | "opened" | "planned";
  /** When words of it were first read out as plain numbers, by this file's clock. */
  readAt?: number;
  /** @throws the words can be used no more */
  use?(): void;
}

/** A shared value as this file knows it: two of one `value` have the same words. */
export interface Whole {
  readonly value: object;
}

export interface Origin {
  /** The shared value whose words these are, unchanged; undefined as soon as anything was computed from them. */
  readonly whole?: Whole | undefined;
  /** The shared value that these words and its own add up to: what the other party gave for it. */
  readonly counterpart?: Whole | undefined;
  readonly sources: readonly Source[];
  /** When the words were made from plain numbers; 0 where they were not. */
  readonly born: number;
}

/** Of words that come from nothing that anybody must know. */
export const NO_ORIGIN: Origin = { sources: [], born: 0 };

let clock = 0;

/** What a tensor's words were handed out as. */
const handedOut = new WeakMap<object, Origin>();

/** Notes that numbers come from sources, for whatever is made of them. */
export function handOut(numbers: object, sources: readonly Source[]): void {
  handedOut.set(numbers, { sources, born: 0 });
}

/** What numbers were noted to come from. */
export function sourcesOf(numbers: object): readonly Source[] {
  return handedOut.get(numbers)?.sources ?? [];
}

/** Those that last as long as a plan. */
export function plannedSources({ sources }: Origin): readonly Source[] {
  return sources.filter(({ kind }) => kind === "planned");
}

/** Of a tensor that a caller makes from numbers. */
export function originOf(data: unknown): Origin {
  const known = typeof data === "object" && data !== null ? handedOut.get(data) : undefined;
  return { sources: known?.sources ?? [], born: ++clock };
}

/** Of what is computed from several tensors. */
export function derivedOrigin(origins: readonly Origin[]): Origin {
  if (origins.every((origin) => origin === NO_ORIGIN)) return NO_ORIGIN;
  return {
    sources: [...new Set(origins.flatMap(({ sources }) => sources))],
    born: Math.max(...origins.map(({ born }) => born)),
  };
}

/** Of a sum. A share and its counterpart are no shares any more, but the value itself, which both parties know. */
export function sumOrigin(x: Origin, y: Origin): Origin {
  const opens = (a: Origin, b: Origin) => a.whole !== undefined && a.whole.value === b.counterpart?.value;
  if (opens(x, y)) return { sources: y.sources, born: 0 };
  if (opens(y, x)) return { sources: x.sources, born: 0 };
  return derivedOrigin([x, y]);
}

/** Notes that words are read out as plain numbers, from which anything could be made. */
export function readOut<T>(origin: Origin, numbers: T): T {
  const shares = origin.sources.filter(({ kind }) => kind === "share");
  for (const source of shares) source.readAt ??= ++clock;
  if (shares.length > 0 && typeof numbers === "object" && numbers !== null) handOut(numbers, shares);
  return numbers;
}

/** @throws the words were only planned, in a plan that is over */
export function useOrigin({ sources }: Origin): void {
  for (const source of sources) source.use?.();
}
