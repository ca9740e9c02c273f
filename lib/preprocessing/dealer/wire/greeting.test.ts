import { expect, test } from "vitest";
import { Keys } from "../../../channel/keys/keys";
import {
  checkHello,
  commitmentTo,
  createHello,
  drawSecret,
  type Membership,
  seedOf,
  sessionOfMember,
} from "./greeting";

const [dealer, zero, one, other] = Array.from({ length: 4 }, () => Keys.generate()) as [
  Keys,
  Keys,
  Keys,
  Keys,
];
const identity = { own: dealer, admitted: [zero.publicKey, one.publicKey] };

function members(authenticated = true): [Membership, Membership] {
  const secrets = [drawSecret(), drawSecret()];
  return [0, 1].map((party) => ({
    party,
    authenticated,
    secret: secrets[party],
    peerCommitment: commitmentTo(secrets[1 - party]!, (1 - party) as 0 | 1),
  })) as [Membership, Membership];
}

const as = (own: Keys) => ({ own, dealer: dealer.publicKey });

test("both parties derive one session, each with its own seed", () => {
  const [a, b] = members();
  expect(sessionOfMember(a)).toEqual(sessionOfMember(b));
  const session = sessionOfMember(a);
  expect(seedOf(a.secret, session)).not.toEqual(seedOf(b.secret, session));
  expect(seedOf(a.secret, session)).not.toEqual(a.secret.slice(0, 16));
  expect(checkHello(createHello(a, as(zero)), identity)).toBe(zero.publicKey);
  expect(checkHello(createHello(b, as(one)), identity)).toBe(one.publicKey);
  expect(checkHello(createHello(a))).toBe("");
});

test("another secret, party, mode or peer gives another session", () => {
  const [a] = members();
  const session = sessionOfMember(a);
  const hello = createHello(a);
  for (const change of [
    { secret: drawSecret() },
    { party: 1 as const },
    { authenticated: false },
    { peerCommitment: drawSecret() },
  ]) {
    expect(sessionOfMember({ ...a, ...change })).not.toEqual(session);
    expect(checkHello({ ...hello, ...change })).toBeUndefined();
  }
  expect(checkHello({ ...hello, session: drawSecret() })).toBeUndefined();
});

test("a hello with another party's key is refused", () => {
  const [a] = members();
  expect(checkHello(createHello(a, as(other)), identity)).toBeUndefined();
  const borrowed = { ...createHello(a, as(other)), publicKey: createHello(a, as(zero)).publicKey };
  expect(checkHello(borrowed, identity)).toBeUndefined();
  const proven = createHello(a, as(zero));
  expect(checkHello({ ...proven, publicKey: createHello(a, as(one)).publicKey }, identity)).toBeUndefined();
});
