import { WORKER_STATES, type WorkerState } from "../../lib/preprocessing/factory/wire/messages";
import type { Counters } from "../../lib/preprocessing/factory/worker/worker";

const METRICS: readonly (readonly [keyof Counters, string, string])[] = [
  ["jobs", "jobs_total", "Jobs made and handed over."],
  ["items", "items_total", "Items in them."],
  ["bytes", "handed_over_bytes_total", "Bytes handed over, sealed."],
  ["seconds", "work_seconds_total", "Seconds of work on them."],
  ["lost", "lost_runs_total", "Runs begun and not handed over."],
  ["refused", "refused_total", "Requests and jobs that were not valid."],
];

/** A worker's metrics in Prometheus's text format. */
export function metricsOf(state: WorkerState, counters: Counters): string {
  const lines = METRICS.flatMap(([key, name, help]) => [
    `# HELP spdzlab_worker_${name} ${help}`,
    `# TYPE spdzlab_worker_${name} counter`,
    `spdzlab_worker_${name} ${counters[key]}`,
  ]);
  const states = WORKER_STATES.map(
    (each) => `spdzlab_worker_state{state="${each}"} ${each === state ? 1 : 0}`,
  );
  const head = ["# HELP spdzlab_worker_state What the worker does.", "# TYPE spdzlab_worker_state gauge"];
  return `${[...lines, ...head, ...states].join("\n")}\n`;
}
