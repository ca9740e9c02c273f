// What stops the set-up and what the person can do about it: shown as it stands, without a stack trace.

export class Problem extends Error {
  /** @param {string} what - what is missing or failed, one sentence
   *  @param {string} [remedy] - how to get it, any number of lines */
  constructor(what, remedy = "") {
    super(what);
    this.remedy = remedy;
  }
}

/** How to get a package on the three kinds of machine that we tell about. */
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

/** Runs a script's main function; a Problem ends it with exit code 1 and two short paragraphs. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`\n${error.message}\n${error.remedy ? `${error.remedy}\n` : ""}`);
    process.exitCode = 1;
  }
}
