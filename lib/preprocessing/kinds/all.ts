import { andTriple } from "./and-triple";
import { ands } from "./ands";
import { bit } from "./bit";
import { carry } from "./carry";
import { comparison } from "./comparison";
import { daBit } from "./dabit";
import { digits } from "./digits";
import { inputMask0, inputMask1 } from "./input-mask";
import type { KeyOf, KindDefinition } from "./kind";
import { maskBits } from "./mask-bits";
import { matrix } from "./matrix";
import { privateBits } from "./private-bits";
import { product } from "./product";
import { random } from "./random";
import { selection } from "./selection";
import { square } from "./square";
import { triple } from "./triple";
import { truncation } from "./truncation";
import { wrap } from "./wrap";

/**
 * Every kind of correlated randomness. A reservation plans those without parameters in this order.
 *
 * To add a kind, write its file, list it here, and add a line to the makers of each production that makes it by
 * oblivious transfer. A dealer follows the kind's own dealing rule.
 */
export const ALL_KINDS = [
  triple,
  square,
  inputMask0,
  inputMask1,
  random,
  privateBits,
  wrap,
  andTriple,
  daBit,
  maskBits,
  truncation,
  carry,
  comparison,
  digits,
  selection,
  ands,
  bit,
  matrix,
  product,
] as const satisfies readonly KindDefinition[];

/** The name of a kind, such as `truncation`. */
export type KindName = (typeof ALL_KINDS)[number]["name"];

/** A kind's key: its name and parameters, such as `truncation 16`. */
export type Kind = KeyOf<(typeof ALL_KINDS)[number]>;
