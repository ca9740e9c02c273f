/**
 * Transpose a matrix of bits given as 128 columns of `rows` bits each: the plain reference for the WASM kernel.
 * Bit i of a column is bit i & 7 of its byte i >> 3; a row's bits lie alike.
 */
export function transposeBits(columns: Uint8Array, rows: number): Uint8Array {
  const result = new Uint8Array(rows * 16);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < 128; column++) {
      const bit = (columns[(column * rows) / 8 + (row >> 3)]! >> (row & 7)) & 1;
      result[row * 16 + (column >> 3)]! |= bit << (column & 7);
    }
  return result;
}
