import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take a minute or more. Whoever runs last alone would keep the other core waiting. */
const LONG = [
  "lib/ops/ops.test.ts",
  "test/setup/comparing-notebooks.test.ts",
  "test/setup/modes.test.ts",
  "lib/ops/ops.malicious.test.ts",
  "lib/preprocessing/malicious/cheating.slow.test.ts",
  "lib/protocol/authenticated/cheating.slow.test.ts",
  "test/games/comparison.game.test.ts",
  "test/session/store-killed.test.ts",
];

/** Begin with the files that take longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(name));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
