/**
 * Ends a run of the tests with what failed, what passed only when it was tried again, and the plain line that CI reads:
 * `N passed, N failed, N skipped`.
 */
import type { Reporter, TestCase, TestModule } from "vitest/node";

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    const lines: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        count[state]++;
        if (state === "failed") lines.push(`Failed: ${name(module, test)}: ${firstLine(errors[0])}`);
        // The errors of the first try stay with a test that passed the second time.
        else if (test.diagnostic()?.flaky)
          lines.push(`Passed at the second try: ${name(module, test)}: ${firstLine(errors?.[0])}`);
      }
      // A file that does not load, or a hook that throws, fails without any test of its own failing.
      const suites = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      count.failed += suites.length;
      for (const suite of suites)
        lines.push(`Failed: ${module.relativeModuleId}: ${firstLine(suite.errors()[0])}`);
    }
    // A test that was never begun, because the run was stopped or its file failed, did not pass.
    const skipped = count.skipped + count.pending;
    for (const line of lines) process.stdout.write(`\n${line}`);
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${skipped} skipped\n`);
  }
}

function name(module: TestModule, test: TestCase): string {
  return `${module.relativeModuleId} > ${test.fullName}`;
}

function firstLine(error: { readonly message?: string } | undefined): string {
  return error?.message?.split("\n")[0] ?? "no error";
}
