import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { callbacks } from "./callbacks.ts";
import { config as schema } from "./config.ts";
import type { Config } from "./config.ts";
import definition from "./mock.ts";
import { wireClient } from "./wire.fixture.ts";

const reference = "0123456789abcdef0123456789abcdef";
const state = `bankPayments.${reference}`;

let mock: RunningMock;
let config: Config;
beforeAll(async () => {
  mock = await startMock(definition);
  config = schema.parse(mock.config);
});
afterAll(() => mock.stop());

async function verdictOf(parameters: [string, string][], method = "GET") {
  const query = new URLSearchParams(parameters);
  const request = { method, target: `?${query.toString()}`, query, headers: {}, body: Buffer.alloc(0) };
  return callbacks.verify(request, { config, now: new Date(), vendor: wireClient(config) });
}

describe("the customer's return", () => {
  it("names the resource by state and carries the code", async () => {
    const iss = config.issuer;
    expect(await verdictOf(Object.entries({ code: "abc", state, iss }))).toEqual({
      verdict: "verified",
      capability: "bankPayments",
      handle: reference,
      event: { code: "abc" },
    });
    expect(
      await verdictOf(Object.entries({ error: "access_denied", error_description: "no", state, iss })),
    ).toMatchObject({
      verdict: "verified",
      event: { error: "access_denied" },
    });
  });

  it.each<[string, Record<string, string>]>([
    ["no state", { code: "abc" }],
    ["a state that is not ours", { code: "abc", state: `refunds.${reference}` }],
    ["a reference in capitals", { code: "abc", state: `consents.${reference.toUpperCase()}` }],
    ["neither code nor error", { state }],
    ["both code and error", { state, code: "abc", error: "access_denied" }],
    ["an empty code", { state, code: "" }],
    ["a code with spaces", { state, code: "a b" }],
  ])("is refused with %s", async (_, parameters) => {
    const entries = Object.entries({ ...parameters, iss: config.issuer });
    expect(await verdictOf(entries)).toMatchObject({ verdict: "refused" });
  });

  it("is refused without the promised iss, with another's, with a parameter twice, and as a POST", async () => {
    const good: [string, string][] = [
      ["code", "abc"],
      ["state", state],
    ];
    expect(await verdictOf(good)).toMatchObject({ verdict: "refused", why: "iss is missing" });
    expect(await verdictOf([...good, ["iss", "https://evil.example"]])).toMatchObject({ verdict: "refused" });
    const complete: [string, string][] = [...good, ["iss", config.issuer]];
    expect(await verdictOf([...complete, ["code", "other"]])).toMatchObject({ verdict: "refused" });
    expect(await verdictOf(complete, "POST")).toMatchObject({ verdict: "refused" });
    expect(await verdictOf(complete)).toMatchObject({ verdict: "verified" });
  });

  it("goes on to the partner with the resource's id and never with the code", () => {
    const request = { returnUrl: "https://partner.example/back?order=42" };
    const resource = { id: "cns_01JD9ZK3V7W8X9Y0Z1A2B3", body: {}, request };
    const accepted = callbacks.acknowledge({ result: "accepted", resource });
    expect(accepted).toMatchObject({
      status: 303,
      headers: { location: "https://partner.example/back?order=42&consentId=cns_01JD9ZK3V7W8X9Y0Z1A2B3" },
    });
    const payment = {
      ...resource,
      id: "pay_01JD9ZK3V7W8X9Y0Z1A2B3",
      request: { returnUrl: "https://partner.example/" },
    };
    expect(callbacks.acknowledge({ result: "accepted", resource: payment }).headers?.["location"]).toBe(
      "https://partner.example/?bankPaymentId=pay_01JD9ZK3V7W8X9Y0Z1A2B3",
    );
    expect(callbacks.acknowledge({ result: "refused" }).status).toBe(400);
    expect(callbacks.acknowledge({ result: "unmatched" }).status).toBe(404);
    expect(callbacks.acknowledge({ result: "failed" })).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
  });
});
