/** The registry of operations, by folder. It must be `export *`: other forms lose the hover text. */
export * from "./arithmetic/add";
export * from "./arithmetic/div";
export * from "./arithmetic/matmul";
export * from "./arithmetic/matmul-left";
export * from "./arithmetic/mul";
export * from "./arithmetic/neg";
export * from "./arithmetic/pow";
export * from "./arithmetic/square";
export * from "./arithmetic/sub";
export * from "./layout/t";
export * from "./math/sigmoid";
export * from "./reduce/sum";
