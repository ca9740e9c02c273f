// Store the tiles of a matrix in Morton order, so that at any level the four quarters of the matrix are the quarters of
// its memory. Adding two quarters is then adding two arrays.

/** Interleaves the bits of a tile's row and column. */
// @ts-ignore: decorator
@inline
export function morton(row: usize, column: usize): usize {
  let place: usize = 0;
  for (let bit: usize = 0; bit < 10; bit++) {
    place |= (((row >> bit) & 1) << (2 * bit + 1)) | (((column >> bit) & 1) << (2 * bit));
  }
  return place;
}
