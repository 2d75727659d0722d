import { describe, expect, it } from "vitest";
import { type RefusalCode, signWebhook, verifyWebhook } from "./index.ts";
import { createdSeconds, digestOf, gatewayKey, nowMs, withHeader, withoutHeader } from "./testing/messages.ts";

const url = "https://partner.example/hooks/bank?tenant=7";
const body = Buffer.from('{"id":"evt_1","type":"payment.settled"}');

const attempt = (created = createdSeconds) => ({
  url,
  body,
  nowMs,
  rawHeaders: Object.entries(signWebhook({ url, body, webhookId: "evt_1", key: gatewayKey, created })).flat(),
  resolveKey: (keyid: string) => (keyid === gatewayKey.keyid ? gatewayKey : undefined),
});

type Attempt = ReturnType<typeof attempt>;

const good = attempt();
const changed = (name: string, change: (text: string) => string): Attempt => ({
  ...good,
  rawHeaders: withHeader(good.rawHeaders, name, change),
});
const without = (name: string): Attempt => ({ ...good, rawHeaders: withoutHeader(good.rawHeaders, name) });

describe("a webhook", () => {
  it("is signed anew on each attempt under one id", () => {
    const later = attempt(createdSeconds + 90);
    expect(later.rawHeaders).not.toEqual(good.rawHeaders);
    expect(verifyWebhook(good)).toMatchObject({ ok: true, webhookId: "evt_1", created: createdSeconds });
    expect(verifyWebhook(later)).toMatchObject({ ok: false, code: "signature_expired" });
    expect(verifyWebhook({ ...later, nowMs: nowMs + 90_000 })).toMatchObject({ ok: true, webhookId: "evt_1" });
  });

  it("is fresh for less than five minutes", () => {
    expect(verifyWebhook({ ...good, nowMs: nowMs + 299_000 })).toMatchObject({ ok: true });
    expect(verifyWebhook({ ...good, nowMs: nowMs + 300_000 })).toMatchObject({ code: "signature_expired" });
  });

  it.each<[RefusalCode, string, Attempt]>([
    [
      "signature_invalid",
      "another URL than the registered one",
      { ...good, url: "https://partner.example/hooks/bank" },
    ],
    ["signature_invalid", "another id", changed("webhook-id", () => "evt_2")],
    ["signature_invalid", "another digest", changed("content-digest", () => `sha-256=:${digestOf(Buffer.from("x"))}:`)],
    ["signature_invalid", "an unknown key", { ...good, resolveKey: () => undefined }],
    ["digest_mismatch", "another body", { ...good, body: Buffer.from("{}") }],
    ["signature_missing", "no signature", without("signature")],
    [
      "signature_missing",
      "a request's tag",
      changed("signature-input", (t) => t.replace("gateway-webhook", "fapi-2-request")),
    ],
    ["signature_coverage", "id not covered", changed("signature-input", (t) => t.replace(' "webhook-id"', ""))],
    ["signature_coverage", "digest not covered", changed("signature-input", (t) => t.replace(' "content-digest"', ""))],
    ["signature_coverage", "no id", without("webhook-id")],
    ["duplicate_header", "two ids", { ...good, rawHeaders: [...good.rawHeaders, "Webhook-Id", "evt_1"] }],
  ])("is refused with %s: %s", (code, _, received) => {
    expect(verifyWebhook(received)).toMatchObject({ ok: false, code });
  });

  it("is not signed with an id that a receiver could not read back", () => {
    const sign = (webhookId: string) => () => signWebhook({ url, body, webhookId, key: gatewayKey, created: 1 });
    expect(sign("evt_1\r\nX: y")).toThrow();
    expect(sign("")).toThrow();
    expect(sign("x".repeat(129))).toThrow();
  });
});
