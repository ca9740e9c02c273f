import type { ColumnData } from "./table";

/** Make a column of values as Arrow and Parquet readers return them. */
export function columnOf(name: string, values: ArrayLike<unknown>, type: string): ColumnData {
  const numbers = new Float64Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    // A bigint that a number cannot hold makes the column one of bigints.
    const number = typeof value === "bigint" && BigInt(Number(value)) === value ? Number(value) : value;
    if (number === null || number === undefined) numbers[row] = Number.NaN;
    else if (typeof number === "number") numbers[row] = number;
    else return { name, type: typeName(value, type), values: Array.from(values, (each) => each ?? null) };
  }
  return { name, type: "numbers", values: numbers };
}

function typeName(value: unknown, type: string): string {
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "booleans";
  if (typeof value === "bigint") return "integers beyond 2^53";
  return value instanceof Date ? "dates" : type;
}
