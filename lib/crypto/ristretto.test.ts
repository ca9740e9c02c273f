import { beforeAll, describe, expect, it } from "vitest";
import { createPrg } from "./prg";
import {
  add,
  drawElement,
  drawScalar,
  hashToElement,
  isElement,
  isNeutral,
  multiply,
  multiplyBase,
  ready,
  subtract,
} from "./ristretto";

beforeAll(ready);

const random = createPrg(new Uint8Array(16).fill(7));
const bytesOfHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hexOfBytes = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const scalar = (value: number) => Uint8Array.of(value, ...new Uint8Array(31));

describe("ristretto255", () => {
  it("has the multiples of the generator that RFC 9496, appendix A.1, lists", () => {
    expect(hexOfBytes(multiplyBase(scalar(1)))).toBe(
      "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    );
    expect(hexOfBytes(multiplyBase(scalar(2)))).toBe(
      "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    );
  });

  it("refuses what is no element: other encodings of one, negative ones, and the neutral element", () => {
    for (const bad of [
      `00${"ff".repeat(31)}`,
      `f3${"ff".repeat(30)}7f`,
      `01${"00".repeat(31)}`,
      "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
      "00".repeat(32),
    ]) {
      expect(isElement(bytesOfHex(bad)), bad).toBe(false);
    }
    expect(isElement(multiplyBase(drawScalar(random)))).toBe(true);
  });

  it("is a group: (a + b) G = a G + b G, and a (b G) = b (a G)", () => {
    const [a, b] = [drawScalar(random), drawScalar(random)];
    const [aG, bG] = [multiplyBase(a), multiplyBase(b)];
    expect(multiply(a, bG)).toEqual(multiply(b, aG));
    const other = drawElement(random);
    expect(multiply(a, add(bG, other))).toEqual(add(multiply(a, bG), multiply(a, other)));
    expect(subtract(add(aG, other), other)).toEqual(aG);
    expect(isNeutral(subtract(aG, aG))).toBe(true);
  });

  it("hashes each label and each sequence of parts to another element", () => {
    const parts = [Uint8Array.of(1, 2), Uint8Array.of(3)] as const;
    const hashes = [
      hashToElement("a", ...parts),
      hashToElement("b", ...parts),
      hashToElement("a", Uint8Array.of(1), Uint8Array.of(2, 3)),
    ];
    expect(new Set(hashes.map(hexOfBytes)).size).toBe(3);
    expect(hashes.every(isElement)).toBe(true);
  });
});
