import {
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { JOBS, RESULTS, SECOND } from "./subjects";

/** Both streams forget after an hour: no session waits that long for a job. */
const AGE = 3600 * SECOND;

/**
 * Jobs that wait for workers. There is at most one message of a subject, so a job that is published while it waits is
 * refused.
 */
export const JOB_STREAM = {
  name: JOBS,
  subjects: ["spdz.jobs.>"],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  discard_new_per_subject: true,
  max_msgs_per_subject: 1,
  max_msgs: 1000,
  max_age: AGE,
} as const satisfies Partial<StreamConfig>;

/** Results that wait for the notebook. When it is full, workers keep theirs and wait. */
export const RESULT_STREAM = {
  name: RESULTS,
  subjects: ["spdz.res.>"],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_bytes: 2 * 2 ** 30,
  max_age: AGE,
} as const satisfies Partial<StreamConfig>;

/** Create both streams where they do not exist. */
export async function ensureStreams(connection: NatsConnection): Promise<JetStreamManager> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  for (const stream of [JOB_STREAM, RESULT_STREAM]) {
    try {
      await manager.streams.info(stream.name);
    } catch {
      await manager.streams.add(stream as Partial<StreamConfig> & { name: string });
    }
  }
  return manager;
}
