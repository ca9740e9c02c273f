/** Long vectors in parts, so that what belongs to each element takes bounded memory. */
import { scope } from "../../ring";
import { type AuthenticatedVector, concatShares, sliceShares } from "../../sharing/authenticated";
import { addDemands, type Demand, NO_DEMAND } from "../demand";
import type { AuthenticatedContext } from "./context";

/** Split `length` elements into parts of at most `size`. */
export function chunksOf(length: number, size: number): [start: number, end: number][] {
  const starts = Array.from({ length: Math.ceil(length / size) }, (_, i) => i * size);
  return starts.map((start) => [start, Math.min(length, start + size)]);
}

/** The demand of all parts. */
export function inChunks(
  length: number,
  size: number,
  demandsOf: (count: number) => readonly Demand[],
): Demand {
  const demands = chunksOf(length, size).flatMap(([start, end]) => demandsOf(end - start));
  return demands.length === 0 ? NO_DEMAND : addDemands(...demands);
}

/** Run a protocol on one part after the other, and check what it opened if that is much. */
export async function runInChunks(
  ctx: AuthenticatedContext,
  inputs: readonly AuthenticatedVector[],
  length: number,
  size: number,
  run: (...parts: AuthenticatedVector[]) => Promise<AuthenticatedVector>,
): Promise<AuthenticatedVector> {
  const results: AuthenticatedVector[] = [];
  for (const [start, end] of chunksOf(length, size)) {
    results.push(await run(...inputs.map((x) => scope(() => sliceShares(x, start, end)))));
    await ctx.checkIfMany();
  }
  return results.length === 1 ? results[0]! : scope(() => concatShares(results));
}
