/** Reading and writing files of plain values; they stay at this party until you pass them to `iface.input`. */
export { type ArrowOptions, readArrow, readParquet } from "./arrow";
export { type CsvOptions, readCsv, writeCsv } from "./csv";
export type { NamedTensors, NamedValues } from "./named";
export { readNpy, writeNpy } from "./npy";
export { readNpz, writeNpz } from "./npz";
export { readOnnx } from "./onnx";
export { readSafetensors, writeSafetensors } from "./safetensors";
export { type Missing, Table } from "./table";
