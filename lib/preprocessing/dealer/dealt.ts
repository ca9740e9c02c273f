import type { Deal } from "./server";

export const dealCorrections: Deal = () => {
  throw new RangeError("not yet");
};
