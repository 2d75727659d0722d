import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault } from "#capability";
import type { RawAnswer, VendorRequest } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import type { Vendor } from "./bank.ts";
import { config as schema, hosts } from "./config.ts";
import type { Config } from "./config.ts";
import { protocol } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";
import { wireClient } from "./wire.fixture.ts";
import definition from "./mock.ts";

let mock: RunningMock;
let config: Config;
beforeAll(async () => {
  mock = await startMock(definition);
  config = schema.parse(mock.config);
});
afterAll(() => mock.stop());

function requestOf(operation: keyof operations, body?: string): VendorRequest {
  const url = new URL(`${config.apiBaseUrl}/open-banking/v4.0/pisp/domestic-payments`);
  const headers: Record<string, string> = { host: url.host };
  return { operation, method: "POST", url, headers, body: body === undefined ? undefined : Buffer.from(body) };
}

function contextOf(vendor: Vendor = wireClient(config)) {
  return { config, reference: "", attempt: 1, now: new Date(), vendor };
}

async function verify(answer: Partial<RawAnswer>, request: VendorRequest, vendor?: Vendor): Promise<void> {
  if (typeof protocol.verify !== "function") throw new Error("answers are signed");
  await protocol.verify({ status: 201, headers: {}, bytes: Buffer.from("{}"), ...answer }, request, contextOf(vendor));
}

describe("a request", () => {
  it("gets a fresh interaction id and signature for every attempt, and keeps the customer's token", async () => {
    const ids = new Set<string | undefined>();
    for (const attempt of [1, 2]) {
      const request = requestOf("CreateDomesticPayments", '{"Data":{}}');
      request.headers["authorization"] = "Bearer customer";
      await protocol.authorize(request, { ...contextOf(), attempt });
      expect(request.headers["authorization"]).toBe("Bearer customer");
      expect(request.headers["x-jws-signature"]).toMatch(/^[\w-]+\.\.[\w-]+$/);
      ids.add(request.headers["x-fapi-interaction-id"]);
    }
    expect(ids.size).toBe(2);
  });

  it("of the authorisation server goes where the discovery document says, with an assertion of its own", async () => {
    const request = requestOf("TokenClientCredentials", "grant_type=client_credentials&scope=accounts");
    await protocol.authorize(request, contextOf());
    expect(request.url.href).toBe(`${mock.origin}/token`);
    const form = new URLSearchParams(request.body?.toString());
    expect(form.get("scope")).toBe("accounts");
    expect(form.get("client_assertion")?.split(".")).toHaveLength(3);
  });

  it("of account information is not signed", async () => {
    const request = requestOf("CreateAccountAccessConsents", "{}");
    await protocol.authorize(request, contextOf());
    expect(request.headers["x-jws-signature"]).toBeUndefined();
  });

  it("was not sent when the token for it could not be had", async () => {
    const vendor: Vendor = {
      call: () => Promise.reject(new Fault("vendor_timeout", { outcome: "unknown", counts: true })),
      credential: async (_, obtain) => (await obtain()).value,
      keep: async () => {},
    };
    const refused = protocol.authorize(requestOf("CreateDomesticPaymentConsents", "{}"), contextOf(vendor));
    await expect(refused).rejects.toMatchObject({ code: "vendor_timeout", outcome: "not_sent", counts: true });
  });
});

describe("an answer", () => {
  const unknown = { code: "vendor_invalid_answer", outcome: "unknown", counts: true };

  it("about payments is not believed unsigned, whatever its status", async () => {
    for (const status of [200, 201, 400, 403, 409]) {
      await expect(verify({ status }, requestOf("CreateDomesticPayments"))).rejects.toMatchObject(unknown);
    }
    await verify({ status: 401, bytes: Buffer.alloc(0) }, requestOf("CreateDomesticPayments"));
    await verify({}, requestOf("GetAccounts"));
  });

  it("is not believed when it belongs to another request", async () => {
    const request = requestOf("GetAccounts");
    request.headers["x-fapi-interaction-id"] = "00000000-0000-4000-8000-000000000001";
    await verify({ headers: { "x-fapi-interaction-id": "00000000-0000-4000-8000-000000000001" } }, request);
    const other = { headers: { "x-fapi-interaction-id": "00000000-0000-4000-8000-000000000002" } };
    await expect(verify(other, request)).rejects.toMatchObject(unknown);
  });

  it("has an unknown outcome, not an unsent one, when the bank's keys cannot be had", async () => {
    const vendor: Vendor = {
      call: () => Promise.reject(new Fault("vendor_unavailable", { outcome: "not_sent", counts: true })),
      credential: async (_, obtain) => (await obtain()).value,
      keep: async () => {},
    };
    const answer = { headers: { "x-jws-signature": "a..b" } };
    await expect(verify(answer, requestOf("CreateDomesticPayments"), vendor)).rejects.toMatchObject(unknown);
  });

  it("that refuses is read from the standard's body, OAuth's, the challenge, or the status alone", () => {
    const read = (status: number, body: unknown, headers = {}) =>
      protocol.failure({ status, headers, body }, "GetAccounts");
    expect(read(400, { Errors: [{ ErrorCode: "U002", Message: "bad" }] })).toEqual({ code: "U002", message: "bad" });
    expect(read(400, { error: "invalid_grant" })).toEqual({ code: "invalid_grant" });
    expect(read(401, undefined, { "www-authenticate": 'Bearer error="invalid_token"' })).toEqual({
      code: "invalid_token",
    });
    expect(read(405, undefined)).toEqual({ code: "405" });
    expect(read(500, undefined)).toBeUndefined();
    expect(read(200, { Errors: [] })).toBeUndefined();
  });
});

describe("the configuration", () => {
  it("names the hosts, and is refused without secrets or with words that it does not know", () => {
    expect(hosts(schema.parse({ ...mock.config, otherHosts: ["keystore.bank.example"] }))).toEqual([
      new URL(mock.origin).host,
      "keystore.bank.example",
    ]);
    for (const name of Object.keys(mock.config)) {
      const { [name]: _, ...rest } = mock.config;
      expect(schema.safeParse(rest).success, name).toBe(false);
    }
    expect(schema.safeParse({ ...mock.config, signingKeyPem: "x" }).success).toBe(false);
    expect(schema.safeParse({ ...mock.config, surprise: true }).success).toBe(false);
  });

  it("refuses a discovery document that speaks for another issuer", async () => {
    const other = { ...config, issuer: config.issuer.replace("127.0.0.1", "localhost") };
    const vendor = wireClient({ ...config });
    const refused = protocol.authorize(requestOf("PushAuthorizationRequest", "request=a"), {
      ...contextOf(vendor),
      config: other,
    });
    await expect(refused).rejects.toMatchObject({ code: "vendor_invalid_answer", outcome: "not_sent" });
  });
});
