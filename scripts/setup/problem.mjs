// An error of the set-up, with what the user can do about it. Shown without a stack trace.

export class Problem extends Error {
  /** @param {string} what - what is missing or failed, in one sentence
   *  @param {string} [remedy] - how to fix it, in any number of lines */
  constructor(what, remedy = "") {
    super(what);
    this.remedy = remedy;
  }
}

/** Return how to install a package on each kind of machine. */
export function howToGet({ debian, fedora, macos, other }) {
  const lines = [
    ["Debian, Ubuntu", debian],
    ["Fedora", fedora],
    ["macOS", macos],
    ["otherwise", other],
  ];
  return lines
    .filter(([, command]) => command)
    .map(([system, command]) => `  ${system.padEnd(16)}${command}`)
    .join("\n");
}

/** Run a script's main function. After a Problem, print its message and remedy, and exit with code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`\n${error.message}\n${error.remedy ? `${error.remedy}\n` : ""}`);
    process.exitCode = 1;
  }
}
