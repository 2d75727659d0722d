import type { Acknowledgement, CallbackRequest, CallbackResult, Callbacks, CallbackVerdict } from "#capability";
import { receivePayment } from "./bank-payments.ts";
import { bankMetadata } from "./bank.ts";
import type { Config } from "./config.ts";
import { receiveConsent } from "./consents.ts";
import type { Event } from "./event.ts";
import type { operations } from "./vendor.d.ts";

const statePattern = /^(consents|bankPayments)\.([0-9a-f]{32})$/;
const codePattern = /^[!-~]{1,2048}$/;
const errorPattern = /^[a-z_]{1,64}$/;
const retryAfterSeconds = 5;

/**
 * The customer's return from the bank (RFC 6749 4.1.2, RFC 9207). A code proves nothing by itself: `receive` redeems it
 * with our PKCE verifier and checks the id_token. A refusal is a hint to go and ask the bank.
 */
export const callbacks: Callbacks<Config, operations> = {
  async verify(request, { config, now, vendor }) {
    const parsed = read(request);
    if (typeof parsed === "string") return refused(parsed);
    const metadata = await bankMetadata(vendor, config, now);
    const promised = metadata.authorization_response_iss_parameter_supported === true;
    if (promised && parsed.issuer === undefined) return refused("iss is missing");
    if (parsed.issuer !== undefined && parsed.issuer !== config.issuer) return refused("iss is another issuer");
    return { verdict: "verified", capability: parsed.capability, handle: parsed.reference, event: parsed.event };
  },
  receive: { consents: receiveConsent, bankPayments: receivePayment },
  acknowledge,
};

interface Return {
  capability: "consents" | "bankPayments";
  reference: string;
  issuer: string | undefined;
  event: Event;
}

/** The parameters of the return, or what is wrong with them. */
function read({ method, query }: CallbackRequest): Return | string {
  if (method !== "GET") return "not a redirect";
  for (const name of ["state", "code", "error", "iss"]) {
    if (query.getAll(name).length > 1) return `${name} came twice`;
  }
  const state = statePattern.exec(query.get("state") ?? "");
  const capability = state?.[1];
  const reference = state?.[2];
  if ((capability !== "consents" && capability !== "bankPayments") || reference === undefined)
    return "state is not ours";
  const code = query.get("code");
  const error = query.get("error");
  const found = { capability, reference, issuer: query.get("iss") ?? undefined } as const;
  if (code !== null && error === null && codePattern.test(code)) return { ...found, event: { code } };
  if (error !== null && code === null && errorPattern.test(error)) return { ...found, event: { error } };
  return "neither a code nor an error";
}

function refused(why: string): CallbackVerdict {
  return { verdict: "refused", why };
}

/** Sends the customer back to the partner with the resource's id; the code never travels on. */
function acknowledge(result: CallbackResult): Acknowledgement {
  if (result.result === "accepted") return back(result.resource);
  if (result.result === "failed") return page(503, "The bank's answer could not be checked. Please reload this page.");
  return page(result.result === "unmatched" ? 404 : 400, "This link does not belong to anything that waits for you.");
}

function back({ id, request }: { id: string; request: unknown }): Acknowledgement {
  const { returnUrl } = request as { returnUrl: string };
  const name = id.startsWith("cns_") ? "consentId" : "bankPaymentId";
  const location = `${returnUrl}${returnUrl.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(id)}`;
  return { status: 303, headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" } };
}

function page(status: number, text: string): Acknowledgement {
  const headers = {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  };
  const after = status === 503 ? { "retry-after": String(retryAfterSeconds) } : {};
  return { status, headers: { ...headers, ...after }, body: `${text}\n` };
}
