/**
 * The guard against requests to places that are not the partner's (SSRF): the same check at registration and at every
 * connection. At a connection it is the lookup itself that checks, so that what was checked is what is connected to.
 */
import { Resolver } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { refusedAddress } from "./address.ts";
import { dnsDeadlineMs, dnsTimeoutMs, dnsTries, maxAddresses } from "./limits.ts";
import type { GuardPolicy } from "./url.ts";
import { UrlRefused, checkUrl } from "./url.ts";

/** All addresses of a name, IPv4 and IPv6; empty when it has none. Throws when the DNS does not say. */
export type ResolveName = (name: string) => Promise<string[]>;

export interface Guard {
  /** Checks a URL and what its host resolves to now. Throws `UrlRefused`. */
  admit(text: string): Promise<void>;
  /** Checks a URL's text before each attempt. Throws `UrlRefused`. */
  check(text: string): URL;
  /** For `net.connect`: resolves, checks every address, and gives only what passed. Its error is a `UrlRefused`. */
  lookup: LookupFunction;
}

const loopbackAddresses = ["127.0.0.1", "::1"];

/** Builds the guard; `resolve` is the DNS. */
export function createGuard(policy: GuardPolicy, resolve: ResolveName = publicDns()): Guard {
  const addressesOf = async (host: string): Promise<string[]> => {
    if (isIP(host) !== 0) return [host];
    // RFC 6761: the name is never asked about; checkUrl lets it pass in the sandbox only.
    if (host === "localhost" && policy.allowLoopback) return loopbackAddresses;
    let addresses: string[];
    try {
      addresses = await inTime(resolve(host));
    } catch {
      throw new UrlRefused("dns_failed");
    }
    if (addresses.length === 0) throw new UrlRefused("dns_no_address");
    return addresses.slice(0, maxAddresses);
  };
  /** One address that is not public spoils the whole answer: it is no answer of an honest partner's. */
  const checkedAddresses = async (host: string): Promise<string[]> => {
    const addresses = await addressesOf(host);
    for (const address of addresses) {
      const why = refusedAddress(address, policy.allowLoopback);
      if (why !== undefined) throw new UrlRefused(`address_${why}`);
    }
    return addresses;
  };
  const give = async (host: string, all: boolean, callback: Parameters<LookupFunction>[2]): Promise<void> => {
    const result = await checkedAddresses(host).catch((error: unknown) => error as NodeJS.ErrnoException);
    if (result instanceof Error) return callback(result, []);
    const found = result.map((address) => ({ address, family: isIP(address) }));
    const [first] = found;
    if (all || first === undefined) callback(null, found);
    else callback(null, first.address, first.family);
  };
  return {
    async admit(text) {
      const url = checkUrl(text, policy);
      await checkedAddresses(url.hostname.replace(/^\[|\]$/g, ""));
    },
    check: (text) => checkUrl(text, policy),
    lookup: (host, options, callback) => void give(host, options.all === true, callback),
  };
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the DNS took too long")), dnsDeadlineMs);
    void work.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/** A and AAAA records, asked of the DNS itself: no hosts file, no search domains, and no thread that a dead server holds. */
function publicDns(): ResolveName {
  const resolver = new Resolver({ timeout: dnsTimeoutMs, tries: dnsTries });
  return async (name) => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const failed = answers.find((answer) => answer.status === "rejected" && !isAbsence(answer.reason));
    if (addresses.length === 0 && failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    return addresses;
  };
}

/** The DNS said that there is no such record, which is an answer. */
function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENODATA" || code === "ENOTFOUND";
}
