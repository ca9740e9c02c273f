import { readExact } from "./exact";
import { kindOf, type ScalarInput } from "./input";

/** Rows as objects with the same names, `[{ age: 63, kg: 71.5 }, …]`. */
export type NumberRecords = readonly Readonly<Record<string, ScalarInput>>[];

/**
 * Read records as rows of numbers, in the order of the first one's names; undefined for any other value.
 *
 * @throws {TypeError} a cell is missing or not a number; the message names its row and column
 * @throws {RangeError} the records have different names
 */
export function rowsOfRecords(values: unknown): ScalarInput[][] | undefined {
  if (!Array.isArray(values) || !isRecord(values[0])) return undefined;
  const names = Object.keys(values[0]);
  return values.map((record: unknown, row) => {
    if (!isRecord(record)) throw new RangeError(`input: row ${row} is not a record with the names of row 0`);
    const extra = Object.keys(record).find((name) => !names.includes(name));
    if (extra !== undefined)
      throw new RangeError(
        `input: row ${row} has a column ${JSON.stringify(extra)} that row 0 does not have`,
      );
    return names.map((name) => {
      const value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (readExact(value) !== undefined) return value as ScalarInput;
      const what = value === null || value === undefined ? "missing" : kindOf(value);
      throw new TypeError(
        `input: row ${row}, column ${JSON.stringify(name)} is ${what}; values must be numbers`,
      );
    });
  });
}

/** Whether it is an object of no class, of this or another realm. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (Object.prototype.toString.call(value) !== "[object Object]") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
