/**
 * The partner's request, verified on raw bytes: rules 2 to 9 in the order of rule 1. The caller then claims the
 * nonce.
 */
import type { RequestBinding } from "./base.ts";
import { type Candidate, type Policy, isValid, readCandidate, refuseInvalid } from "./candidate.ts";
import { checkContentDigest } from "./digest.ts";
import { type Fields, type RawHeaders, fieldValue, readFields, refuseDuplicates } from "./fields.ts";
import type { VerifyKey } from "./keys.ts";
import { maxAgeSeconds, nonceLifetimeSeconds } from "./limits.ts";
import { checkMedia } from "./media.ts";
import { type Refusal, refusable, refuse } from "./refusal.ts";
import { answeredTargetUri, checkHost, targetUri } from "./target.ts";

export const requestTag = "fapi-2-request";

/** A request as received. */
export interface ReceivedRequest {
  readonly method: string;
  /** `req.url` before any router touched it. */
  readonly originalUrl: string;
  readonly rawHeaders: RawHeaders;
  /** The body's bytes, empty when there is none. */
  readonly body: Uint8Array;
  /** Configured `scheme://authority` that partners call. */
  readonly publicOrigin: string;
  readonly nowMs: number;
}

/** An active key and whose it is. */
export interface KnownKey<P> {
  readonly partner: P;
  readonly key: VerifyKey;
}

export interface VerifiedRequest<P> {
  readonly ok: true;
  readonly partner: P;
  readonly keyid: string;
  /**
   * Not yet claimed: the caller claims it in a NonceStore and answers `signature_replay` when it was taken (rule 6).
   */
  readonly nonce: string;
  readonly nonceExpiresAtMs: number;
  /** Epoch seconds. */
  readonly created: number;
  /** The `Idempotency-Key` field as sent and covered; `readIdempotencyKey` unquotes it. */
  readonly coveredIdempotencyKey: string | undefined;
  readonly base: string;
  /** What the answer's signature binds to; holds the raw signature and signature input. */
  readonly binding: RequestBinding & { readonly signed: NonNullable<RequestBinding["signed"]> };
}

/** Verifies a request; one of the 15 refusals otherwise. Blocks for the time of one signature verification. */
export function verifyRequest<P>(
  request: ReceivedRequest & { readonly resolveKey: (keyid: string) => KnownKey<P> | undefined },
): VerifiedRequest<P> | Refusal {
  return refusable(() => {
    const read = readRequest(request);
    const known = request.resolveKey(read.candidate.params.keyid);
    return conclude(request, read, known, isValid(read.candidate, known?.key));
  });
}

/** What an answer binds to when the request's signature was not valid (rule 10); takes malformed targets too. */
export function unverifiedBinding(
  request: Pick<ReceivedRequest, "method" | "originalUrl" | "publicOrigin">,
): RequestBinding {
  return {
    method: request.method,
    targetUri: answeredTargetUri(request.publicOrigin, request.originalUrl),
  };
}

interface ReadRequest {
  readonly candidate: Candidate;
  readonly fields: Fields;
  readonly uri: string;
}

const bodyMethods = new Set(["POST", "PUT", "PATCH"]);

/** Everything up to the key: form, host, media, coverage, parameters. */
function readRequest({ method, originalUrl, rawHeaders, body, publicOrigin, nowMs }: ReceivedRequest): ReadRequest {
  const uri = targetUri(publicOrigin, originalUrl);
  const fields = readFields(rawHeaders);
  refuseDuplicates(fields);
  checkHost(publicOrigin, fields);
  checkMedia(fields);
  const hasBody = body.byteLength > 0;
  if (hasBody && !bodyMethods.has(method)) refuse("body_unexpected", `A ${method} request must have no body.`);
  const derived = new Map([
    ["@method", method],
    ["@target-uri", uri],
  ]);
  const candidate = readCandidate({ derived, fields }, requestPolicy(fields, hasBody), nowMs);
  return { candidate, fields, uri };
}

const requiredAlways = ['"@method"', '"@target-uri"'];
const requiredWithBody = ['"content-digest"', '"content-type"'];
const requiredWhenPresent = ["authorization", "dpop", "idempotency-key"].map((name) => [name, `"${name}"`] as const);

/** Rule 5: which components this request's signature must cover. */
function requestPolicy(fields: Fields, hasBody: boolean): Policy {
  const required = hasBody ? [...requiredAlways, ...requiredWithBody] : [...requiredAlways];
  for (const [name, id] of requiredWhenPresent) if (fields.has(name)) required.push(id);
  return {
    tag: requestTag,
    nonce: true,
    maxAgeSeconds,
    componentParameters: false,
    required: () => {
      if (hasBody && !fields.has("content-digest")) refuse("digest_missing", "The header content-digest is missing.");
      return required;
    },
  };
}

/** Everything after the key: the verdict on the bytes, then the body's digest. */
function conclude<P>(
  request: ReceivedRequest,
  read: ReadRequest,
  known: KnownKey<P> | undefined,
  valid: boolean,
): VerifiedRequest<P> {
  const { candidate, fields, uri } = read;
  if (known === undefined || !valid) refuseInvalid(candidate);
  // A digest that came without a body is checked too: it shows that the body was taken away.
  if (request.body.byteLength > 0 || fields.has("content-digest")) {
    checkContentDigest(fieldValue(fields, "content-digest"), request.body);
  }
  const { selected, params, base, components } = candidate;
  const covered = new Map<string, string>();
  for (const { name } of components) {
    const value = name.startsWith("@") ? undefined : fieldValue(fields, name);
    if (value !== undefined) covered.set(name, value);
  }
  return {
    ok: true,
    partner: known.partner,
    keyid: params.keyid,
    nonce: params.nonce ?? "",
    nonceExpiresAtMs: request.nowMs + nonceLifetimeSeconds * 1000,
    created: params.created,
    coveredIdempotencyKey: fieldValue(fields, "idempotency-key"),
    base,
    binding: {
      method: request.method,
      targetUri: uri,
      signed: {
        label: selected.label,
        signatureInput: selected.inputText,
        signature: selected.signatureText,
        fields: covered,
      },
    },
  };
}
