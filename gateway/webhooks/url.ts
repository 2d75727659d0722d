/**
 * What a webhook URL may look like. Notations that parsers read differently are refused, not interpreted: the URL must be
 * written in its normal form, which also is what receivers verify the signature against.
 */
import { isIP } from "node:net";
import type { AddressRefusal } from "./address.ts";
import { refusedAddress } from "./address.ts";
import { maxUrlChars } from "./limits.ts";

/** Why a URL is refused; stable, shown to partners as the `code` of the error. */
export type UrlRefusal =
  | "not_a_url"
  | "not_canonical"
  | "scheme"
  | "credentials"
  | "fragment"
  | "port"
  | "host_notation"
  | "host_trailing_dot"
  | "host_not_public"
  | "dns_no_address"
  | "dns_failed"
  | `address_${AddressRefusal}`;

/** Where webhooks may go: in the sandbox also to this machine, there over plain http too. */
export interface GuardPolicy {
  allowLoopback: boolean;
}

/** A URL that webhooks are not sent to. The message is for the partner. */
export class UrlRefused extends Error {
  override readonly name = "UrlRefused";
  readonly why: UrlRefusal;

  constructor(why: UrlRefusal) {
    super(words(why));
    this.why = why;
  }
}

const httpsPort = 443;
const httpPort = 80;
/** Below are the ports of other protocols. */
const minHighPort = 1_024;

/** Names that no public DNS answers for, or that mean this machine or network (RFC 6761, 6762, 8375, 7686, 9476). */
const localNames =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa|onion|alt)$/;
const loopbackName = "localhost";
const hostLabel = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const maxHostChars = 253;

/** Checks the text and, where the host is an address, that address. Throws `UrlRefused`. */
export function checkUrl(text: string, policy: GuardPolicy): URL {
  if (text.length > maxUrlChars || !URL.canParse(text)) throw new UrlRefused("not_a_url");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || /^[a-z+]+:\/\/[^/?#]*@/i.test(text))
    throw new UrlRefused("credentials");
  if (text.includes("#")) throw new UrlRefused("fragment");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && policy.allowLoopback && isLoopback(host))) {
    throw new UrlRefused("scheme");
  }
  checkHost(text, host, policy);
  if (url.href !== text && url.href !== `${text}/`) throw new UrlRefused("not_canonical");
  const port = url.port === "" ? (url.protocol === "https:" ? httpsPort : httpPort) : Number(url.port);
  if (port !== httpsPort && port < minHighPort && !(port === httpPort && url.protocol === "http:")) {
    throw new UrlRefused("port");
  }
  return url;
}

/** Loopback without asking anybody: an address, or the one name for it. */
function isLoopback(host: string): boolean {
  return host === loopbackName || (isIP(host) !== 0 && refusedAddress(host, false) === "loopback");
}

function checkHost(text: string, host: string, policy: GuardPolicy): void {
  const written = writtenHost(text);
  if (isIP(host) !== 0) {
    // 127.1, 0x7f000001, 2130706433, full-width digits: the parser sees an address where a reader sees something else.
    if (written !== host) throw new UrlRefused("host_notation");
    const why = refusedAddress(host, policy.allowLoopback);
    if (why !== undefined) throw new UrlRefused(`address_${why}`);
    return;
  }
  if (host.endsWith(".")) throw new UrlRefused("host_trailing_dot");
  if (written !== host) throw new UrlRefused("host_notation");
  if (host.length > maxHostChars || !host.split(".").every((label) => hostLabel.test(label))) {
    throw new UrlRefused("host_notation");
  }
  if (host === loopbackName && policy.allowLoopback) return;
  if (localNames.test(host) || !host.includes(".")) throw new UrlRefused("host_not_public");
}

/** The host as it stands in the text, without brackets and port. */
function writtenHost(text: string): string {
  const [, authority = ""] = /^[a-z]+:\/\/([^/?#\\]*)/i.exec(text) ?? [];
  return authority.replace(/:\d*$/, "").replace(/^\[|\]$/g, "");
}

function words(why: UrlRefusal): string {
  switch (why) {
    case "not_a_url":
      return "is not an absolute URL";
    case "not_canonical":
      return "is not in its normal form: lower-case scheme and host, no default port, no dot segments, no spaces";
    case "scheme":
      return "must be https";
    case "credentials":
      return "must not carry a user name or password";
    case "fragment":
      return "must not have a fragment";
    case "port":
      return "must use port 443 or one from 1024 on";
    case "host_notation":
      return "must name its host plainly: a DNS name in lower case (IDNs as xn--), or an address in its usual notation";
    case "host_trailing_dot":
      return "must name its host without a dot at the end";
    case "host_not_public":
      return "must name a host in the public DNS";
    case "dns_no_address":
      return "names a host that has no address";
    case "dns_failed":
      return "names a host whose address could not be resolved";
    default:
      return `leads to an address that is not public (${why.slice("address_".length)})`;
  }
}
