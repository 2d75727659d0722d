/** The partner's side of a request; also for adapters whose vendor speaks this profile. */
import { randomBytes } from "node:crypto";
import type { RequestBinding } from "./base.ts";
import { component, compose, signatureHeaders } from "./compose.ts";
import { contentDigest } from "./digest.ts";
import { readFields } from "./fields.ts";
import type { SignKey } from "./keys.ts";
import { requestTag } from "./request.ts";

/** Fields that are always covered when they are sent, in the order of the profile's published messages. */
const coveredWhenSent = ["content-digest", "content-type", "authorization", "dpop", "idempotency-key"];

export interface RequestToSign {
  readonly method: string;
  /** Scheme, authority, path and query exactly as they will be sent. */
  readonly targetUri: string;
  /** Headers that will be sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly key: SignKey;
  /** Epoch seconds. */
  readonly created: number;
  /** Fresh randomness when absent. */
  readonly nonce?: string;
  /** Further header names to cover, lower-case. */
  readonly cover?: readonly string[];
}

export interface SignedRequest {
  /** To be added to the request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly base: string;
  /** Keep it: the answer verifies against it (`verifyResponse`). */
  readonly binding: RequestBinding;
}

/** Signs a request: adds `Content-Digest` when there is a body, `Signature-Input` and `Signature`. */
export function signRequest(request: RequestToSign): SignedRequest {
  const { method, targetUri, body, key, created, cover = [] } = request;
  const digest = body.byteLength > 0 ? { "Content-Digest": contentDigest(body) } : {};
  const fields = readFields(Object.entries({ ...request.headers, ...digest }).flat());
  const names = [...coveredWhenSent.filter((name) => fields.has(name)), ...cover];
  const derived = new Map([
    ["@method", method],
    ["@target-uri", targetUri],
  ]);
  const nonce = request.nonce ?? randomBytes(16).toString("hex");
  const components = ["@method", "@target-uri", ...names].map((name) => component(name));
  const composed = compose(components, { derived, fields }, { created, nonce, tag: requestTag }, key);
  const { label, signatureInput, signature, base } = composed;
  const covered = new Map(names.map((name) => [name, (fields.get(name) ?? []).join(", ")]));
  return {
    headers: { ...digest, ...signatureHeaders(composed) },
    base,
    binding: { method, targetUri, signed: { label, signatureInput, signature, fields: covered } },
  };
}
