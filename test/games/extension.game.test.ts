// The consistency check of the OT extension: a receiver that names different choice bits to different trees.
import { expect, test, vi } from "vitest";
import { createPrg } from "../../lib/crypto/prg";
import { LINEAR_HASH_BYTES } from "../../lib/crypto/linear-hash";
import { CheckError } from "../../lib/errors";
import { EXTENSION_TREES, ExtensionReceiver, ExtensionSender } from "../../lib/preprocessing/ot/soft-spoken";
import { Kernels } from "../../lib/preprocessing/wasm/kernels";
import { LARGE, lists, max, mean, report, seedFor, upTo } from "./game";

vi.mock("../../lib/crypto/prg", async (original) => {
  const real = await original<typeof import("../../lib/crypto/prg")>();
  const { withStreams } = await import("./game");
  return { ...real, createPrg: withStreams(real.createPrg) };
});
// The same polynomial, at a point that is the key itself: a toy key is one of a small field within GF(2^128).
vi.mock("../../lib/crypto/linear-hash", async (original) => {
  const real = await original<typeof import("../../lib/crypto/linear-hash")>();
  const { PointHash } = await import("./point-hash");
  return { ...real, LinearHash: PointHash };
});
