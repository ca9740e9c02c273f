/**
 * `npm run test:soak`: inflict faults for SPDZLAB_SOAK_MINUTES, or SPDZLAB_SOAK_ATTEMPTS of them, whichever ends first.
 * SPDZLAB_SOAK_MODE=malicious runs the default mode, with MACs and oblivious transfer, instead of the fastest.
 */
import { emptyTally, soakSession, summary, type Tally } from "./soak";

async function main(): Promise<void> {
  const minutes = Number(process.env["SPDZLAB_SOAK_MINUTES"] ?? 10);
  const most = Number(process.env["SPDZLAB_SOAK_ATTEMPTS"] ?? 10_000);
  const seed = Number(process.env["SPDZLAB_SOAK_SEED"] ?? Date.now() % 2 ** 31);
  const workers = Number(process.env["SPDZLAB_SOAK_PAIRS"] ?? 2);
  const until = Date.now() + 60_000 * minutes;
  const tally = emptyTally();
  process.stdout.write(`seed ${seed} (SPDZLAB_SOAK_SEED), up to ${minutes} minutes or ${most} attempts\n`);
  let session = 0;
  const work = async () => {
    while (Date.now() < until && tally.attempts < most) {
      const number = session++;
      const before = failures(tally).length;
      await soakSession(seed + 1000 * number, number % 2 === 0, 100, tally, until);
      const { attempts } = tally;
      if (number % 10 === 9)
        process.stdout.write(`${attempts} attempts, ${failures(tally).length} failures …\n`);
      for (const text of failures(tally).slice(before)) process.stdout.write(`${text}\n`);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  process.stdout.write(`${summary(tally)}\n`);
  process.exitCode = failures(tally).length > 0 ? 1 : 0;
}

/** The failures, in order within each kind. */
function failures({ aborts, hangs, wrong, ended }: Tally): string[] {
  return [...aborts, ...hangs, ...wrong, ...ended];
}

void main();
