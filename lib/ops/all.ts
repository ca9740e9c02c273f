/** The registry of operations. It must be `export *`: other forms lose the hover text. */
export * from "./add";
export * from "./matmul";
export * from "./matmul-left";
export * from "./mul";
export * from "./neg";
export * from "./pow";
export * from "./sigmoid";
export * from "./square";
export * from "./sub";
export * from "./sum";
export * from "./t";
