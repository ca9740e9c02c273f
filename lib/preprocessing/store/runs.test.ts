import { expect, test } from "vitest";
import { fc } from "../../../test/support/random";
import { Ledger } from "./ledger";
import { commonRuns, type Holding, joinRuns, type Run } from "./runs";

/** Runs of two sessions, apart and in order. */
const holdings = fc
  .record({
    burnt: fc.nat(60),
    steps: fc.array(fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 9 }), fc.constantFrom("old", "new")), {
      maxLength: 8,
    }),
  })
  .map(({ burnt, steps }): Holding => {
    let at = 0;
    const runs = steps.map(([gap, count, tag]): Run => {
      const start = at + gap;
      at = start + count;
      return { tag, start, end: at };
    });
    return { burnt, runs };
  });

/** Every item one by one, as its number and its session. */
const items = ({ burnt, runs }: Holding) =>
  runs.flatMap(({ tag, start, end }) =>
    Array.from({ length: end - start }, (_, i) => start + i)
      .filter((number) => number >= burnt)
      .map((number) => `${number} ${tag}`),
  );

test("both parties compute the same common items: those that both have and neither has burnt", () => {
  fc.assert(
    fc.property(holdings, holdings, (mine, theirs) => {
      const common = commonRuns(mine, theirs);
      const both = items({ ...theirs, burnt: Math.max(mine.burnt, theirs.burnt) });
      const expected = items({ ...mine, burnt: common.burnt }).filter((item) => both.includes(item));
      expect(items({ burnt: 0, runs: common.runs })).toEqual(expected);
      expect(commonRuns(theirs, mine)).toEqual(common);
      for (const { end } of [...mine.runs, ...theirs.runs]) expect(common.next).toBeGreaterThanOrEqual(end);
    }),
  );
});

test("adjacent runs are merged, and none is lost", () => {
  fc.assert(
    fc.property(holdings, ({ runs, burnt }) => {
      const joined = joinRuns(runs, burnt);
      expect(items({ runs: joined, burnt: 0 })).toEqual(items({ runs, burnt }));
      joined.slice(1).forEach((run, i) => {
        expect(run.tag !== joined[i]!.tag || run.start > joined[i]!.end).toBe(true);
      });
    }),
  );
});

test("a mark is never behind the used items, passes at most a thirty-second of the rest, and stays within it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 20 }),
      (pieces, uses) => {
        const ledger = new Ledger(0, 0);
        let [pool, file] = [0, 0];
        for (const [gap, count] of pieces) {
          file += gap;
          ledger.add(pool, file, count);
          pool += count;
          file += count;
        }
        let used = 0;
        for (const use of uses) {
          used = Math.min(pool, used + use);
          const end = ledger.fileEnd(used);
          if (end <= ledger.mark) continue;
          const mark = ledger.stride(end);
          expect(mark).toBeGreaterThanOrEqual(end);
          expect(mark).toBeLessThanOrEqual(file);
          const passed = Array.from({ length: pool - used }, (_, i) => ledger.fileEnd(used + i + 1)).filter(
            (number) => number > end && number <= mark,
          );
          expect(passed.length).toBeLessThanOrEqual(Math.max(8, Math.ceil((pool - used) / 32)));
          ledger.mark = mark;
        }
      },
    ),
  );
});
