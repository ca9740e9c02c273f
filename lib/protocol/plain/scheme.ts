import { type RingVector, ring128, scope } from "../../ring";
import type { Scheme } from "../scheme";
import { fromWords, toWords } from "./values";

/** Values in the clear, held by the only party. Security: none; no other party takes part. */
export const plainScheme: Scheme<RingVector> = {
  name: "plain",
  linear: (values, map) => map(ring128, values),
  lift: fromWords,
  zeros: (length) => ring128.zeros(length),
  addPublic: (_, x, c) => scope(() => ring128.add(x, fromWords(c))),
  words: toWords,
  elementBytes: ring128.bytes,
  toBytes: (x) => ring128.toBytes(x),
  fromBytes: (bytes, length) => ring128.fromBytes(bytes, length),
};
