/** The finding of a check, and its text. */

/** `failure`: spdzlab does not work like this. `warning`: something is missing or works only in part. */
export type Status = "ok" | "warning" | "failure";

export interface Finding {
  /** The name of the check, in a word or two. */
  readonly check: string;
  readonly status: Status;
  /** The result, in one sentence. */
  readonly detail: string;
  /** Advice to the user, if there is any. */
  readonly remedy?: string;
}

/** One check. If it throws, it counts as a failure. */
export interface Check {
  readonly name: string;
  run(): Omit<Finding, "check"> | Promise<Omit<Finding, "check">>;
}

export const ok = (detail: string) => ({ status: "ok", detail }) as const;
export const warning = (detail: string, remedy: string) => ({ status: "warning", detail, remedy }) as const;
export const failure = (detail: string, remedy: string) => ({ status: "failure", detail, remedy }) as const;

/**
 * Run the checks one after the other.
 *
 * @param tell - called with each finding at once
 */
export async function examine(
  checks: readonly Check[],
  tell: (finding: Finding) => void,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run } of checks) {
    let found: Omit<Finding, "check">;
    try {
      found = await run();
    } catch (error) {
      found = failure(error instanceof Error ? error.message : String(error), "");
    }
    const finding = { check: name, ...found };
    findings.push(finding);
    tell(finding);
  }
  return findings;
}

const MARKS = { ok: "✓", warning: "!", failure: "✗" } as const;

/** Format a finding as lines of text. */
export function lines({ check, status, detail, remedy }: Finding): string {
  const text = `${MARKS[status]} ${check.padEnd(12)} ${detail}`;
  return remedy ? `${text}\n${remedy.replace(/^/gm, "    ")}` : text;
}
