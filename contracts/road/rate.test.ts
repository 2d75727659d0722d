import { afterAll, beforeAll, expect, it } from "vitest";
import { coverageOf, listed, problemOf, unboundCoverage } from "./answer.fixture.ts";
import { bytesOf, listDraft, seal } from "./draft.fixture.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway, KeyPair } from "./gateway.fixture.ts";
import { raw, requestBytes } from "./socket.fixture.ts";

let road: Gateway;
let hasty: KeyPair;
let calm: KeyPair;
let copied: KeyPair;

beforeAll(async () => {
  [hasty, calm, copied] = await Promise.all([newKey(), newKey(), newKey()]);
  road = await openGateway({
    partners: [
      registered("hasty", [hasty], { requestsPerSecond: 1 }),
      registered("calm", [calm]),
      registered("copied", [copied], { requestsPerSecond: 1 }),
    ],
  });
});

afterAll(() => road.close());

it("a partner has its quota over ten seconds, and is told what is left and when to come back", async () => {
  const partner = road.as(hasty.jwk);
  for (let left = 9; left >= 0; left -= 1) {
    const answer = await partner.request("GET", "/v1/capabilities");
    expect(answer.status).toBe(200);
    expect(answer.headers["ratelimit-policy"]).toBe('"partner";q=10;w=10');
    expect(answer.headers["ratelimit"]).toMatch(new RegExp(`^"partner";r=${left};t=(10|[1-9])$`));
  }
  const refused = await partner.request("GET", "/v1/capabilities");
  expect(refused).toMatchObject({ status: 429, verified: true, body: { code: "rate_limited", retry: "after" } });
  expect(refused.headers["ratelimit"]).toMatch(/^"partner";r=0;t=\d+$/);
  const seconds = Number(refused.headers["retry-after"]);
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(10);
  expect(listed(refused.headers["signature-input"])).toContain('"signature";req;key="sig"');

  expect(await road.as(calm.jwk).request("GET", "/v1/capabilities")).toMatchObject({ status: 200 });
});

it("who repeats a partner's request takes nothing of the partner's quota", async () => {
  const { origin } = road.gateway;
  const message = bytesOf(seal({ ...listDraft(origin, copied.jwk.kid ?? ""), target: "/v1/capabilities" }, copied.jwk));
  const { answers } = await raw(origin, Buffer.concat(Array.from({ length: 8 }, () => message)), { answers: 8 });
  expect(answers.map(({ status }) => status)).toEqual([200, ...Array.from({ length: 7 }, () => 401)]);
  const own = await road.as(copied.jwk).request("GET", "/v1/capabilities");
  expect(own.headers["ratelimit"]).toMatch(/^"partner";r=8;/);
});

it("an address whose requests are all refused is told to wait, and takes nothing from partners behind it", async () => {
  const { origin } = road.gateway;
  const target = "/v1/capabilities";
  const unsigned = requestBytes("GET", target, [["Host", new URL(origin).host]]);
  const { answers } = await raw(origin, Buffer.concat(Array.from({ length: 601 }, () => unsigned)), {
    answers: 601,
    patienceMs: 15_000,
  });
  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 600 }, () => 401), 429]);
  const last = answers.at(-1);
  if (last === undefined) throw new Error("no answer");
  expect(problemOf(last).code).toBe("rate_limited");
  expect(Number(Object.fromEntries(last.headers)["Retry-After"])).toBeGreaterThanOrEqual(1);
  expect(coverageOf(last, { method: "GET", url: origin + target }, road.jwks)).toEqual(unboundCoverage);
  expect(await road.as(calm.jwk).request("GET", target)).toMatchObject({ status: 200 });
});
