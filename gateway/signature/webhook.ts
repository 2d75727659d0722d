/**
 * Rule 12: a webhook is a request that the gateway signs, with one id over all attempts and a fresh signature on
 * each.
 */
import type { Policy } from "./candidate.ts";
import { isValid, readCandidate, refuseInvalid } from "./candidate.ts";
import { component, compose, signatureHeaders } from "./compose.ts";
import { checkContentDigest, contentDigest } from "./digest.ts";
import { type RawHeaders, fieldValue, readFields, refuseDuplicates } from "./fields.ts";
import type { SignKey, VerifyKey } from "./keys.ts";
import { maxWebhookIdChars, webhookMaxAgeSeconds } from "./limits.ts";
import { checkMedia } from "./media.ts";
import { type Refusal, refusable, refuse } from "./refusal.ts";

export const webhookTag = "gateway-webhook";

const covered = ["@method", "@target-uri", "content-digest", "content-type", "webhook-id"];

const webhookIdShape = new RegExp(`^[\\x21-\\x7e]{1,${maxWebhookIdChars}}$`);
const webhookIdWords = `1 to ${maxWebhookIdChars} visible ASCII characters`;
const isWebhookId = (text: string): boolean => webhookIdShape.test(text);

export interface WebhookToSign {
  /** The URL that the partner registered, exactly as it will be called. */
  readonly url: string;
  readonly body: Uint8Array;
  /** Constant over attempts; the receiver dedupes on it. */
  readonly webhookId: string;
  readonly key: SignKey;
  /** Epoch seconds of this attempt. */
  readonly created: number;
}

/** Signs one attempt to deliver a JSON event by POST. Returns all headers of the profile, content type included. */
export function signWebhook({ url, body, webhookId, key, created }: WebhookToSign): Readonly<Record<string, string>> {
  if (!isWebhookId(webhookId)) throw new TypeError(`a webhook id is ${webhookIdWords}`);
  const headers = {
    "Content-Type": "application/json",
    "Content-Digest": contentDigest(body),
    "Webhook-Id": webhookId,
  };
  const source = { derived: derivedFor(url), fields: readFields(Object.entries(headers).flat()) };
  const params = { created, expires: created + webhookMaxAgeSeconds, tag: webhookTag };
  const components = covered.map((name) => component(name));
  return { ...headers, ...signatureHeaders(compose(components, source, params, key)) };
}

export interface ReceivedWebhook {
  /** The URL that the receiver registered, not one put together from the request. */
  readonly url: string;
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array;
  readonly nowMs: number;
  readonly resolveKey: (keyid: string) => VerifyKey | undefined;
}

export interface VerifiedWebhook {
  readonly ok: true;
  readonly keyid: string;
  /** Epoch seconds. */
  readonly created: number;
  /** Take each one once. */
  readonly webhookId: string;
}

const policy: Policy = {
  tag: webhookTag,
  nonce: false,
  maxAgeSeconds: webhookMaxAgeSeconds,
  componentParameters: false,
  required: () => covered.map((name) => `"${name}"`),
};

/** Verifies a webhook as its receiver; a refusal with the same codes otherwise. */
export function verifyWebhook(webhook: ReceivedWebhook): VerifiedWebhook | Refusal {
  return refusable(() => {
    const fields = readFields(webhook.rawHeaders);
    refuseDuplicates(fields);
    checkMedia(fields);
    const candidate = readCandidate({ derived: derivedFor(webhook.url), fields }, policy, webhook.nowMs);
    if (!isValid(candidate, webhook.resolveKey(candidate.params.keyid))) refuseInvalid(candidate);
    checkContentDigest(fieldValue(fields, "content-digest"), webhook.body);
    const webhookId = fieldValue(fields, "webhook-id") ?? "";
    if (!isWebhookId(webhookId)) refuse("signature_coverage", `webhook-id must be ${webhookIdWords}.`);
    return {
      ok: true,
      keyid: candidate.params.keyid,
      created: candidate.params.created,
      webhookId,
    };
  });
}

function derivedFor(url: string): ReadonlyMap<string, string> {
  return new Map([
    ["@method", "POST"],
    ["@target-uri", url],
  ]);
}
