/** Makes a SharedVariable iterate over its rows, and refuse to be indexed like an array. */
import { SharedVariable } from "../autograd/shared-variable";
import { at } from "./layout/at";

declare module "../autograd/shared-variable" {
  interface SharedVariable {
    /** A secret cannot be indexed like an array: write `x.at(0)`, or `x.slice([0, 10])`. */
    readonly [position: number]: never;
    /**
     * Iterate over the rows.
     *
     * @throws {TypeError} this is a single number
     *
     * @example
     * const [first, second] = x;
     */
    [Symbol.iterator](): IterableIterator<SharedVariable>;
  }
}

function* rows(this: SharedVariable): IterableIterator<SharedVariable> {
  if (this.shape.length === 0)
    throw new TypeError("a SharedVariable of one number has no rows to iterate over");
  for (let i = 0; i < this.shape[0]!; i++) yield at(this, i);
}

/** What lies behind the methods: it is asked only for names that nothing else has. */
const behind = new Proxy(Object.create(Object.prototype) as object, {
  get(target, key, receiver) {
    if (isPosition(key)) {
      throw new TypeError(
        `x[${key}] is not how to index a SharedVariable; write x.at(${key}), or x.slice([from, to]) for a range`,
      );
    }
    return Reflect.get(target, key, receiver);
  },
  set(target, key, value, receiver) {
    if (isPosition(key)) {
      throw new TypeError(
        `x[${key}] = … cannot change a SharedVariable; make another one, such as with where or concat`,
      );
    }
    return Reflect.set(target, key, value, receiver);
  },
});

function isPosition(key: string | symbol): key is string {
  return typeof key === "string" && /^-?\d+$/.test(key);
}

Object.defineProperty(SharedVariable.prototype, Symbol.iterator, {
  value: rows,
  writable: true,
  configurable: true,
});
Object.setPrototypeOf(SharedVariable.prototype, behind);
