import type { WireRequest } from "#mocks";
import type { Bank, Consent, Grant } from "./bank.ts";
import { Refusal } from "./refusals.ts";

/** A consent's status now: an account access consent ends by itself. */
export function consentStatus(bank: Bank, consent: Consent): Consent["status"] | "EXPD" {
  const expires = consent.data["ExpirationDateTime"];
  const ended = typeof expires === "string" && Date.parse(expires) <= bank.now().getTime();
  return ended && (consent.status === "AWAU" || consent.status === "AUTH") ? "EXPD" : consent.status;
}

/** The consent, or 400 U011. */
export function findConsent(bank: Bank, id: string, api: Consent["api"]): Consent {
  const consent = bank.consents.get(id);
  if (consent === undefined || consent.api !== api || consent.status === "DELETED") {
    throw new Refusal(400, "U011", "no such consent", "ConsentId");
  }
  return consent;
}

/** A consent as the standard shows it. */
export function consentBody(bank: Bank, path: string, consent: Consent): object {
  return {
    Data: {
      ConsentId: consent.id,
      CreationDateTime: consent.createdAt,
      Status: consentStatus(bank, consent),
      StatusUpdateDateTime: consent.updatedAt,
      ...consent.data,
    },
    Risk: consent.risk,
    Links: { Self: `${bank.issuer}${path}/${consent.id}` },
    Meta: {},
  };
}

/** The bearer token's grant (RFC 6750): 401 without one that lives, 403 outside its scope or its kind. */
export function grantOf(bank: Bank, request: WireRequest, scope: Grant["scope"], kind: "client" | "customer"): Grant {
  const token = /^Bearer (\S+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
  const grant = token === undefined ? undefined : bank.tokens.get(token);
  const consent = bank.consents.get(grant?.consentId ?? "");
  const ended = consent !== undefined && ["DELETED", "CANC"].includes(consent.status);
  if (grant?.kind !== "access" || grant.expiresAtMs <= bank.now().getTime() || ended) {
    throw new Refusal(401, undefined, "unauthorised", undefined, {
      "www-authenticate": 'Bearer error="invalid_token"',
    });
  }
  if (grant.scope !== scope || (grant.consentId === undefined) !== (kind === "client")) {
    throw new Refusal(403, "U006", "the token may not do this", "Authorization");
  }
  return grant;
}

/** The JSON body, or 400 U010. */
export function bodyOf(request: WireRequest): { Data: Record<string, unknown>; Risk: Record<string, unknown> } {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json(;\s*charset=utf-8)?$/i.test(type)) throw new Refusal(415);
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString("utf8"));
  } catch {
    throw new Refusal(400, "U010", "not JSON");
  }
  const { Data, Risk } = (body ?? {}) as { Data?: unknown; Risk?: unknown };
  if (!isRecord(Data)) throw new Refusal(400, "U004", "Data is missing", "Data");
  if (!isRecord(Risk)) throw new Refusal(400, "U004", "Risk is missing", "Risk");
  return { Data, Risk };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
