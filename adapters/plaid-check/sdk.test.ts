import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { Configuration, ConsumerReportPermissiblePurpose, IDNumberType, PlaidApi, Products } from "plaid";
import type { CraCheckReportCreateRequest, UserCreateRequest } from "plaid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import definition from "./mock.ts";

interface Hook {
  body: string;
  jwt: string;
}

/** A partner's webhook endpoint: keeps what came, answers the first delivery of each body with `firstStatus`. */
async function listenForHooks(firstStatus = 200) {
  const hooks: Hook[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      hooks.push({
        body: Buffer.concat(chunks).toString(),
        jwt: String(request.headers["plaid-verification"]),
      });
      response.writeHead(hooks.length === 1 ? firstStatus : 200).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const count = (wanted: number) => expect.poll(() => hooks.length, { timeout: 4_000 }).toBeGreaterThanOrEqual(wanted);
  return { url: `http://127.0.0.1:${port}/hooks`, hooks, count, close: () => server.close() };
}

let mock: RunningMock;
let plaid: PlaidApi;

beforeAll(async () => {
  mock = await startMock(definition);
  plaid = new PlaidApi(new Configuration(mock.credentials));
});
afterAll(() => mock.stop());

let users = 0;
function person(lastName: string, phone = "+14155550172"): UserCreateRequest {
  users += 1;
  return {
    client_user_id: users.toString(16).padStart(32, "0"),
    identity: {
      name: { given_name: "Jane", family_name: lastName },
      date_of_birth: "1990-05-12",
      emails: [{ data: "jane.doe@example.com", primary: true }],
      phone_numbers: [{ data: phone, primary: true }],
      addresses: [
        {
          street_1: "100 Market Street",
          city: "San Francisco",
          region: "CA",
          postal_code: "94105",
          country: "US",
          primary: true,
        },
      ],
      id_numbers: [{ value: "123456789", type: IDNumberType.UsSsn }],
    },
  };
}

function order(userId: string, webhook = "http://127.0.0.1:9/hooks"): CraCheckReportCreateRequest {
  return {
    user_id: userId,
    webhook,
    days_requested: 365,
    client_report_id: "5f3c",
    products: [Products.CraLendScore],
    consumer_report_permissible_purpose: ConsumerReportPermissiblePurpose.ExtensionOfCredit,
  };
}

async function ordered(lastName: string, webhook?: string): Promise<string> {
  const { data } = await plaid.userCreate(person(lastName));
  await plaid.craCheckReportCreate(order(data.user_id, webhook));
  return data.user_id;
}

/** What the SDK's error tells of Plaid's answer. */
async function refusal(call: Promise<unknown>): Promise<{ status: number; type: string; code: string }> {
  try {
    await call;
  } catch (error) {
    const { response } = error as {
      response: { status: number; data: { error_type: string; error_code: string } };
    };
    return {
      status: response.status,
      type: response.data.error_type,
      code: response.data.error_code,
    };
  }
  throw new Error("the call succeeded");
}

async function report(userId: string) {
  await expect
    .poll(() =>
      plaid.craCheckReportBaseReportGet({ user_id: userId }).then(
        (answer) => answer.status,
        () => 0,
      ),
    )
    .toBe(200);
  return (await plaid.craCheckReportBaseReportGet({ user_id: userId })).data;
}

describe("the plaid SDK drives the mock", () => {
  it("creates a user once per client_user_id", async () => {
    const request = person("Doe");
    const first = await plaid.userCreate(request);
    const again = await plaid.userCreate(request);
    expect(first.status).toBe(201);
    expect(again.status).toBe(200);
    expect(again.data.user_id).toBe(first.data.user_id);
    expect(first.data.user_id).toMatch(/^usr_/);
  });

  it("orders a report, waits for it and reads base report and LendScore", async () => {
    const hook = await listenForHooks();
    const userId = await ordered("Doe", hook.url);
    expect(await refusal(plaid.craCheckReportBaseReportGet({ user_id: userId }))).toEqual({
      status: 400,
      type: "CONSUMER_REPORT_ERROR",
      code: "PRODUCT_NOT_READY",
    });
    await hook.count(1);
    const base = (await plaid.craCheckReportBaseReportGet({ user_id: userId })).data;
    expect(base.report.client_report_id).toBe("5f3c");
    expect(base.report.items[0]?.accounts.map((account) => account.subtype)).toEqual(["checking", "credit card"]);
    const score = (await plaid.craCheckReportLendScoreGet({ user_id: userId })).data;
    expect(score.report.lend_score?.score).toBe(72);
    hook.close();
  });

  it("signs its webhooks so that they verify as Plaid documents it, also after a key rotation", async () => {
    for (const lastName of ["Doe", "Rotate"]) {
      const hook = await listenForHooks();
      const userId = await ordered(lastName, hook.url);
      await hook.count(1);
      const [{ body, jwt }] = hook.hooks as [Hook];
      const { alg, kid } = decodeProtectedHeader(jwt);
      expect(alg).toBe("ES256");
      const { key } = (await plaid.webhookVerificationKeyGet({ key_id: kid ?? "" })).data;
      expect(key.expired_at).toBeNull();
      const { payload } = await jwtVerify(jwt, await importJWK({ ...key, expired_at: undefined }, "ES256"), {
        algorithms: ["ES256"],
        maxTokenAge: "5 min",
      });
      expect(payload["request_body_sha256"]).toBe(createHash("sha256").update(body).digest("hex"));
      expect(JSON.parse(body)).toMatchObject({
        webhook_type: "CHECK_REPORT",
        webhook_code: "USER_CHECK_REPORT_READY",
        user_id: userId,
        environment: "sandbox",
      });
      hook.close();
    }
  });

  it("ends the old key when it rotates", async () => {
    const hook = await listenForHooks();
    await ordered("Doe", hook.url);
    await hook.count(1);
    const { kid } = decodeProtectedHeader(hook.hooks[0]?.jwt ?? "");
    await ordered("Rotate", hook.url);
    await hook.count(2);
    const old = (await plaid.webhookVerificationKeyGet({ key_id: kid ?? "" })).data.key;
    expect(old.expired_at).toBeGreaterThan(0);
    expect(decodeProtectedHeader(hook.hooks[1]?.jwt ?? "").kid).not.toBe(kid);
    hook.close();
  });

  it("repeats a webhook that was not accepted, and tells of failures", async () => {
    const hook = await listenForHooks(500);
    await ordered("Unavailable", hook.url);
    await hook.count(2);
    expect(hook.hooks[1]?.body).toBe(hook.hooks[0]?.body);
    expect(JSON.parse(hook.hooks[0]?.body ?? "")).toMatchObject({
      webhook_code: "USER_CHECK_REPORT_FAILED",
      error: { error_code: "DATA_UNAVAILABLE" },
    });
    hook.close();
  });

  it("plays the documented refusals", async () => {
    const failed = await ordered("Unavailable");
    const thin = await ordered("Thin");
    await report(thin);
    const { data: idle } = await plaid.userCreate(person("Doe"));
    const blocked = (await plaid.userCreate(person("Blocked"))).data.user_id;
    const limited = (await plaid.userCreate(person("Limited"))).data.user_id;
    const cases: [() => Promise<unknown>, number, string, string][] = [
      [() => plaid.craCheckReportBaseReportGet({ user_id: failed }), 400, "CHECK_REPORT_ERROR", "DATA_UNAVAILABLE"],
      [
        () => plaid.craCheckReportLendScoreGet({ user_id: thin }),
        400,
        "CHECK_REPORT_ERROR",
        "INSUFFICIENT_TRANSACTION_DATA",
      ],
      [
        () => plaid.craCheckReportBaseReportGet({ user_id: idle.user_id }),
        400,
        "CONSUMER_REPORT_ERROR",
        "CONSUMER_REPORT_NOT_FOUND",
      ],
      [() => plaid.craCheckReportCreate(order("usr_nobody")), 400, "USER_ERROR", "USER_NOT_FOUND"],
      [
        () => plaid.craCheckReportCreate(order(blocked)),
        400,
        "CHECK_REPORT_ERROR",
        "USER_ON_IDENTITY_THEFT_OR_FRAUD_BLOCK",
      ],
      [() => plaid.craCheckReportCreate(order(limited)), 429, "RATE_LIMIT_EXCEEDED", "RATE_LIMIT"],
      [() => plaid.userCreate(person("Maintenance")), 503, "API_ERROR", "PLANNED_MAINTENANCE"],
      [() => plaid.userCreate(person("Doe", "+10005550172")), 403, "USER_ERROR", "INVALID_USER_IDENTITY_DATA"],
      [
        () => plaid.webhookVerificationKeyGet({ key_id: "none" }),
        400,
        "INVALID_INPUT",
        "INVALID_WEBHOOK_VERIFICATION_KEY_ID",
      ],
    ];
    for (const [call, status, type, code] of cases) expect(await refusal(call())).toEqual({ status, type, code });
  });

  it("refuses a wrong secret", async () => {
    const headers = { "PLAID-CLIENT-ID": "x", "PLAID-SECRET": "y" };
    const stranger = new PlaidApi(new Configuration({ basePath: mock.origin, baseOptions: { headers } }));
    expect(await refusal(stranger.userCreate(person("Doe")))).toEqual({
      status: 400,
      type: "INVALID_INPUT",
      code: "INVALID_API_KEYS",
    });
  });

  it("kept to the vendor's spec on both sides", () => {
    expect(mock.violations).toEqual([]);
  });
});
