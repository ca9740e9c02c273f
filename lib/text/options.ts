import { inspect } from "node:util";

/**
 * Check that options are an object without unknown names.
 *
 * @throws {TypeError} naming the operation, and the option that was meant if one is near
 */
export function checkOptions(operation: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(
      `${operation}: options must be an object such as { ${known[0]}: … }, got ${inspect(options, { depth: 0 })}`,
    );
  }
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown !== undefined) throw new TypeError(unknownOption(operation, unknown, known));
}

/** The message for an unknown option. */
export function unknownOption(operation: string, option: string, known: readonly string[]): string {
  const near = known.find((each) => differsLittle(each.toLowerCase(), option.toLowerCase()));
  const all = known.map((each) => `"${each}"`).join(", ");
  const help = near ? `did you mean "${near}"?` : `the options are ${all}`;
  return `${operation}: unknown option "${option}"; ${help}`;
}

/** Whether two words differ by at most two letters that are missing, added or other ones. */
function differsLittle(a: string, b: string): boolean {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]! <= 2;
}
