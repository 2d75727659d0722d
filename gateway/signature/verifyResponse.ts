/** The reader's side of an answer: partners, and adapters whose vendor speaks this profile. */
import type { RequestBinding } from "./base.ts";
import { type Candidate, type Policy, isValid, readCandidate, refuseInvalid } from "./candidate.ts";
import { componentId } from "./components.ts";
import { checkContentDigest } from "./digest.ts";
import { type Fields, type RawHeaders, fieldValue, readFields, refuseDuplicates } from "./fields.ts";
import type { VerifyKey } from "./keys.ts";
import { maxAgeSeconds } from "./limits.ts";
import { checkMedia } from "./media.ts";
import { type Refusal, refusable, refuse } from "./refusal.ts";
import { responseTag } from "./response.ts";

export interface ReceivedResponse {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array;
  /** `SignedRequest.binding` of the request that was sent. */
  readonly request: RequestBinding;
  readonly nowMs: number;
  /** The signer's published keys by keyid. */
  readonly resolveKey: (keyid: string) => VerifyKey | undefined;
}

export interface VerifiedResponse {
  readonly ok: true;
  readonly keyid: string;
  /** Epoch seconds. */
  readonly created: number;
  /**
   * Whether the answer covers our request's signature. False only from 400 up: the signer could not verify our
   * request, so that somebody else's request to the same address could have earned the same answer.
   */
  readonly bound: boolean;
}

/** Verifies an answer against the request it was given to; a refusal with the same codes otherwise. */
export function verifyResponse(response: ReceivedResponse): VerifiedResponse | Refusal {
  return refusable(() => {
    const { status, body, request, nowMs } = response;
    const fields = readFields(response.rawHeaders);
    refuseDuplicates(fields);
    checkMedia(fields);
    const derived = new Map([["@status", String(status)]]);
    const candidate = readCandidate({ derived, fields, request }, responsePolicy(response, fields), nowMs);
    if (!isValid(candidate, response.resolveKey(candidate.params.keyid))) refuseInvalid(candidate);
    if (body.byteLength > 0 || fields.has("content-digest"))
      checkContentDigest(fieldValue(fields, "content-digest"), body);
    return {
      ok: true,
      keyid: candidate.params.keyid,
      created: candidate.params.created,
      bound: isBound(candidate.components),
    };
  });
}

/**
 * Own digest and the request line always; own content type, replay mark and the request's signature unless it is an
 * unbound error.
 */
function responsePolicy({ status, body, request }: ReceivedResponse, fields: Fields): Policy {
  const asked = ['"@status"', '"@method";req', '"@target-uri";req'];
  const digest = body.byteLength > 0 ? ['"content-digest"'] : [];
  return {
    tag: responseTag,
    nonce: false,
    maxAgeSeconds,
    componentParameters: true,
    required: (components) => {
      if (body.byteLength > 0 && !fields.has("content-digest"))
        refuse("digest_missing", "The header content-digest is missing.");
      if (status >= 400 && !isBound(components)) return [...asked, ...digest];
      const key = request.signed?.label;
      const bound = ["signature", "signature-input"].map((name) => componentId(name, { req: true, key }));
      const own = ["content-type", "idempotency-replayed"].filter(
        (name) => fields.has(name) && (name !== "content-type" || body.byteLength > 0),
      );
      return [...asked, ...digest, ...own.map((name) => `"${name}"`), ...bound];
    },
  };
}

function isBound(components: Candidate["components"]): boolean {
  return components.some(({ name, req }) => req && name === "signature");
}
