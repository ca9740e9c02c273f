import { defineKind } from "./kind";

/** Uniform bits a and b, and a ∧ b. A value is this party's bit with its MAC; a MAC is the key of the other party's. */
export const andTriple = defineKind({ name: "andtriple", plural: "triples of bits", fields: 3 });
