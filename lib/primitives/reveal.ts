import type { Party } from "../channel/channel";
import { Eventual } from "../eventual";
import type { Share } from "../protocol/scheme";
import { use } from "../protocol/step";
import * as steps from "../protocol/steps/reveal";
import type { RingVector } from "../ring";
import { decodeVector } from "../tensor/fixed-point";
import type { FloatTensor } from "../tensor/float-tensor";
import { sizeOf } from "../tensor/shape";
import { describe } from "./issue";
import { type SharedTensor, shareOf } from "./shared-tensor";

/** Open x to both parties, checked as far as the session's scheme can; return the values mod 2^64. */
export function openWords(x: SharedTensor, kind: string): Eventual<RingVector> {
  const description = describe(kind, [x]);
  const share = shareOf(x, description);
  const length = sizeOf(x.shape);
  return x.iface.run({
    description,
    inputs: [share],
    uses: { opened: use(steps.reveal, { length }) },
    opens: length,
    body: (_, { opened }, [x]) => opened(x as Share),
  });
}

/** Open x to both parties, and decode it. */
export function reveal(x: SharedTensor): Promise<FloatTensor> {
  const { shape, fracBits, iface } = x;
  const source = iface.executor.counting?.source;
  const words = openWords(x, "reveal");
  return Eventual.derive([words], () => decodeVector(words.value, shape, fracBits, source)).promise;
}

/** Open x to one party, which decodes it; return undefined at the other. */
export function revealTo(x: SharedTensor, to: Party): Promise<FloatTensor | undefined> {
  const { iface, shape, fracBits } = x;
  const source = iface.executor.counting?.source;
  const description = { ...describe("reveal", [x]), options: `to party ${to}` };
  const share = shareOf(x, description);
  const length = sizeOf(shape);
  const words = iface.run({
    description,
    inputs: [share],
    uses: { opened: use(steps.revealTo, { length, to }) },
    opens: length,
    body: (_, { opened }, [x]) => opened(x as Share),
  });
  return Eventual.derive([words], () => {
    if (iface.party !== to || words.value === undefined) return undefined;
    return decodeVector(words.value, shape, fracBits, source);
  }).promise;
}
