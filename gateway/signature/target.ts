/** Rule 2: the target URI comes from configuration and the request line, never from what a proxy or sender claims. */
import { type Fields, fieldValue } from "./fields.ts";
import { maxTargetChars } from "./limits.ts";
import { refuse } from "./refusal.ts";

/** Origin-form path and query in visible ASCII; `#` never travels, and `\` is read as `/` by some clients. */
const originForm = /^\/[\x21\x22\x24-\x5b\x5d-\x7e]*$/;
/** Dot segments and encoded slashes: what one reader takes literally, the next resolves into another path. */
const ambiguousPath = /\/(?:\.|%2e){1,2}(?:\/|$)|%2f|%5c/i;

/**
 * `@target-uri` of a request: public origin + the target as received, not normalised. `originalUrl` is Node's
 * `req.url` before any router touched it. Refuses with `target_malformed`.
 */
export function targetUri(publicOrigin: string, originalUrl: string): string {
  if (originalUrl.length > maxTargetChars)
    refuse("target_malformed", `The target exceeds ${maxTargetChars} characters.`);
  if (!originForm.test(originalUrl)) {
    refuse(
      "target_malformed",
      "The request target must be a path with an optional query, in ASCII, without a fragment.",
    );
  }
  if (ambiguousPath.test(originalUrl.split("?", 1)[0] ?? "")) {
    refuse("target_malformed", "The path must have no dot segments and no encoded slashes.");
  }
  return originOf(publicOrigin).origin + originalUrl;
}

/** `Host` must name the configured authority, once. Refuses with `host_mismatch`. */
export function checkHost(publicOrigin: string, fields: Fields): void {
  const { host, port, protocol } = originOf(publicOrigin);
  const received = fieldValue(fields, "host")?.toLowerCase();
  // The default port may be spelt out (RFC 9110 4.2.3); URL has removed it.
  const spelt = received === host || (port === "" && received === host + (protocol === "https:" ? ":443" : ":80"));
  if (!spelt) refuse("host_mismatch", `The Host header must be ${host}.`);
}

/**
 * The `@target-uri` to name in an answer when the target may be malformed: an absolute-form target as received, with
 * every character that cannot be signed percent-encoded.
 */
export function answeredTargetUri(publicOrigin: string, originalUrl: string): string {
  const received = originalUrl.startsWith("/") ? originOf(publicOrigin).origin + originalUrl : originalUrl;
  return received.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}

interface Origin {
  readonly origin: string;
  readonly host: string;
  readonly port: string;
  readonly protocol: string;
}

/** A process has one public origin; a test or a client a few. */
let latest: { text: string; origin: Origin } | undefined;

/** Reads a configured origin; throws a TypeError when it is none, since that is a defect of configuration. */
function originOf(publicOrigin: string): Origin {
  if (latest?.text === publicOrigin) return latest.origin;
  const { origin, host, port, protocol } = readOrigin(publicOrigin);
  latest = { text: publicOrigin, origin: { origin, host, port, protocol } };
  return latest.origin;
}

function readOrigin(publicOrigin: string): URL {
  const url = new URL(publicOrigin);
  const bare = url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
  if (!bare || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`public origin must be scheme://authority, not ${publicOrigin}`);
  }
  return url;
}
