import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations, problems } from "#specs";
import { checkDraft, person, seal } from "./draft.fixture.ts";
import { openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";

let road: Road;
const adapters = ["tencent-faceid", "account-centre"];

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
