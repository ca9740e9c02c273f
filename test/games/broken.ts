/** Commitments that a game can break. Imports nothing, because it replaces the module of hashes while that loads. */

/** The defects that a game must find. */
export const broken = { sender: false, value: false, nonce: false };

/** Repair everything after each test. */
export function mend(): void {
  Object.assign(broken, { sender: false, value: false, nonce: false });
}

/** The module of hashes, with a hash for commitments that can be broken. */
export function breaking(real: typeof import("../../lib/crypto/hash")): typeof real {
  const { hashLabelled } = real;
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
  return { ...real, hashLabelled: hash };
}
