import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations, problems } from "#specs";
import { differences } from "./contract.fixture.ts";
import { coverageOf, unboundCoverage } from "./answer.fixture.ts";
import { addField, bytesOf, checkDraft, person, seal, withField } from "./draft.fixture.ts";
import type { Message } from "./draft.fixture.ts";
import { openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";
import { raw } from "./socket.fixture.ts";

let road: Road;
const adapters = ["tencent-faceid", "account-centre"];
const check = "/v1/signature-check";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

beforeAll(async () => {
  road = await openRoad({ adapters });
});

afterAll(() => road.close());

describe("the reference", () => {
  it.each([
    ["/docs", "text/html; charset=utf-8", '<redoc spec-url="/docs/openapi.json"'],
    ["/docs/", "text/html; charset=utf-8", "/docs/redoc.standalone.js"],
    ["/docs/redoc.standalone.js", "text/javascript; charset=utf-8", "Redoc"],
  ])("%s is served from here alone", async (path, type, text) => {
    const answer = await fetch(road.origin + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self';/);
    const body = await answer.text();
    expect(body).toContain(text);
    if (type.startsWith("text/html")) expect(body).not.toMatch(/(?:src|href)="https?:/);
  });

  it("shows the bundle, as this gateway enforces it", async () => {
    const bundle = (await (await fetch(`${road.origin}/docs/openapi.json`)).json()) as {
      servers: { url: string }[];
      paths: Record<string, Record<string, { operationId?: string }>>;
    };
    expect(bundle.servers.map(({ url }) => url)).toEqual([road.origin]);
    const shown = Object.values(bundle.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(shown).toEqual(expect.arrayContaining(Object.keys(operations)));
  });
});

describe("the probes", () => {
  it.each(["/livez", "/readyz"])("%s answers on both doors", async (path) => {
    for (const door of [road.origin, road.admin]) expect((await fetch(door + path)).status).toBe(200);
  });

  it("are all that the public door has of the admin's", async () => {
    for (const path of ["/metrics", "/breakers", "/transcripts/x"]) {
      expect((await fetch(road.admin + path)).status).toBe(200);
      expect((await fetch(road.origin + path)).status).toBe(401);
    }
  });
});

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

describe("the metrics", () => {
  const canary = "canary-7f3a9b";
  const labelled = (text: string, name: string, label: string): Set<string> => {
    const lines = text.split("\n").filter((line) => line.startsWith(name) && line.includes("{"));
    return new Set(lines.map((line) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? ""));
  };

  it("have their names, and labels from known lists only", async () => {
    const body = { ...person, reference: canary };
    await road.a.request("POST", "/v1/identity-checks", { body });
    await road.a.request("POST", "/v1/identity-checks", { body: { ...body, name: "张无录" } });
    await road.a.request("GET", `/v1/${canary}?${canary}=1`);
    await road.a.request(canary.toUpperCase(), "/v1/capabilities").catch(() => undefined);
    await road.a.request("GET", `/v1/customer-accounts/${canary}`);
    await fetch(`${road.origin}/${canary}`, { headers: { "Request-Id": `${canary}.`, traceparent: canary } });
    await fetch(`${road.origin}/callbacks/${canary}`, { method: "POST", body: canary });
    const {
      method,
      target,
      headers,
      body: bytes,
    } = seal(checkDraft(road.origin, road.a.keyid), road.sandbox.keys.partners.b.jwk);
    await fetch(road.origin + target, { method, headers: [...headers] as [string, string][], body: bytes });

    const text = await (await fetch(`${road.admin}/metrics`)).text();
    expect(text).not.toContain(canary);
    expect(text).not.toContain(person.nationalId);
    for (const name of [
      "qiao_request_duration_seconds_bucket",
      "qiao_request_outcomes_total",
      "qiao_vendor_call_duration_seconds_bucket",
      "qiao_breaker_state",
      "process_cpu_seconds_total",
    ]) {
      expect(text).toContain(name);
    }
    const known = new Set([...Object.keys(operations), "none"]);
    const outcomes = new Set([
      ...Object.keys(problems),
      "done",
      "rejected",
      "not_sent",
      "unknown",
      "stored",
      "disconnected",
    ]);
    for (const [name, label, allowed] of [
      ["qiao_request_duration_seconds", "operation", known],
      ["qiao_request_outcomes_total", "operation", known],
      ["qiao_request_outcomes_total", "outcome", outcomes],
      ["qiao_vendor_call_duration_seconds", "adapter", new Set(adapters)],
      ["qiao_vendor_call_duration_seconds", "outcome", outcomes],
      ["qiao_breaker_state", "adapter", new Set(adapters)],
    ] as const) {
      const used = labelled(text, name, label);
      expect(used.size, `${name} ${label}`).toBeGreaterThan(0);
      expect(
        [...used].filter((value) => !allowed.has(value)),
        `${name} ${label}`,
      ).toEqual([]);
    }
    expect(
      [...labelled(text, "qiao_request_duration_seconds", "status")].filter((value) => !/^[2-5]\d\d$/.test(value)),
    ).toEqual([]);
  });

  it("and the log has nothing personal, one line a call", async () => {
    const before = road.lines.filter(({ msg }) => msg === "call").length;
    const answer = await road.a.request("POST", "/v1/identity-checks", {
      body: { ...person, reference: canary },
      headers: { "Request-Id": "partner-request-1", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    });
    expect(answer.headers["request-id"]).toBe("partner-request-1");
    await expect.poll(() => road.lines.filter(({ msg }) => msg === "call").length).toBe(before + 1);
    const [line] = road.lines.filter(({ requestId }) => requestId === "partner-request-1");
    expect(line).toMatchObject({
      traceId: "a".repeat(32),
      partner: "partner-a",
      operation: "identityChecks.create",
      adapter: "tencent-faceid",
      outcome: "done",
      status: 201,
      durationMs: expect.any(Number) as number,
    });
    const logged = JSON.stringify(road.lines);
    for (const secret of [canary, person.nationalId, person.name]) expect(logged).not.toContain(secret);
  });
});
