/**
 * Track where the words of a LongTensor come from. A share of a computed value may be opened only by the path that
 * checks it, so every tensor made from such words remembers its sources through all operations.
 */

/** A source of words. */
export interface Source {
  /** `share`: a party's share of a computed value. `opened`: a value that was opened. `planned`: nothing real. */
  readonly kind: "share" | "opened" | "planned";
  /** When its words were first read as plain numbers, by this file's clock. */
  readAt?: number;
  /** @throws the words can no longer be used */
  use?(): void;
}

/** A shared value as this file sees it: two objects with the same `value` have the same words. */
export interface Whole {
  readonly value: object;
}

export interface Origin {
  /** The shared value whose unchanged words these are; undefined after any computation. */
  readonly whole?: Whole | undefined;
  /** If the other party sent these words in a swap: the shared value that they complete. */
  readonly counterpart?: Whole | undefined;
  readonly sources: readonly Source[];
  /** When the words were made from plain numbers; 0 if they were not. */
  readonly born: number;
}

/** The origin of words without a source to track. */
export const NO_ORIGIN: Origin = { sources: [], born: 0 };

let clock = 0;

/** The origin of each object that a tensor's words were read into. */
const handedOut = new WeakMap<object, Origin>();

/** Record that numbers come from sources, so that tensors made from them know. */
export function handOut(numbers: object, sources: readonly Source[]): void {
  handedOut.set(numbers, { sources, born: 0 });
}

/** Return the recorded sources of numbers. */
export function sourcesOf(numbers: object): readonly Source[] {
  return handedOut.get(numbers)?.sources ?? [];
}

/** Return the sources that last only as long as a plan. */
export function plannedSources({ sources }: Origin): readonly Source[] {
  return sources.filter(({ kind }) => kind === "planned");
}

/** Origin of a tensor that a caller makes from numbers. */
export function originOf(data: unknown): Origin {
  const known = typeof data === "object" && data !== null ? handedOut.get(data) : undefined;
  return { sources: known?.sources ?? [], born: ++clock };
}

/** Origin of a value computed from several tensors. */
export function derivedOrigin(origins: readonly Origin[]): Origin {
  if (origins.every((origin) => origin === NO_ORIGIN)) return NO_ORIGIN;
  return {
    sources: [...new Set(origins.flatMap(({ sources }) => sources))],
    born: Math.max(...origins.map(({ born }) => born)),
  };
}

/** Origin of a sum. A share plus its counterpart is no longer a share but the value itself, which both parties know. */
export function sumOrigin(x: Origin, y: Origin): Origin {
  const opens = (a: Origin, b: Origin) => a.whole !== undefined && a.whole.value === b.counterpart?.value;
  if (opens(x, y)) return { sources: y.sources, born: 0 };
  if (opens(y, x)) return { sources: x.sources, born: 0 };
  return derivedOrigin([x, y]);
}

/** Record that words are read as plain numbers, from which the caller can make anything. */
export function readOut<T>(origin: Origin, numbers: T): T {
  const shares = origin.sources.filter(({ kind }) => kind === "share");
  for (const source of shares) source.readAt ??= ++clock;
  if (shares.length > 0 && typeof numbers === "object" && numbers !== null) handOut(numbers, shares);
  return numbers;
}

/** @throws the words belong to a plan that has ended */
export function useOrigin({ sources }: Origin): void {
  for (const source of sources) source.use?.();
}
