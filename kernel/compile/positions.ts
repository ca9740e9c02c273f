/** Convert positions: Jupyter counts code points, TypeScript counts UTF-16 code units. */

/** Return the index into `text` of the code point number `points`. */
export function fromCodePoints(text: string, points: number): number {
  let index = 0;
  for (let left = points; left > 0 && index < text.length; left--)
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  return index;
}

/** Return the number of code points before `index` in `text`. */
export function toCodePoints(text: string, index: number): number {
  let points = 0;
  for (let at = 0; at < index && at < text.length; points++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return points;
}
