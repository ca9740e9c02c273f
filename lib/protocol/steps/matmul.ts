import { matmul as additive } from "../additive/matmul";
import { matmul as authenticated } from "../authenticated/matmul";
import { defineStep } from "../step";

/** The product of an m×k and a k×n matrix. */
export const matmul = defineStep({ additive, authenticated });
