import { Fault } from "#capability";
import { AnswerTooLarge } from "./exchange.ts";

/** Errors that happen before a byte of the request left: the call surely never reached the vendor. */
const beforeSending = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** The answer is no HTTP, or its header is larger than the limit. */
const unreadable = /^(HTTPParserError$|HPE_|UND_ERR_HEADERS_OVERFLOW$|UND_ERR_RES_)/;

/**
 * What a transport error says of the effect: refused or unresolved is `not_sent`; anything once a connection stood is
 * `unknown`, since the vendor may have acted on what it got.
 */
export function classifyTransport(error: unknown, signal: AbortSignal): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof AnswerTooLarge) {
    return new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail: error.message });
  }
  if (signal.aborted) {
    return new Fault("vendor_timeout", { outcome: "unknown", counts: true, detail: "the deadline ended the call" });
  }
  const code = errorCode(error);
  if (code !== undefined && unreadable.test(code)) {
    return new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail: code, cause: error });
  }
  if (code !== undefined && beforeSending.has(code)) {
    return new Fault("vendor_unavailable", { outcome: "not_sent", counts: true, detail: code, cause: error });
  }
  return new Fault("vendor_fault", { outcome: "unknown", counts: true, detail: code ?? "transport", cause: error });
}

/** The system's or undici's code, through axios' wrapping. */
function errorCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    // undici's parser gives a code to some of its errors only.
    if (at.name === "HTTPParserError") return at.name;
    if (typeof code === "string" && !code.startsWith("ERR_BAD") && code !== "ERR_NETWORK") return code;
    const first = (at as { errors?: unknown[] }).errors?.[0];
    if (first instanceof Error) return errorCode(first);
  }
  return undefined;
}
