import { ConfigError } from "../config/index.ts";

const sandboxHost = /(^|[.-])(sandbox|sandbx|test|staging|stage|dev|mock|localhost)([.-]|$)/i;
const loopback = /^(127\.|0\.0\.0\.0|localhost|\[?::1\]?)/;

/** Production never talks to a sandbox: a host that looks like one stops the start. */
export function refuseInProduction(adapter: string, hosts: Iterable<string>): void {
  for (const host of hosts) {
    if (loopback.test(host) || sandboxHost.test(host)) {
      throw new ConfigError(`adapters.${adapter}: ${host} is a sandbox host, which the production profile refuses`);
    }
  }
}
