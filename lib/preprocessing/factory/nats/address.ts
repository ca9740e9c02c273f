/** Where an organisation's NATS is. The text may hold a password, so no message shows it. */
export interface NatsAddress {
  /** `nats://host:port` or `tls://host:port`, with `user:password@` or `token@` before the host if needed. */
  readonly url: string;
  /** A file of credentials (`nsc`). */
  readonly credentials?: string | undefined;
  /** A file of certificates of authorities that the server's must be signed by. */
  readonly authorities?: string | undefined;
}

/**
 * Read an address and, from the environment, SPDZ_NATS_CREDS and SPDZ_NATS_CA.
 *
 * @param name - the option or variable, for the error
 * @throws {RangeError} it is not an address of NATS
 */
export function parseNatsAddress(text: unknown, name: string, environment = process.env): NatsAddress {
  const url = typeof text === "string" ? parseUrl(text) : undefined;
  if (!url) throw new RangeError(`${name} must be an address like nats://127.0.0.1:4222 or tls://host:4222`);
  return {
    url: text as string,
    credentials: environment["SPDZ_NATS_CREDS"] || undefined,
    authorities: environment["SPDZ_NATS_CA"] || undefined,
  };
}

/** The address without what is secret in it. */
export function showNatsAddress({ url }: NatsAddress): string {
  const { protocol, host } = parseUrl(url)!;
  return `${protocol}//${host}`;
}

/** @returns undefined if the text is not an address of NATS */
export function parseUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return ["nats:", "tls:"].includes(url.protocol) && url.hostname !== "" ? url : undefined;
}
