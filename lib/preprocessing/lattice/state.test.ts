import { expect, test } from "vitest";
import { createLatticeStates } from "../../../test/support/lattice";
import { seedOf } from "../../../test/support/machines";
import { createPrg } from "../../crypto/prg";
import { MaskShares } from "./mask-shares";
import { destroyLatticeState } from "./state";

test("the end of a session overwrites every secret", async () => {
  const [state] = await createLatticeStates(23);
  const { kernels } = state.engine;
  const [start, length] = [kernels.start, kernels.mark - kernels.start];
  expect(kernels.view(start, length).some((byte) => byte !== 0)).toBe(true);
  destroyLatticeState(state);
  expect(kernels.view(0, start + length).every((byte) => byte === 0)).toBe(true);
});

test("shares of masks are the same each time, differ by mask, and end with the session", () => {
  const masks = new MaskShares(createPrg(seedOf(1)));
  const share = masks.draw("matrix 1 100", 100);
  expect(share).toHaveLength(800);
  expect(masks.draw("matrix 1 100", 100)).toEqual(share);
  expect(masks.draw("matrix 2 100", 100)).not.toEqual(share);
  masks.destroy();
  expect(() => masks.draw("matrix 1 100", 100)).toThrow("seeds are destroyed");
});
