import { describe, expect, it } from "vitest";
import { acceptedRequests } from "./testing/accepted.ts";
import { extra, param } from "./testing/changed.ts";
import { type RefusalCode, refusals, verifyRequest } from "./index.ts";
import { refusedRequests } from "./testing/refused.ts";
import { createdSeconds, gatewayKey, inputText, paymentDraft, resolveKey, sealed } from "./testing/messages.ts";

describe("a request is refused", () => {
  it.each(refusedRequests)("$code: $name", ({ code, message }) => {
    const verdict = verifyRequest({ ...message, resolveKey });
    expect(verdict).toMatchObject({ ok: false, code, ...refusals[code] });
  });

  it("with every code of the catalogue but the replay, which the caller decides", () => {
    const seen = new Set(refusedRequests.map(({ code }) => code));
    expect(Object.keys(refusals).filter((code) => !seen.has(code as RefusalCode))).toEqual(["signature_replay"]);
  });

  it("in the same words for an unknown key and for wrong bytes", () => {
    const message = sealed(paymentDraft(), gatewayKey);
    const wrong = verifyRequest({ ...message, resolveKey });
    expect(wrong).toMatchObject({ code: "signature_invalid" });
    expect(verifyRequest({ ...message, resolveKey: () => undefined })).toEqual(wrong);
  });

  it("with the server's time when it is stale, and the name of a doubled header", () => {
    expect(verifyRequest({ ...param("created", "created=1"), resolveKey })).toMatchObject({
      serverTime: createdSeconds,
    });
    expect(verifyRequest({ ...extra("HOST", "x"), resolveKey })).toMatchObject({ header: "host" });
  });

  it("without a word of its contents in the detail", () => {
    for (const { message } of refusedRequests) {
      const verdict = verifyRequest({ ...message, resolveKey });
      if (verdict.ok) throw new Error("accepted");
      expect(verdict.detail).not.toMatch(/8e03978e|5b1f6c0e|10\.00|evil|Bearer/);
    }
  });
});

describe("a request is accepted", () => {
  it.each(acceptedRequests)("%s", (_, message) => {
    const verdict = verifyRequest({ ...message, resolveKey });
    expect(verdict).toMatchObject({ ok: true, partner: "alpha" });
  });

  it("and its raw signature is kept for the answer", () => {
    const draft = paymentDraft();
    expect(verifyRequest({ ...sealed(draft), resolveKey })).toMatchObject({
      binding: { method: "POST", signed: { label: "sig", signatureInput: inputText(draft) } },
    });
  });
});
