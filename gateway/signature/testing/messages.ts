/**
 * Messages for this room's tests. `sealed` signs whatever a draft says with node:crypto and its own base, so that
 * a refused row
 * carries a signature that is right in itself and only the rule under test speaks against it.
 */
import { createHash, sign } from "node:crypto";
import golden from "../golden.json" with { type: "json" };
import { type ReceivedRequest, type SignKey, loadSignKey } from "../index.ts";

export const publicOrigin = "https://gw.example.com";
export const createdSeconds = 1_795_342_000;
export const nowMs = createdSeconds * 1000;

export const partnerKey: SignKey = await loadSignKey(golden.keys.partner);
export const gatewayKey: SignKey = await loadSignKey(golden.keys.gateway);

export interface HttpText {
  readonly rawHeaders: string[];
  readonly body: Buffer;
}

/** Reads a golden message: header lines up to the empty line, then the body. */
export function parseHttp(http: string): HttpText {
  const end = http.indexOf("\n\n");
  const lines = http.slice(0, end).split("\n").slice(1);
  return {
    rawHeaders: lines.flatMap((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]),
    body: Buffer.from(http.slice(end + 2)),
  };
}

/** What a sender means to send, before it is signed. */
export interface Draft {
  method: string;
  originalUrl: string;
  headers: [string, string][];
  body: Buffer;
  label: string;
  /** Identifiers as they will stand in the inner list, parameters included. */
  components: string[];
  /** Parameters as they will stand in the field, in order. */
  params: string[];
}

export const digestOf = (body: Buffer, algorithm = "sha256"): string =>
  createHash(algorithm).update(body).digest("base64");

/** A payment like the golden one, with everything that the profile asks for. */
export function paymentDraft(): Draft {
  const body = Buffer.from('{"amount":{"value":"10.00","currency":"EUR"}}');
  return {
    method: "POST",
    originalUrl: "/v1/payments?dry=1",
    headers: [
      ["Host", "gw.example.com"],
      ["Content-Type", "application/json"],
      ["Content-Digest", `sha-256=:${digestOf(body)}:`],
      ["Idempotency-Key", '"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
    ],
    body,
    label: "sig",
    components: ['"@method"', '"@target-uri"', '"content-digest"', '"content-type"', '"idempotency-key"'],
    params: [
      `created=${createdSeconds}`,
      `keyid="${partnerKey.keyid}"`,
      'nonce="5b1f6c0e9a3d4f7c8b2a1d0e6f7a8b9c"',
      'tag="fapi-2-request"',
    ],
  };
}

/** A read without body. */
export function readDraft(): Draft {
  const draft = paymentDraft();
  return {
    ...draft,
    method: "GET",
    originalUrl: "/v1/payments/pay_01JD9ZK3",
    headers: [["Host", "gw.example.com"]],
    body: Buffer.alloc(0),
    components: ['"@method"', '"@target-uri"'],
  };
}

/** The text of the inner list with its parameters. */
export const inputText = (draft: Draft): string => [`(${draft.components.join(" ")})`, ...draft.params].join(";");

/** Signs a draft as it stands; Ed25519. */
export function sealed(draft: Draft, key: SignKey = partnerKey): ReceivedRequest {
  const values = new Map(draft.headers.map(([name, value]) => [name.toLowerCase(), value]));
  values.set("@method", draft.method).set("@target-uri", publicOrigin + draft.originalUrl);
  const lines = draft.components.map((id) => `${id}: ${values.get(id.split('"')[1] ?? "") ?? ""}\n`).join("");
  const base = `${lines}"@signature-params": ${inputText(draft)}`;
  const signature = sign(null, Buffer.from(base), key.privateKey).toString("base64");
  return {
    method: draft.method,
    originalUrl: draft.originalUrl,
    body: draft.body,
    publicOrigin,
    nowMs,
    rawHeaders: [
      ...draft.headers.flat(),
      "Signature-Input",
      `${draft.label}=${inputText(draft)}`,
      "Signature",
      `${draft.label}=:${signature}:`,
    ],
  };
}

/** A raw header array with one field's value changed. */
export function withHeader(rawHeaders: readonly string[], name: string, change: (value: string) => string): string[] {
  return rawHeaders.map((text, i) => (i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name ? change(text) : text));
}

/** A raw header array without one field. */
export function withoutHeader(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => rawHeaders[i - (i % 2)]?.toLowerCase() !== name);
}

/** The key lookup of a gateway that knows one partner. */
export const resolveKey = (keyid: string): { partner: string; key: SignKey } | undefined =>
  keyid === partnerKey.keyid ? { partner: "alpha", key: partnerKey } : undefined;
