/**
 * The moves of an adversary in an exchange of commitments: it sees the honest party's commitment before it sends its
 * own, and the honest party's opening before it opens. It commits to a value of its own, or sends a commitment that it
 * has seen or made before, or nothing that opens. It opens to whatever it knows: any value under its own nonces, what
 * the honest party opened, now or in an earlier exchange, or it withholds.
 */

import type { OperationLink } from "../../lib/channel/operation-link";
import { createIdentity, type Identity } from "../../lib/crypto/identity";
import { play, type Tap, upTo } from "./game";

/** A run of the code that ships by both parties, with small numbers as names of the values. */
export type Exchange = (link: OperationLink, identity: Identity, value: number) => Promise<number>;

/** Values that parties choose from. */
export const VALUES = 4;

export const SESSION = new Uint8Array(32).fill(7);

const identityOf = (party: 0 | 1) => {
  let seed = 1 + party;
  // The adversary's own nonces and values. A nonce is never used twice.
  const fill = (bytes: Uint8Array) => {
    for (let i = 0; i < bytes.length; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      bytes[i] = seed >>> 24;
    }
  };
  return createIdentity(party, SESSION, { fill });
};

type Message = (seen: Uint8Array, made: Uint8Array) => Uint8Array | "hang up";

/** The messages of one exchange: each party's commitment and opening. */
interface Past {
  readonly mine: readonly Uint8Array[];
  readonly theirs: readonly Uint8Array[];
}

/** The adversary's moves: its own honest run with a value, altered or not. */
export interface Strategy {
  readonly name: string;
  /** The value that its own code runs with. */
  readonly value: number;
  readonly commit: Message;
  readonly open: Message;
}

/** Run one exchange after an honest one. Return whether the honest party accepted, and the value it received. */
export async function against(exchange: Exchange, honest: number, { value, commit, open }: Strategy) {
  const identities = [identityOf(0), identityOf(1)] as const;
  await play(
    (link) => exchange(link, identities[0], honest),
    (link) => exchange(link, identities[1], 0),
  );
  const heard: Uint8Array[] = [];
  let got: number | undefined;
  const tap: Tap = (index, payload) => (index === 0 ? commit : open)(heard[index]!, payload);
  const { accepted } = await play(
    async (link) => {
      const send = link.send.bind(link);
      // The adversary sees each message before it answers.
      link.send = (payload, what) => {
        heard.push(payload.slice());
        send(payload, what);
      };
      got = await exchange(link, identities[0], honest);
    },
    (link) => exchange(rushing(link), identities[1], value),
    { tap },
  );
  return accepted ? got : undefined;
}

/** Send only after the other party's message has arrived. */
function rushing(link: OperationLink): OperationLink {
  return {
    party: link.party,
    send: (payload, what) => link.send(payload, what),
    receive: (length, what) => link.receive(length, what),
    async exchange(payload, what) {
      const theirs = await link.receive(payload.length, what);
      link.send(payload, what);
      return theirs;
    },
  };
}

/** Both parties' commitments and openings of an earlier exchange. */
export async function pastOf(exchange: Exchange, honest: number): Promise<Past> {
  const identities = [identityOf(0), identityOf(1)] as const;
  const mine: Uint8Array[] = [];
  const { sent } = await play(
    (link) => exchange(link, identities[0], honest),
    (link) => exchange(link, identities[1], 0),
    {
      tap: (_, payload) => {
        mine.push(payload.slice());
        return payload;
      },
    },
  );
  return { mine, theirs: sent };
}

/** All strategies: a way to commit and a way to open. `valueAt` writes a value into an opening. */
export function strategies(
  past: Past,
  withValue: (opening: Uint8Array, value: number) => Uint8Array,
): Strategy[] {
  const keep: Message = (_, made) => made;
  const echo: Message = (seen) => seen;
  const commits: [string, Message][] = [
    ["commits to a value", keep],
    ["echoes the commitment", echo],
    ["repeats its own commitment", () => past.mine[0]!],
    ["repeats the other one's commitment", () => past.theirs[0]!],
    ["sends what opens to nothing", (_, made) => new Uint8Array(made.length)],
    ["hangs up", () => "hang up"],
  ];
  const opens: [string, Message][] = [
    ["opens it", keep],
    ...upTo(VALUES).map((value): [string, Message] => [
      `opens to ${value}`,
      (_, made) => withValue(made, value),
    ]),
    ["echoes the opening", echo],
    ["repeats its own opening", () => past.mine[1]!],
    ["repeats the other one's opening", () => past.theirs[1]!],
    ["withholds", () => "hang up"],
  ];
  return commits.flatMap(([how, commit]) =>
    upTo(VALUES).flatMap((value) =>
      opens.map(([then, open]) => ({ name: `${how} ${value}, ${then}`, value, commit, open })),
    ),
  );
}
