/** Nanoseconds, in which NATS counts time. */
export const SECOND = 1e9;

export const JOBS = "SPDZ_JOBS";
export const RESULTS = "SPDZ_RESULTS";

/** Workers say here that they are there. */
export const HELLO = "spdz.hello";

export const jobSubject = (sid: string, job: number) => `spdz.jobs.${sid}.${job}`;
export const jobsOf = (sid: string) => `spdz.jobs.${sid}.>`;
export const resultSubject = (sid: string, job: number, run: string, chunk: number, chunks: number) =>
  `spdz.res.${sid}.${job}.${run}.${chunk}.${chunks}`;
export const resultsOf = (sid: string) => `spdz.res.${sid}.>`;
/** Requests to one worker. */
export const workerSubject = (id: string) => `spdz.worker.${id}`;

/** @returns the numbers in a result's subject, of which nothing is believed yet; undefined if there are none */
export function readResultSubject(
  subject: string,
): { job: number; run: string; chunk: number; chunks: number } | undefined {
  const parts = /^spdz\.res\.[0-9a-f]{16}\.(\d{1,15})\.([0-9a-f]{32})\.(\d{1,2})\.(\d{1,2})$/.exec(subject);
  if (!parts) return undefined;
  return { job: Number(parts[1]), run: parts[2]!, chunk: Number(parts[3]), chunks: Number(parts[4]) };
}
