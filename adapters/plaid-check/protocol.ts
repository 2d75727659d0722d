import type { Protocol } from "#capability";
import type { Config } from "./config.ts";
import type { operations } from "./vendor.d.ts";

/** The API version that `vendor.openapi.yaml` describes. */
const apiVersion = "2020-09-14";
const maxMessageLength = 256;
/** E-mail addresses and runs of digits (phone numbers, SSNs): Plaid may quote the value that it found wrong. */
const personal = /[^\s"'<>@]{1,64}@[\w.-]{1,253}|\+?\d[\d-]{3,}/g;

/** Plaid's wire: keys in headers, POST and JSON, failures as `{error_type, error_code, …}` under 4xx and 5xx. */
export const protocol: Protocol<Config, operations> = {
  baseUrl: (config) => config.baseUrl,

  authorize(request, { config }) {
    request.headers["plaid-client-id"] = config.clientId;
    request.headers["plaid-secret"] = config.secret;
    request.headers["plaid-version"] = apiVersion;
  },

  verify: {
    unsigned: "Plaid does not sign its answers; they rest on TLS alone. Its webhooks are signed and verified.",
  },

  failure({ headers, body }) {
    if (typeof body !== "object" || body === null || !("error_code" in body)) return undefined;
    const { error_code: code, error_message: message } = body as {
      error_code: unknown;
      error_message?: unknown;
    };
    if (typeof code !== "string" || code === "") return undefined;
    return { code, ...words(message), ...retryAfter(headers["retry-after"]) };
  },
};

function words(message: unknown): { message?: string } {
  if (typeof message !== "string" || message === "") return {};
  return { message: message.replace(personal, "***").slice(0, maxMessageLength) };
}

function retryAfter(header: string | undefined): { retryAfterSeconds?: number } {
  return header !== undefined && /^\d{1,6}$/.test(header) ? { retryAfterSeconds: Number(header) } : {};
}
