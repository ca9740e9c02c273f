/** Recognize values that are pictures: the bytes of an image, the specification of a plot. */

/** Return the representations of such a value by MIME type. Empty for any other value. */
export function pictureOf(value: unknown): Record<string, unknown> {
  return value instanceof Uint8Array ? imageOf(value) : plotOf(value);
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];

function imageOf(bytes: Uint8Array): Record<string, unknown> {
  const starts = (signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);
  if (starts(PNG)) return { "image/png": base64(bytes) };
  if (starts(JPEG)) return { "image/jpeg": base64(bytes) };
  return {};
}

/** Encode bytes for a message. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

const SCHEMA = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)(?:\.\d+)*\.json#?$/;

/** The versions that JupyterLab 4 can draw. */
const DRAWN = { vega: [5], "vega-lite": [3, 4, 5] } as const;

function plotOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return {};
  const { $schema } = value as { $schema?: unknown };
  const [, language, major] = (typeof $schema === "string" && SCHEMA.exec($schema)) || [];
  if (language !== "vega" && language !== "vega-lite") return {};
  // If JupyterLab does not know the version, send the nearest one too. The front end picks one that it can draw.
  const versions = DRAWN[language];
  const nearest = Math.min(Math.max(Number(major), versions[0]), versions.at(-1)!);
  const type = (version: number) => `application/vnd.${language.replace("-", "")}.v${version}+json`;
  return { [type(Number(major))]: value, [type(nearest)]: value };
}
