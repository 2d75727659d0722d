import { describe, expect, it } from "vitest";
import golden from "./golden.json" with { type: "json" };
import { signRequest, signResponse, signWebhook, verifyRequest, verifyResponse, verifyWebhook } from "./index.ts";
import {
  createdSeconds,
  gatewayKey,
  nowMs,
  parseHttp,
  partnerKey,
  publicOrigin,
  resolveKey,
} from "./testing/messages.ts";

const request = parseHttp(golden.request.http);
const response = parseHttp(golden.response.http);
const webhook = parseHttp(golden.webhook.http);
const gatewayKeys = (keyid: string) => (keyid === gatewayKey.keyid ? gatewayKey : undefined);

const signedRequest = () =>
  signRequest({
    method: "POST",
    targetUri: "https://gw.example.com/v1/payments",
    headers: { "Content-Type": "application/json", "Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"' },
    body: request.body,
    key: partnerKey,
    created: createdSeconds,
    nonce: "5b1f6c0e9a3d4f7c8b2a1d0e6f7a8b9c",
  });

const verifiedRequest = () =>
  verifyRequest({ method: "POST", originalUrl: "/v1/payments", ...request, publicOrigin, nowMs, resolveKey });

const header = (rawHeaders: readonly string[], name: string) => rawHeaders[rawHeaders.indexOf(name) + 1];

describe("the published messages", () => {
  it("request: our signer reproduces every byte", () => {
    const signed = signedRequest();
    expect(signed.base).toBe(golden.request.base);
    for (const name of ["Content-Digest", "Signature-Input", "Signature"]) {
      expect(signed.headers[name]).toBe(header(request.rawHeaders, name));
    }
  });

  it("request: our verifier accepts it and computes the same base", () => {
    expect(verifiedRequest()).toMatchObject({
      ok: true,
      partner: "alpha",
      keyid: partnerKey.keyid,
      nonce: "5b1f6c0e9a3d4f7c8b2a1d0e6f7a8b9c",
      nonceExpiresAtMs: nowMs + 120_000,
      created: createdSeconds,
      coveredIdempotencyKey: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
      base: golden.request.base,
    });
  });

  it("response: signed over the verified request, byte for byte", () => {
    const verified = verifiedRequest();
    if (!verified.ok) throw new Error(verified.detail);
    const headers = signResponse({
      status: 201,
      headers: { "Content-Type": "application/json" },
      body: response.body,
      request: verified.binding,
      key: gatewayKey,
      created: createdSeconds + 1,
    });
    expect(headers).toEqual({
      "Content-Digest": header(response.rawHeaders, "Content-Digest"),
      "Signature-Input": header(response.rawHeaders, "Signature-Input"),
      Signature: header(response.rawHeaders, "Signature"),
    });
  });

  it("response: verifies against the request that was sent", () => {
    const { binding } = signedRequest();
    const verified = verifyResponse({ status: 201, ...response, request: binding, nowMs, resolveKey: gatewayKeys });
    expect(verified).toEqual({ ok: true, keyid: gatewayKey.keyid, created: createdSeconds + 1, bound: true });
  });

  it("webhook: signed byte for byte", () => {
    const headers = signWebhook({
      url: "https://partner.example/hooks/bank",
      body: webhook.body,
      webhookId: "evt_01JD9ZK9",
      key: gatewayKey,
      created: createdSeconds + 5,
    });
    expect(Object.entries(headers).flat()).toEqual(webhook.rawHeaders.slice(2));
  });

  it("webhook: verifies against the registered URL", () => {
    const url = "https://partner.example/hooks/bank";
    const verified = verifyWebhook({ url, ...webhook, nowMs, resolveKey: gatewayKeys });
    expect(verified).toEqual({
      ok: true,
      keyid: gatewayKey.keyid,
      created: createdSeconds + 5,
      webhookId: "evt_01JD9ZK9",
    });
  });
});
