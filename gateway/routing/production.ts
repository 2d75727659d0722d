import type { Adapter } from "#capability";
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

/** Why production does not route to an adapter, or undefined where it may: what is only declared was never seen to work. */
export function unproven({ proof }: Pick<Adapter, "proof">): string | undefined {
  return proof.grade === "declared" ? "Only declared so far: production takes what is proven." : undefined;
}
