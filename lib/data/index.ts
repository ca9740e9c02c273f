/** Reading and writing files of plain values; they stay at this party until you pass them to `iface.input`. */
export { type ArrowOptions, readArrow, readParquet } from "./arrow";
export { type CsvOptions, readCsv, writeCsv } from "./csv";
export { readNpy, writeNpy } from "./npy";
export { type Missing, Table } from "./table";
