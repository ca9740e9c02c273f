/** ZeroMQ writes keys in Z85, five characters for four bytes (rfc.zeromq.org/spec/32). */
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** @throws {RangeError} the text is not valid Z85 */
export function decodeZ85(text: string): Uint8Array {
  const bytes = Buffer.alloc((text.length / 5) * 4);
  if (text.length % 5 !== 0) throw new RangeError("not a Z85 text");
  for (let i = 0; i < text.length; i += 5) {
    let value = 0;
    for (const character of text.slice(i, i + 5)) {
      const digit = ALPHABET.indexOf(character);
      if (digit < 0) throw new RangeError("not a Z85 text");
      value = value * 85 + digit;
    }
    if (value >= 2 ** 32) throw new RangeError("not a Z85 text");
    bytes.writeUInt32BE(value, (i / 5) * 4);
  }
  return bytes;
}

/** @param bytes - their number must be a multiple of four */
export function encodeZ85(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  let text = "";
  for (let i = 0; i < buffer.length; i += 4) {
    let value = buffer.readUInt32BE(i);
    let group = "";
    for (let digit = 0; digit < 5; digit++) {
      group = ALPHABET[value % 85]! + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}
