import { expect, test } from "vitest";
import { createLinkPair, runBoth } from "../../../test/support/links";
import { Choice } from "./choice";

const costs = {
  ot: { bytes: 764, rounds: 9, micros: 4.5 },
  lattice: { bytes: 103, rounds: 3, micros: 1.2 },
};
const many = { ot: 20_000, lattice: 24_576 };

test("the way that took less time is taken, and a change is noticed", () => {
  const choice = new Choice();
  expect(choice.choose("triple", costs, many)).toBe("lattice");
  choice.learn("triple", "lattice", 1000, 2000);
  choice.learn("triple", "ot", 1000, 1000);
  expect(choice.choose("triple", costs, many)).toBe("ot");
  // Many more are made by lattices than are asked for, or as many.
  choice.learn("triple", "lattice", 1000, 0);
  choice.learn("triple", "lattice", 1000, 500);
  expect(choice.choose("triple", costs, { ot: 8192, lattice: 8192 })).toBe("lattice");
  expect(choice.choose("triple", costs, { ot: 2100, lattice: 8192 })).toBe("ot");
  // Each kind has its own times.
  expect(choice.choose("square", costs, many)).toBe("lattice");
});

test("a way that cannot be quicker is not tried", () => {
  const choice = new Choice();
  choice.learn("triple", "lattice", 1000, 3000);
  expect(choice.choose("triple", costs, { ot: 24_576, lattice: 24_576 })).toBe("lattice");
  const alike = { ot: { ...costs.ot, bytes: 110 }, lattice: costs.lattice };
  expect(choice.choose("triple", alike, { ot: 24_576, lattice: 24_576 })).toBe("ot");
});

test("both parties take the same way, as party 0 says, and few items need no word", async () => {
  const choices = [new Choice(), new Choice()] as const;
  choices[0].learn("triple", "lattice", 1, 10);
  choices[0].learn("triple", "ot", 1, 1);
  const said: Uint8Array[] = [];
  const links = createLinkPair(({ payload }) => said.push(payload));
  const agree = (count: number) =>
    runBoth(
      links,
      (link) => choices[0].agree(link, "triple", count, costs, many),
      (link) => choices[1].agree(link, "triple", count, costs, many),
    );
  expect(await agree(20_000)).toEqual(["ot", "ot"]);
  expect(await agree(10)).toEqual(["ot", "ot"]);
  expect(said).toHaveLength(1);
});

test("an unknown way is refused", async () => {
  const links = createLinkPair((message) => {
    message.payload = Uint8Array.of(7);
  });
  const agreed = [0, 1].map((party) => new Choice().agree(links[party]!, "triple", 20_000, costs, many));
  await agreed[0];
  await expect(agreed[1]).rejects.toMatchObject({ code: "transport-malformed" });
});
