/** NumPy's .npz files: .npy files by name in a ZIP archive, which fflate reads and writes. */
import { basename } from "node:path";
import { checksum } from "../channel/link/checksum";
import { writeWhole } from "../files";
import { type NamedTensors, type NamedValues, namedEntries, readAll } from "./named";
import { decodeNpy, encodeNpy } from "./npy";

/** Deflate makes no file more than 1032 times smaller. */
const MOST_DEFLATED = 1032;
/** Bytes of all arrays together. */
const MOST = 4 * 1024 ** 3;

/**
 * Read the arrays that NumPy wrote with `numpy.savez` or `numpy.savez_compressed`, by name; each as `readNpy` reads it.
 *
 * @throws {TypeError} an array holds something else than numbers
 * @throws {RangeError} the file cannot be read, is not an archive, or holds something else than .npy files
 *
 * @example
 * const { images, labels } = await io.readNpz("digits.npz");
 */
export async function readNpz(path: string): Promise<NamedTensors> {
  const where = `readNpz ${basename(path)}`;
  const bytes = await readAll(path);
  // Load it only if a file is read.
  const { unzipSync } = await import("fflate");
  let files: Record<string, Uint8Array>;
  let total = 0;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, size, originalSize, compression }) => {
        total += originalSize;
        const most = compression === 0 ? size : size * MOST_DEFLATED;
        if (!(size <= bytes.length && originalSize <= most && total <= MOST))
          throw new RangeError(`${JSON.stringify(name.slice(0, 100))} states a length that cannot be`);
        return true;
      },
    });
  } catch (cause) {
    throw new RangeError(
      `${where}: the archive cannot be read (${(cause as Error).message}); it is damaged, or not a .npz file`,
      { cause },
    );
  }
  const sums = checksums(bytes);
  const named: [string, NamedTensors[string]][] = [];
  for (const [name, file] of Object.entries(files)) {
    const shown = JSON.stringify(name.slice(0, 100));
    if (!name.endsWith(".npy"))
      throw new RangeError(`${where}: ${shown} is not a .npy file; write the file with numpy.savez`);
    if (sums.get(name) !== checksum(file))
      throw new RangeError(`${where}: ${shown} does not fit its checksum; the file is damaged`);
    named.push([name.slice(0, -4), await decodeNpy(file, `${where}: ${shown}`)]);
  }
  return Object.fromEntries(named);
}

/**
 * Write plain tensors by name for `numpy.load`, each as `writeNpy` writes it, without compression.
 *
 * @param path - the file; an earlier one is replaced
 * @throws {TypeError} a value is secret or a share, or a LongTensor has fractional bits
 * @throws {RangeError} the file cannot be written
 *
 * @example
 * await io.writeNpz("model.npz", { weight, bias });
 */
export async function writeNpz(path: string, values: NamedValues): Promise<void> {
  const { zipSync } = await import("fflate");
  const files = namedEntries(values, "writeNpz").map(([name, value]) => {
    const parts = encodeNpy(value, `writeNpz: ${JSON.stringify(name)}`);
    return [`${name}.npy`, new Uint8Array(Buffer.concat(parts))] as const;
  });
  await writeWhole(path, [zipSync(Object.fromEntries(files), { level: 0 })]);
}

/** The CRC-32 of each file by the archive's directory, which fflate does not check. */
function checksums(archive: Uint8Array): Map<string, number> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const found = new Map<string, number>();
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0 || end + 22 > bytes.length) return found;
  let at = bytes.readUInt32LE(end + 16);
  while (at + 46 <= end && bytes.readUInt32LE(at) === 0x02014b50) {
    const name = bytes.toString("utf8", at + 46, at + 46 + bytes.readUInt16LE(at + 28));
    found.set(name, bytes.readUInt32LE(at + 16));
    at += 46 + [28, 30, 32].reduce((sum, offset) => sum + bytes.readUInt16LE(at + offset), 0);
  }
  return found;
}
