/** `spdzlab doctor`: check the installation, and show how to fix what is wrong. */

import { awaitVisit } from "./bind";
import { type Check, examine, type Finding, lines } from "./finding";
import { jupyter, kernelspec, python } from "./jupyter";
import { keys } from "./keys";
import { node, sharedMemory, simd } from "./machine";
import { port, zeromq } from "./network";
import { visitPeer } from "./peer";

export interface DoctorOptions {
  /** The kernel's name in Jupyter. */
  readonly name: string;
  /** Check only the connection to party 0 at this address. */
  readonly peer?: string;
  /** Listen at this address for the other party's doctor. */
  readonly bind?: string;
  /** How long to wait for the other party, in seconds. */
  readonly timeout?: number;
  /** Print one JSON object instead of lines. */
  readonly json?: boolean;
}

/**
 * Run all checks and print the findings.
 *
 * @returns the exit code: 1 if a required check fails, otherwise 0
 */
export async function doctor(options: DoctorOptions, print: (text: string) => void): Promise<number> {
  const tell = options.json ? () => undefined : (finding: Finding) => print(lines(finding));
  const note = options.json ? () => undefined : print;
  const findings = await examine(checksFor(options, note), tell);
  const count = (status: string) => findings.filter((finding) => finding.status === status).length;
  const [failures, warnings] = [count("failure"), count("warning")];
  if (options.json) print(JSON.stringify({ ok: failures === 0, findings }, null, 2));
  else print(`\n${summary(failures, warnings)}`);
  return failures > 0 ? 1 : 0;
}

function checksFor({ name, peer, bind, timeout }: DoctorOptions, note: (text: string) => void): Check[] {
  if (peer === undefined && bind === undefined) {
    return [node, python, jupyter, kernelspec(name), zeromq, simd, sharedMemory, port, keys];
  }
  const listening = (address: string) => note(`… listening at ${address}`);
  const way: Check =
    peer !== undefined
      ? { name: "Peer", run: () => visitPeer(peer, (timeout ?? 10) * 1000) }
      : { name: "Visit", run: () => awaitVisit(bind!, (timeout ?? 60) * 1000, listening) };
  return [zeromq, keys, way];
}

function summary(failures: number, warnings: number): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  if (failures > 0)
    return `${count(failures, "failure")}, ${count(warnings, "warning")}: see above how to fix them.`;
  return warnings > 0 ? `Everything required works; ${count(warnings, "warning")}.` : "Everything works.";
}
