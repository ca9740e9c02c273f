/**
 * Node's options for a kernel. V8 counts large arrays outside its heap towards the heap's limit. With a small heap it
 * would collect garbage after every few products of large matrices. Set the initial size of the heap to 256 MiB, which
 * reserves no memory.
 */
export const NODE_FLAGS: readonly string[] = ["--initial-old-space-size=256"];
