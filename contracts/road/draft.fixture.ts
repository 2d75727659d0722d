/**
 * A signed request taken apart, so that each part can be made wrong before or after it is signed. Signs with node:crypto
 * whatever the draft says: what is refused is refused for the rule under test, not for a broken signature.
 */
import { createHash, randomBytes, randomUUID, sign } from "node:crypto";
import type { Header, Jwk } from "../../mocks/partner/profile.ts";
import { requestBytes } from "./socket.fixture.ts";

/** What a sender means to send. */
export interface Draft {
  method: string;
  /** Scheme and authority that the signature names. */
  origin: string;
  target: string;
  headers: Header[];
  body: Buffer;
  /** Identifiers as they will stand in the inner list, parameters included. */
  components: string[];
  /** Parameters as they will stand in the field, in order. */
  params: string[];
  label: string;
}

/** What goes to the socket. */
export interface Message {
  method: string;
  target: string;
  headers: Header[];
  body: Buffer;
}

export const person = { type: "id_two_factor", name: "张三", nationalId: "11010519491231002X" };

/** An identity check with everything that a signature can cover. */
export function checkDraft(origin: string, keyid: string): Draft {
  const body = Buffer.from(JSON.stringify({ ...person, reference: "KYC-000041" }));
  return {
    method: "POST",
    origin,
    target: "/v1/identity-checks",
    headers: [
      ["Host", new URL(origin).host],
      ["Content-Type", "application/json"],
      ["Content-Digest", digestOf(body)],
      ["Authorization", "Bearer abc"],
      ["DPoP", "proof"],
      ["Idempotency-Key", `"${randomUUID()}"`],
    ],
    body,
    components: [
      '"@method"',
      '"@target-uri"',
      '"content-digest"',
      '"content-type"',
      '"authorization"',
      '"dpop"',
      '"idempotency-key"',
    ],
    params: paramsFor(keyid),
    label: "sig",
  };
}

/** A read with a query. */
export function listDraft(origin: string, keyid: string): Draft {
  return {
    method: "GET",
    origin,
    target: "/v1/customer-accounts?limit=5",
    headers: [["Host", new URL(origin).host]],
    body: Buffer.alloc(0),
    components: ['"@method"', '"@target-uri"'],
    params: paramsFor(keyid),
    label: "sig",
  };
}

function paramsFor(keyid: string): string[] {
  const nonce = randomBytes(16).toString("hex");
  return [`created=${nowSeconds()}`, `keyid="${keyid}"`, `nonce="${nonce}"`, 'tag="fapi-2-request"'];
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

/** A Content-Digest for these bytes. */
export function digestOf(body: Buffer, name: "sha-256" | "sha-512" = "sha-256"): string {
  return `${name}=:${createHash(name.replace("-", "")).update(body).digest("base64")}:`;
}

/** Signs a draft with an Ed25519 key; what its components name is taken from the draft, parameters of theirs ignored. */
export function seal(draft: Draft, jwk: Jwk): Message {
  const input = `(${draft.components.join(" ")});${draft.params.join(";")}`;
  const lines = draft.components.map((id) => `${id}: ${valueOf(draft, id)}\n`);
  const base = Buffer.from(`${lines.join("")}"@signature-params": ${input}`);
  const signature = sign(null, base, { key: jwk, format: "jwk" }).toString("base64");
  const { method, target, body, label } = draft;
  const added: Header[] = [
    ["Signature-Input", `${label}=${input}`],
    ["Signature", `${label}=:${signature}:`],
  ];
  return { method, target, body, headers: [...draft.headers, ...added] };
}

function valueOf(draft: Draft, id: string): string {
  const name = /^"?([^";]*)/.exec(id)?.[1] ?? "";
  if (name === "@method") return draft.method;
  if (name === "@target-uri") return draft.origin + draft.target;
  return draft.headers
    .filter(([field]) => field.toLowerCase() === name)
    .map(([, value]) => value)
    .join(", ");
}

export function bytesOf({ method, target, headers, body }: Message): Buffer {
  return requestBytes(method, target, headers, body);
}

/** The value of a field of a message. */
export function fieldOf(message: { headers: Header[] }, name: string): string {
  return message.headers.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1] ?? "";
}

/** The message with each occurrence of a field changed. */
export function withField<T extends { headers: Header[] }>(message: T, name: string, to: (value: string) => string): T {
  const headers = message.headers.map(([field, value]): Header =>
    field.toLowerCase() === name.toLowerCase() ? [field, to(value)] : [field, value],
  );
  return { ...message, headers };
}

export function withoutField<T extends { headers: Header[] }>(message: T, name: string): T {
  return { ...message, headers: message.headers.filter(([field]) => field.toLowerCase() !== name.toLowerCase()) };
}

export function addField<T extends { headers: Header[] }>(message: T, name: string, value: string): T {
  return { ...message, headers: [...message.headers, [name, value]] };
}
