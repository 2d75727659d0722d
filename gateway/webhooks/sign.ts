/** One attempt's headers: the profile's signature (rule 12), and for endpoints with secrets Standard Webhooks' (rule 13). */
import { createHmac } from "node:crypto";
import { signWebhook } from "#signature";
import type { SignKey } from "#signature";
import type { EndpointSecret, EventRow } from "#store";

export const secretPrefix = "whsec_";

/** The body of an event: the same bytes on every attempt, since it is made from what is stored. */
export function eventBody(event: EventRow): Buffer {
  const { id, type, createdAtMs, data } = event;
  return Buffer.from(JSON.stringify({ id, type, createdAt: new Date(createdAtMs).toISOString(), data }));
}

/** Signs one attempt at `nowMs`; the event's id is the `webhook-id` of all of them. */
export function attemptHeaders(attempt: {
  url: string;
  body: Buffer;
  eventId: string;
  secrets: readonly EndpointSecret[];
  key: SignKey;
  nowMs: number;
}): Record<string, string> {
  const { url, body, eventId, secrets, key, nowMs } = attempt;
  const created = Math.floor(nowMs / 1_000);
  const signed = signWebhook({ url, body, webhookId: eventId, key, created });
  const live = secrets.filter(({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs);
  if (live.length === 0) return { ...signed };
  return {
    ...signed,
    "Webhook-Timestamp": String(created),
    "Webhook-Signature": live.map(({ secret }) => `v1,${hmac(secret, `${eventId}.${created}.`, body)}`).join(" "),
  };
}

/** Standard Webhooks: HMAC-SHA256 over `<id>.<timestamp>.<body>`, with the bytes behind `whsec_`. */
function hmac(secret: string, prefix: string, body: Buffer): string {
  const key = Buffer.from(secret.slice(secretPrefix.length), "base64");
  return createHmac("sha256", key).update(prefix).update(body).digest("base64");
}
