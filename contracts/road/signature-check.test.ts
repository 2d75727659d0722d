import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coverageOf, unboundCoverage } from "./answer.fixture.ts";
import { differences } from "./contract.fixture.ts";
import { addField, bytesOf, checkDraft, seal, withField } from "./draft.fixture.ts";
import type { Message } from "./draft.fixture.ts";
import { openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";
import { raw } from "./socket.fixture.ts";

let road: Road;
const check = "/v1/signature-check";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

beforeAll(async () => {
  road = await openRoad({ adapters: [] });
});

afterAll(() => road.close());

describe("the signature check", () => {
  it("shows the base that a partner has to sign, and counts nothing as a replay", async () => {
    const nonce = "0123456789abcdef";
    const asked = { body: { any: "thing" }, nonce, idempotencyKey: "k" };
    const first = await road.a.request("POST", check, asked);
    expect(first.body).toMatchObject({ valid: true, keyId: road.a.keyid, signatureBase: first.sent.base });
    expect(differences("POST", check, first)).toEqual([]);
    expect(await road.a.request("POST", check, asked)).toMatchObject({ status: 200, body: { valid: true } });
  });

  it("takes any bytes of any type", async () => {
    const answer = await road.a.request("POST", check, { body: "not JSON", headers: { "Content-Type": "text/plain" } });
    expect(answer).toMatchObject({ status: 200, body: { valid: true } });
  });

  it("names the rule, and with the caller's base the first line that differs", async () => {
    const { jwk, keyid } = road.sandbox.keys.partners.a;
    const base = `"@method": POST\n"@target-uri": http://other.example${check}\n`;
    const asked = { ...addField(checkDraft(road.origin, keyid), "Signature-Base", base64(base)), target: check };
    const explained = await explain(withField(seal(asked, jwk), "Signature", () => "sig=:AAAA:"));
    expect(explained).toMatchObject({
      valid: false,
      code: "signature_invalid",
      rule: 14,
      firstDifference: {
        line: 2,
        expected: `"@target-uri": ${road.origin}${check}`,
        received: `"@target-uri": http://other.example${check}`,
      },
    });
    const stale = { ...checkDraft(road.origin, keyid), target: check };
    const params = stale.params.map((each) => each.replace(/^created=.*/, "created=1795000000"));
    const old = await explain(seal({ ...stale, params }, jwk));
    expect(old).toMatchObject({ valid: false, code: "signature_expired", rule: 6 });
    expect(old).not.toHaveProperty("firstDifference");
  });

  /** The verdict on a message whose signature is not good: signed, but bound to its address only (rule 10). */
  async function explain(message: Message): Promise<unknown> {
    const { answers } = await raw(road.origin, bytesOf(message), { answers: 1 });
    const [answer] = answers;
    if (answer === undefined) throw new Error("no answer");
    const jwks = road.sandbox.keys.gateway.jwks;
    expect(coverageOf(answer, { method: "POST", url: road.origin + check }, jwks)).toEqual(unboundCoverage);
    const headers = Object.fromEntries(answer.headers.map(([name, value]) => [name.toLowerCase(), value]));
    const body = JSON.parse(answer.body.toString()) as unknown;
    expect(differences("POST", check, { status: answer.status, headers, body })).toEqual([]);
    return body;
  }

  it("of no signature says so", async () => {
    const answer = await fetch(road.origin + check, { method: "POST", body: "{}" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ valid: false, code: "signature_missing", rule: 4 });
  });

  it("refuses a base that is none", async () => {
    const answer = await road.a.request("POST", check, { body: {}, headers: { "Signature-Base": "$$$" } });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: "request_invalid", errors: [{ header: "signature-base" }] },
    });
  });
});
