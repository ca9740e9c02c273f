import { beforeAll, describe, expect, test } from "vitest";
import { createLinkPair, endLink, runBoth, type Tap } from "../../../test/support/links";
import { seedOf } from "../../../test/support/machines";
import { concatBytes } from "../../crypto/bytes";
import { createIdentity } from "../../crypto/identity";
import { createPrg } from "../../crypto/prg";
import { drawElement, ELEMENT_BYTES, hashToElement, ready, subtract } from "../../crypto/ristretto";
import { CheckError, TransportError } from "../../errors";
import { receiveBase, sendBase } from "./base-ot";

beforeAll(ready);

const NEUTRAL = new Uint8Array(ELEMENT_BYTES);
const CHOICES = Uint8Array.of(0, 1, 1, 0);
const COUNT = CHOICES.length;
const SESSION = new Uint8Array(32).fill(5);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
/** The element of transfer i for a bit, in the receiver's message. */
const placeOf = (i: number, bit: number) => (2 * i + bit) * ELEMENT_BYTES;

const identityOf = (party: 0 | 1, seed: number, session = SESSION) =>
  createIdentity(party, session, createPrg(seedOf(seed + party)));

async function transfer(seed = 1, tap?: Tap, session = SESSION) {
  const [pairs, received] = await runBoth(
    createLinkPair(tap),
    (link) => sendBase(link, identityOf(0, seed, session), COUNT),
    (link) => receiveBase(link, identityOf(1, seed, session), CHOICES.slice()),
  );
  return { pairs: pairs.map((pair) => pair.map(hex)), received: received.map(hex) };
}

/** How one party ends on bytes of the other's; it may only accept them or throw an error that blames the other. */
async function endOn(party: 0 | 1, bytes: Uint8Array): Promise<string> {
  const links = createLinkPair();
  const run =
    party === 0
      ? sendBase(links[0], identityOf(0, 1), COUNT)
      : receiveBase(links[1], identityOf(1, 1), CHOICES.slice());
  links[1 - party]!.send(bytes.slice());
  const end = await run.then(
    () => "accepted",
    (error: unknown) => {
      if (error instanceof CheckError || error instanceof TransportError) return error.message;
      throw error;
    },
  );
  endLink(links[0]);
  endLink(links[1]);
  return end;
}

describe("base transfers", () => {
  test("give the receiver one message of each pair, and all messages differ", async () => {
    const { pairs, received } = await transfer();
    expect(received).toEqual(pairs.map((pair, i) => pair[CHOICES[i]!]));
    expect(new Set(pairs.flat()).size).toBe(2 * COUNT);
  });

  test("of another session, with all the same randomness, give other messages", async () => {
    const [one, other] = [await transfer(), await transfer(1, undefined, new Uint8Array(32).fill(6))];
    expect(new Set([...one.pairs.flat(), ...other.pairs.flat()]).size).toBe(4 * COUNT);
  });

  test("bind a message to its transfer and its bit: elements that stand elsewhere give others", async () => {
    const { pairs } = await transfer();
    const moved = async (move: (payload: Uint8Array) => Uint8Array) => {
      const { pairs } = await transfer(1, (message) => {
        if (message.from === 1) message.payload = move(message.payload);
      });
      return pairs.flat();
    };
    const size = 2 * ELEMENT_BYTES;
    const rotated = await moved((all) => concatBytes(all.slice(size), all.slice(0, size)));
    const swapped = await moved((all) =>
      concatBytes(
        ...Array.from({ length: COUNT }, (_, i) => [
          all.slice(placeOf(i, 1), placeOf(i, 2)),
          all.slice(placeOf(i, 0), placeOf(i, 1)),
        ]).flat(),
      ),
    );
    const repeated = await moved((all) =>
      concatBytes(...Array.from({ length: COUNT }, () => all.slice(0, size))),
    );
    const alike = await moved((all) =>
      concatBytes(...Array.from({ length: 2 * COUNT }, () => all.slice(0, ELEMENT_BYTES))),
    );
    // Of the repeated ones, the first pair is where it was, and the last where it is rotated to.
    const seen = [...pairs.flat(), ...rotated, ...swapped, ...repeated.slice(2, -2), ...alike];
    expect(new Set(seen).size).toBe(5 * 2 * COUNT - 4);
  });

  test("stop where an element is none, in any place, and at any bit of it", async () => {
    const random = createPrg(seedOf(3));
    const elements = Array.from({ length: 2 * COUNT }, () => drawElement(random));
    const noElement = "bytes that are not a group element";
    expect(await endOn(1, NEUTRAL)).toMatch(noElement);
    expect(await endOn(0, concatBytes(...elements))).toBe("accepted");
    for (const at of elements.keys())
      for (const bad of [NEUTRAL, NEUTRAL.map(() => 255), elements[at]!.map((byte, i) => byte ^ (i ? 0 : 1))])
        expect(await endOn(0, concatBytes(...elements.map((good, i) => (i === at ? bad : good))))).toMatch(
          noElement,
        );
    const ends = new Map<string, number>();
    for (let bit = 0; bit < 8 * ELEMENT_BYTES; bit++) {
      const end = await endOn(
        1,
        elements[0]!.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      );
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    // A changed bit gives another element or none, and nothing else happens.
    expect(ends.size).toBe(2);
    expect(await endOn(1, new Uint8Array(31))).toMatch("31 bytes");
    expect(await endOn(0, new Uint8Array(2 * COUNT * ELEMENT_BYTES + 1))).toMatch("bytes");
  });

  test.each([0, 1])("stop where the receiver makes the element of bit %i neutral", async (bit) => {
    // The sender's message would be a hash of the neutral element, whatever its secret is.
    const random = createPrg(seedOf(4));
    const elements = Array.from({ length: 2 * COUNT }, () => drawElement(random));
    const place = Uint8Array.of(0, 0, 0, 2, bit);
    const other = elements[2 * 2 + 1 - bit]!;
    elements[2 * 2 + bit] = subtract(NEUTRAL, hashToElement("base-ot/element", SESSION, place, other));
    expect(await endOn(0, concatBytes(...elements))).toMatch("forced a base oblivious transfer");
  });

  test("a sender that sends back an element of the receiver's does not get its messages", async () => {
    const links = createLinkPair();
    const receiving = receiveBase(links[1], identityOf(1, 1), CHOICES.slice());
    const pairs = await links[0].receive(2 * COUNT * ELEMENT_BYTES);
    links[0].send(pairs.slice(0, ELEMENT_BYTES));
    const received = (await receiving).map(hex);
    expect(new Set(received).size).toBe(COUNT);
    const { pairs: honest } = await transfer();
    expect(received.filter((message) => honest.flat().includes(message))).toEqual([]);
  });
});
