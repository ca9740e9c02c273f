import { SpdzError } from "../../errors";
import { Eventual } from "../../eventual";

const counted = new WeakSet<Eventual<unknown>>();

/** Make the result of an operation that was only counted; reading it throws. */
export function countedResult(): Eventual<never> {
  const result = new Eventual<never>(Promise.reject(onlyPlanned()), "A value that was only planned");
  counted.add(result);
  return result;
}

/** @throws {SpdzError} `planned`: one of the values exists only in a plan, so nothing can be computed from it */
export function refuseCounted(inputs: readonly Eventual<unknown>[]): void {
  if (inputs.some((input) => counted.has(input))) throw onlyPlanned();
}

export function onlyPlanned(): SpdzError {
  return new SpdzError(
    "planned",
    "this value exists only within spdz.plan: run the computation itself to use it",
  );
}
