/** Commitments as a game may break them. Imports nothing: it stands in for the module of hashes while that loads. */

/** Ways in which the code is broken, for a game to find. */
export const broken = { sender: false, value: false, nonce: false };

/** For the module of hashes: the hash of commitments, unless it is broken. */
export function breaking<T extends (label: string, ...parts: Uint8Array[]) => Uint8Array>(
  hashLabelled: T,
): T {
  const hash = (label: string, ...parts: Uint8Array[]) => {
    if (!label.startsWith("commitment/")) return hashLabelled(label, ...parts);
    const [session, place, nonce, value] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const anyone = place.map((byte, i) => (i === 8 ? 0 : byte));
    return hashLabelled(
      label,
      session,
      broken.sender ? anyone : place,
      broken.nonce ? new Uint8Array(0) : nonce,
      broken.value ? new Uint8Array(0) : value,
    );
  };
  return hash as T;
}
