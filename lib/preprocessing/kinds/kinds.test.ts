import { describe, expect, test } from "vitest";
import { DealerProducer } from "../dealer/party/dealer-producer";
import { InsecureFirstPartyDealer } from "../dealer/party/insecure-first-party-dealer";
import { PRODUCTIONS } from "../producers/productions";
import { ALL_KINDS, type KindName } from "./all";
import { addNeeds, bytesOfFields, bytesOfItem, definitionOf, type Kind, kindsOf, partsOf } from "./kinds";
import { AUTHENTICATED, PLAIN } from "./raw";

/** A key of each kind, its parameters as small as they may be. */
const KEYS = ALL_KINDS.map(({ name, parameters }) =>
  [name, ...parameters.map(({ least }) => least)].join(" "),
) as Kind[];

const dealer = (layout: typeof PLAIN) => new DealerProducer(layout, {} as never);
const dealt: KindName[] = [
  "triple",
  "square",
  "input0",
  "input1",
  "random",
  "truncation",
  "digits",
  "matrix",
  "product",
];

describe.each([
  [
    "malicious",
    PRODUCTIONS.malicious,
    ["triple", "square", "input0", "input1", "random", "bits", "andtriple", "dabit", "maskbits"],
  ],
  [
    "semi-honest",
    PRODUCTIONS["semi-honest"],
    ["triple", "square", "random", "wrap", "carry", "selection", "ands"],
  ],
  ["the dealer, without MACs", dealer(PLAIN), [...dealt, "comparison", "selection", "ands", "bit"]],
  ["the dealer, with MACs", dealer(AUTHENTICATED), dealt],
  [
    "the insecure dealer",
    new InsecureFirstPartyDealer(),
    [...dealt, "comparison", "selection", "ands", "bit"],
  ],
] as const)("%s", (_, production, made) => {
  test.each(KEYS)("makes or refuses by name: %s", (kind) => {
    const { name } = partsOf(kind);
    if ((made as readonly string[]).includes(name)) {
      const { least, most } = production.batch(kind);
      expect(least).toBeGreaterThan(0);
      expect(most).toBeGreaterThanOrEqual(least);
      expect(production.cost(kind).rounds).toBeGreaterThan(0);
    } else {
      expect(() => production.batch(kind)).toThrow(TypeError);
      expect(() => production.batch(kind)).toThrow(`"${name}`);
      expect(() => production.cost(kind)).toThrow(`"${name}`);
    }
  });
});

test("every kind is made by some production", () => {
  const made = new Set([
    ...[...dealt, "comparison", "selection", "ands", "bit", "wrap", "carry"],
    ...["bits", "andtriple", "dabit", "maskbits"],
  ]);
  expect(ALL_KINDS.map(({ name }) => name).filter((name) => !made.has(name))).toEqual([]);
});

test("names differ, and each kind has a plural, fields and a key that can be read", () => {
  expect(new Set(ALL_KINDS.map(({ name }) => name)).size).toBe(ALL_KINDS.length);
  for (const [i, { name, plural, fields }] of ALL_KINDS.entries()) {
    expect(plural).toMatch(/^[a-z0-9 ]+$/);
    expect(partsOf(KEYS[i]!)).toMatchObject({ kind: KEYS[i], name, fields });
    expect(definitionOf(KEYS[i]!).plural).toBe(plural);
  }
});

test.each([
  ["triple", [], 3, 1, false],
  ["bits", [], 3, 1, false],
  ["truncation 16", [16], 3, 1, false],
  ["matrix 3 12", [3, 12], 1, 12, true],
  ["product 3 4 2 6 5 7", [3, 4, 2, 6, 5, 7], 1, 10, true],
] as const)("reads %s", (key, numbers, fields, width, single) => {
  expect(partsOf(key)).toMatchObject({ kind: key, numbers, fields, width, single });
  expect(partsOf(key)).toEqual(partsOf(key));
});

test("bytes of an item follow from its shares, or from the kind itself", () => {
  expect(bytesOfFields(partsOf("triple"), PLAIN)).toEqual(new Array(3).fill({ value: 8, mac: 0 }));
  expect(bytesOfItem(partsOf("matrix 3 12"), AUTHENTICATED)).toBe(12 * 32);
  const packed = [
    { value: 8, mac: 1024 },
    { value: 0, mac: 1024 },
    { value: 16, mac: 16 },
  ];
  expect(bytesOfFields(partsOf("bits"), AUTHENTICATED)).toEqual(packed);
  expect(bytesOfItem(partsOf("bits"), AUTHENTICATED)).toBe(2088);
});

test.each([
  ["", TypeError],
  ["nothing", TypeError],
  ["constructor", TypeError],
  ["__proto__", TypeError],
  ["Triple", TypeError],
  ["triple ", TypeError],
  ["triple 1", TypeError],
  [" triple", TypeError],
  ["truncation", TypeError],
  ["truncation 016", TypeError],
  ["truncation 1e1", TypeError],
  ["truncation -1", TypeError],
  ["truncation 16 1", TypeError],
  ["truncation 0", RangeError],
  ["truncation 63", RangeError],
  ["matrix 1", TypeError],
  ["matrix 1 2.5", TypeError],
  ["matrix 1 1000000000000000", TypeError],
  ["product 0 1 2 3 4", TypeError],
] as const)("refuses the key %j", (key, error) => {
  expect(() => partsOf(key)).toThrow(error);
});

test("kinds without parameters are planned in the order of the registry, others in the order of the requests", () => {
  const needs = {
    "matrix 1 4": 1,
    wrap: 1,
    "truncation 3": 2,
    triple: 5,
    "matrix 0 4": 1,
    input0: 1,
  } as const;
  expect(kindsOf(needs)).toEqual(["triple", "input0", "wrap", "matrix 1 4", "truncation 3", "matrix 0 4"]);
  expect(addNeeds(needs, { triple: 2, square: 1 })).toEqual({ ...needs, triple: 7, square: 1 });
});
