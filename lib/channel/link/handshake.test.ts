import { expect, test } from "vitest";
import { fc } from "../../../test/support/random";
import { checkSettings, decodeHello, disagreement, drawNonce, encodeHello, sessionId } from "./handshake";

test("a hello is decoded, and anything else is malformed", () => {
  const hello = {
    nonce: drawNonce(),
    echo: new Uint8Array(16),
    settings: { ring: "64", ["__proto__"]: "x" },
  };
  const back = decodeHello(encodeHello(hello));
  expect(Buffer.compare(back.nonce, hello.nonce)).toBe(0);
  expect(Object.entries(back.settings)).toEqual(Object.entries(hello.settings));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        decodeHello(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "transport-malformed" });
      }
    }),
  );
  const nonces = Buffer.alloc(32);
  for (const text of ["null", "[]", "3", '{"a":1}', '{"a":', '{"a":{"b":"c"}}', ""]) {
    expect(() => decodeHello(Buffer.concat([nonces, Buffer.from(text)])), text).toThrow();
  }
});

test("both sides derive the same session id from both nonces", () => {
  const [a, b, c] = [drawNonce(), drawNonce(), drawNonce()];
  expect(sessionId(0, a, b)).toEqual(sessionId(1, b, a));
  expect(sessionId(0, a, b)).not.toEqual(sessionId(0, b, a));
  expect(sessionId(0, a, b)).not.toEqual(sessionId(0, a, c));
  expect(sessionId(0, a, b)).not.toEqual(sessionId(0, c, b));
});

test("every disagreement names the setting and both values", () => {
  const same = { ring: "64", precision: "16" };
  expect(disagreement({ party: 0, settings: same }, { party: 1, settings: { ...same } })).toBeUndefined();
  expect(disagreement({ party: 0, settings: same }, { party: 0, settings: same })?.message).toMatch(
    /both notebooks are party 0/,
  );
  const other = disagreement(
    { party: 0, settings: same },
    { party: 1, settings: { ...same, precision: "20" } },
  );
  expect(other).toMatchObject({ code: "transport-mismatch" });
  expect(other?.message).toContain('"precision": it is "16" here and "20" at the other party');
});

test("a peer's text is shown as short plain text", () => {
  const evil = `\u001b[31m<script>alert("x")</script>\u202e${"a".repeat(500)}`;
  const message = disagreement({ party: 0, settings: {} }, { party: 1, settings: { [evil]: evil } })!.message;
  expect(message).not.toMatch(/[\p{Cc}\p{Cf}<>]/u);
  expect(message.length).toBeLessThan(500);
});

test("settings must be a small record of strings", () => {
  expect(checkSettings({ a: "b" })).toEqual({ a: "b" });
  expect(() => checkSettings({ a: 1 as unknown as string })).toThrow(TypeError);
  expect(() => checkSettings({ a: "x".repeat(20_000) })).toThrow(RangeError);
  expect(() => checkSettings(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, ""])))).toThrow(
    RangeError,
  );
});
