import { readFileSync } from "node:fs";
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
} from "@nats-io/transport-node";
import { type NatsAddress, parseUrl } from "./address";

/**
 * Connect, and keep trying for as long as the connection is not closed.
 *
 * @param wait - whether to wait for a server that is not there yet; if false, fail at once
 */
export function connectNats(address: NatsAddress, name: string, wait = true): Promise<NatsConnection> {
  const url = parseUrl(address.url)!;
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const options: ConnectionOptions = {
    servers: url.host,
    name,
    waitOnFirstConnect: wait,
    reconnect: wait,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    pingInterval: 10_000,
    ignoreAuthErrorAbort: wait,
    ...(user && (pass ? { user, pass } : { token: user })),
    ...(url.protocol === "tls:" && { tls: address.authorities ? { caFile: address.authorities } : {} }),
    ...(address.credentials && { authenticator: credsAuthenticator(readFileSync(address.credentials)) }),
  };
  return connect(options);
}
