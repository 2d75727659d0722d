import { describe, expect, it, onTestFinished } from "vitest";
import { Problem } from "#problem";
import { inMemory, openSqliteStore, sealer } from "#store";
import { claimLocal, runClaimed } from "./local.ts";
import type { LocalClaim } from "./local.ts";
import type { EffectRequest, OperationAnswer } from "./types.ts";

async function setting() {
  const keys = [{ id: "k1", key: Buffer.alloc(32, 3).toString("base64url") }];
  const store = await openSqliteStore({ path: inMemory, sealer: sealer({ keys }) });
  onTestFinished(() => store.close());
  let nowMs = Date.parse("2026-11-22T12:00:00Z");
  let nonce = 0;
  const ports = { store, now: () => new Date(nowMs) };
  const request = (change: Partial<EffectRequest> = {}): EffectRequest => ({
    partner: "acme",
    operationId: "webhookEndpoints.create",
    input: { path: {}, query: {}, body: {} },
    requestId: "req_1",
    traceparent: "",
    key: "k",
    fingerprint: "5e".repeat(32),
    nonce: { keyid: "kid", nonce: `nonce-${(nonce += 1)}-0123456789`, expiresAtMs: nowMs + 120_000 },
    ...change,
  });
  return { ports, request, pass: (ms: number) => void (nowMs += ms) };
}

const answer = (text: string): OperationAnswer => ({
  status: 201,
  contentType: "application/json",
  headers: {},
  body: Buffer.from(text),
});

async function claimed(begun: ReturnType<typeof claimLocal>): Promise<LocalClaim> {
  const result = await begun;
  if (result.kind !== "claimed") throw new Error(`not claimed but ${result.kind}`);
  return result.claim;
}

const codeOf = (begun: Promise<unknown>): Promise<unknown> =>
  begun.then(
    () => "no problem",
    (error: unknown) => (error instanceof Problem ? error.code : error),
  );

describe("an effect of the gateway's own", () => {
  it("runs once; its twin gets the stored answer", async () => {
    const { ports, request } = await setting();
    const claim = await claimed(claimLocal(ports, request()));
    expect(claim.takenOver).toBe(false);
    expect(await codeOf(claimLocal(ports, request()))).toBe("idempotency_in_flight");
    await runClaimed(ports, claim, () => Promise.resolve(answer("first")));
    const twin = await claimLocal(ports, request());
    expect(twin.kind === "answered" && Buffer.from(twin.answer.body).toString()).toBe("first");
    expect(await codeOf(claimLocal(ports, request({ fingerprint: "00".repeat(32) })))).toBe("idempotency_key_reused");
    const { nonce } = request();
    expect((await claimLocal(ports, request({ nonce }))).kind).toBe("answered");
    expect(await codeOf(claimLocal(ports, request({ nonce })))).toBe("signature_replay");
  });

  it("that refuses gives the key back", async () => {
    const { ports, request } = await setting();
    const claim = await claimed(claimLocal(ports, request()));
    const refused = runClaimed(ports, claim, () => Promise.reject(new Problem("webhook_url_refused")));
    expect(await codeOf(refused)).toBe("webhook_url_refused");
    expect((await claimed(claimLocal(ports, request()))).takenOver).toBe(false);
  });

  it("of which nobody knows whether it happened keeps the key, and is taken over when its time is up", async () => {
    const { ports, request, pass } = await setting();
    const claim = await claimed(claimLocal(ports, request()));
    const broken = runClaimed(ports, claim, () => Promise.reject(new Problem("internal_error")));
    expect(await codeOf(broken)).toBe("internal_error");
    expect(await codeOf(claimLocal(ports, request()))).toBe("idempotency_in_flight");
    pass(60_000);
    const heir = await claimed(claimLocal(ports, request()));
    expect(heir.takenOver).toBe(true);
    await runClaimed(ports, heir, () => Promise.resolve(answer("second")));
    expect((await claimLocal(ports, request())).kind).toBe("answered");
  });
});
