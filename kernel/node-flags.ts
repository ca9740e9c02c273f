/**
 * How Node is started for a kernel. V8 counts large arrays outside its heap as if they lay in it, and with a small heap
 * it collects garbage after every 11 MB of them, that is after every few products of large matrices. So the heap counts
 * as one of 256 MiB from the beginning; that much is not taken.
 */
export const NODE_FLAGS: readonly string[] = ["--initial-old-space-size=256"];
