/**
 * The patterns of Jupyter's history search: SQLite's GLOB, which IPython uses. `*` matches any text, `?` any one
 * character, and `[abc]`, `[a-z]` and `[^abc]` one character that is, or is not, in the set. Every other character
 * matches itself, and matching is case-sensitive. A pattern with an unclosed set matches nothing.
 *
 * A search takes time linear in the text for every pattern, because it tries no position of the text twice. The stars
 * split the pattern into segments. Taking the leftmost match of each segment is correct, since a star matches any text
 * in between. Segments without `?` and sets are found by the Knuth-Morris-Pratt algorithm, the others by the shift-and
 * algorithm (Baeza-Yates and Gonnet), with 32 characters of the segment in each machine word. MOST_WILD limits the
 * length of the latter. SQLite has a limit too: it refuses patterns of more than 50,000 bytes.
 */

/** One character of a pattern: itself, anything, or one of a set. */
type Token = number | ((character: number) => boolean);
type Find = (text: readonly number[], from: number) => number;

/** The longest segment with `?` or sets in it, in characters. */
const MOST_WILD = 512;
const WORD = 32;
const NOWHERE = -1;

/**
 * Compile a pattern.
 *
 * @returns a function that tells whether a whole text matches, in time linear in the text
 */
export function glob(pattern: string): (text: string) => boolean {
  const segments = parse(pattern);
  if (segments === undefined) return () => false;
  const first = segments[0]!;
  const last = segments.at(-1)!;
  const between = segments.slice(1, -1).filter((segment) => segment.length > 0);
  if (between.some((segment) => !isLiteral(segment) && segment.length > MOST_WILD)) return () => false;
  const finds = between.map((segment) => ({ length: segment.length, find: finder(segment) }));
  return (text) => {
    const characters = charactersOf(text);
    if (segments.length === 1) return characters.length === first.length && matchesAt(characters, first, 0);
    const end = characters.length - last.length;
    if (first.length > end || !matchesAt(characters, first, 0) || !matchesAt(characters, last, end))
      return false;
    let at = first.length;
    for (const { length, find } of finds) {
      const found = find(characters, at);
      if (found === NOWHERE) return false;
      at = found + length;
      if (at > end) return false;
    }
    return true;
  };
}

const charactersOf = (text: string) => Array.from(text, (character) => character.codePointAt(0)!);
const isLiteral = (segment: readonly Token[]): segment is readonly number[] =>
  segment.every((token) => typeof token === "number");
const accepts = (token: Token, character: number) =>
  typeof token === "number" ? token === character : token(character);

function matchesAt(text: readonly number[], segment: readonly Token[], at: number): boolean {
  return segment.every((token, i) => accepts(token, text[at + i]!));
}

/** Return the parts between the stars, or undefined if a set is not closed. */
function parse(pattern: string): Token[][] | undefined {
  const characters = Array.from(pattern);
  const segments: Token[][] = [[]];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === "*") segments.push([]);
    else if (character === "?") segments.at(-1)!.push(() => true);
    else if (character !== "[") segments.at(-1)!.push(character.codePointAt(0)!);
    else {
      const none = characters[i + 1] === "^";
      const begin = i + (none ? 2 : 1);
      // A `]` in the first position belongs to the set.
      const end = characters.indexOf("]", begin + 1);
      if (end < 0) return undefined;
      segments.at(-1)!.push(oneOf(characters.slice(begin, end), none));
      i = end;
    }
  }
  return segments;
}

/** Parse a set of characters and ranges. `-` stands for itself where it cannot form a range. */
function oneOf(set: readonly string[], none: boolean): Token {
  const points = set.map((character) => character.codePointAt(0)!);
  const ranges: [from: number, to: number][] = [];
  let before: number | undefined;
  for (let i = 0; i < points.length; i++) {
    if (set[i] === "-" && before !== undefined && i + 1 < points.length) {
      ranges.push([before, points[++i]!]);
      before = undefined;
    } else {
      ranges.push([points[i]!, points[i]!]);
      before = points[i];
    }
  }
  const apart = mergeRanges(ranges);
  return (character) => {
    // Find the last range that begins no later than the character.
    let [low, high] = [0, apart.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (apart[middle]![0] <= character) low = middle + 1;
      else high = middle;
    }
    return (low > 0 && character <= apart[low - 1]![1]) !== none;
  };
}

/** Merge ranges into sorted ranges that do not overlap. */
function mergeRanges(ranges: readonly (readonly [from: number, to: number])[]): [from: number, to: number][] {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.filter(([from, to]) => from <= to).sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Return a function that finds the leftmost match of a segment from a given position. */
function finder(segment: readonly Token[]): Find {
  return isLiteral(segment) ? literalFinder(segment) : wildFinder(segment);
}

function literalFinder(segment: readonly number[]): Find {
  /** For each prefix length of the segment, the length of the longest proper prefix that is also a suffix of it. */
  const shorter = new Int32Array(segment.length + 1);
  for (let i = 1, length = 0; i < segment.length; i++) {
    while (length > 0 && segment[i] !== segment[length]) length = shorter[length]!;
    if (segment[i] === segment[length]) length++;
    shorter[i + 1] = length;
  }
  return (text, from) => {
    for (let i = from, length = 0; i < text.length; i++) {
      while (length > 0 && text[i] !== segment[length]) length = shorter[length]!;
      if (text[i] === segment[length]) length++;
      if (length === segment.length) return i - length + 1;
    }
    return NOWHERE;
  };
}

function wildFinder(segment: readonly Token[]): Find {
  const words = Math.ceil(segment.length / WORD);
  const bit = (at: number) => 1 << (at % WORD);
  /** For each character, a bit for each position in the segment that it matches. */
  const places = new Map<number, Int32Array>();
  const placesOf = (character: number) => {
    let found = places.get(character);
    if (!found) {
      found = new Int32Array(words);
      for (const [at, token] of segment.entries())
        if (accepts(token, character)) found[Math.floor(at / WORD)]! |= bit(at);
      places.set(character, found);
    }
    return found;
  };
  const whole = segment.length - 1;
  return (text, from) => {
    /** Bit i is set if the first i + 1 characters of the segment match the text that ends here. */
    const state = new Int32Array(words);
    for (let i = from; i < text.length; i++) {
      const allowed = placesOf(text[i]!);
      let carried = 1;
      for (let word = 0; word < words; word++) {
        const shifted = (state[word]! << 1) | carried;
        carried = state[word]! >>> (WORD - 1);
        state[word] = shifted & allowed[word]!;
      }
      if ((state[words - 1]! & bit(whole)) !== 0) return i - whole;
    }
    return NOWHERE;
  };
}
