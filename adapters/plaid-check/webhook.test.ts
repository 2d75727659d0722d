import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { Fault } from "#capability";
import type { VendorClient } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { clientOf } from "./client.fixture.ts";
import { config as schema } from "./config.ts";
import type { Config } from "./config.ts";
import definition from "./mock.ts";
import { userOf } from "./order.ts";
import type { operations } from "./vendor.d.ts";
import { callbacks } from "./webhook.ts";

const now = new Date("2026-11-22T12:00:00Z");
const seconds = now.getTime() / 1000;
const config: Config = {
  baseUrl: "https://sandbox.plaid.com",
  environment: "sandbox",
  clientId: "client-id",
  secret: "a-secret-of-plaid",
  lendScoreVersion: "LS1",
};
const body = Buffer.from(
  '{\n  "webhook_type": "CHECK_REPORT",\n  "webhook_code": "USER_CHECK_REPORT_READY",\n  "user_id": "usr_1",\n  "environment": "sandbox"\n}',
);

interface Making {
  alg?: string;
  kid?: string;
  iat?: number;
  digest?: string;
  expiredAt?: number | null;
  stranger?: boolean;
}

const ours = await generateKeyPair("ES256", { extractable: true });
const strangers = await generateKeyPair("ES256", { extractable: true });
const rsa = await generateKeyPair("RS256", { extractable: true });

/** A vendor that knows one key, `kid-1`. */
function plaidWith(key: object): VendorClient<operations> {
  const client: VendorClient<operations> = {
    call: (_operation, input) => {
      if ((input.body as { key_id?: string }).key_id === "kid-1") {
        return Promise.resolve({ status: 200, headers: {}, body: { key, request_id: "r" } as never });
      }
      const vendor = { adapter: "plaid-check", code: "INVALID_WEBHOOK_VERIFICATION_KEY_ID" };
      return Promise.reject(new Fault("vendor_rejected", { outcome: "rejected", vendor }));
    },
    credential: async (_key, obtain) => (await obtain()).value,
    keep: async () => {},
  };
  return client;
}

async function judged(making: Making, bytes: Buffer = body) {
  const alg = making.alg ?? "ES256";
  const signer = alg === "RS256" ? rsa : making.stranger ? strangers : ours;
  const digest = making.digest ?? createHash("sha256").update(body).digest("hex");
  const jwt = await new SignJWT({ iat: making.iat ?? seconds - 10, request_body_sha256: digest })
    .setProtectedHeader({ alg, kid: making.kid ?? "kid-1", typ: "JWT" })
    .sign(signer.privateKey);
  const { kty, crv, x, y } = await exportJWK(ours.publicKey);
  const expired_at = making.expiredAt ?? null;
  const key = { alg: "ES256", kid: "kid-1", kty, crv, x, y, use: "sig", created_at: seconds - 100, expired_at };
  return verify({ "plaid-verification": jwt }, bytes, plaidWith(key), now);
}

function verify(headers: Record<string, string>, bytes: Buffer, vendor: VendorClient<operations>, at: Date) {
  const request = { method: "POST", target: "", query: new URLSearchParams(), headers, body: bytes };
  return callbacks.verify(request, { config, now: at, vendor });
}

describe("a webhook of Plaid's", () => {
  it("is believed when the JWT vouches for its bytes", async () => {
    expect(await judged({})).toEqual({
      verdict: "verified",
      capability: "creditReports",
      handle: "usr_1",
      event: { userId: "usr_1", event: { kind: "ready" } },
    });
    expect(await judged({ expiredAt: seconds + 60 })).toMatchObject({ verdict: "verified" });
  });

  it("is refused otherwise, with the rule that failed", async () => {
    const changed = Buffer.from(body.toString().replace("usr_1", "usr_2"));
    const cases: [Making, string, Buffer?][] = [
      [{}, "the body is not the one that was signed", changed],
      [{ digest: "short" }, "the body is not the one that was signed"],
      [{ iat: seconds - 301 }, "the webhook is too old"],
      [{ iat: seconds + 61 }, "the webhook is from the future"],
      [{ stranger: true }, "the JWT does not verify"],
      [{ alg: "RS256" }, "the JWT names no ES256 key"],
      [{ kid: "kid-2" }, "Plaid does not know the key"],
      [{ kid: "../kid" }, "the JWT names no ES256 key"],
      [{ expiredAt: seconds - 1 }, "the key has expired"],
    ];
    for (const [making, why, bytes] of cases) {
      expect(await judged(making, bytes)).toEqual({ verdict: "refused", why });
    }
    expect(await verify({}, body, plaidWith({}), now)).toMatchObject({ verdict: "refused" });
    expect(await verify({ "plaid-verification": "a.b" }, body, plaidWith({}), now)).toMatchObject({
      verdict: "refused",
    });
  });

  it("asks Plaid to try again where the gateway could not use it", () => {
    const status = (result: "refused" | "ignored" | "unmatched" | "failed") => callbacks.acknowledge({ result }).status;
    expect([status("refused"), status("ignored"), status("unmatched"), status("failed")]).toEqual([401, 200, 404, 503]);
  });
});

describe("the mock's webhooks", () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock(definition);
  });
  afterAll(() => mock.stop());

  it("verify here, a forged one does not, and the key is asked for once", async () => {
    const hooks: { bytes: Buffer; jwt: string }[] = [];
    const server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        hooks.push({ bytes: Buffer.concat(chunks), jwt: String(request.headers["plaid-verification"]) });
        response.end();
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const vendor = clientOf(schema.parse(mock.config));
    const address = { street: "1 A", city: "SF", region: "CA", postalCode: "94105", country: "US" };
    const person = { firstName: "A", dateOfBirth: "1990-01-01", phone: "+14155550172", email: "a@b.co", address };
    for (const lastName of ["Forged", "Failed"]) {
      const user = userOf({ subject: { ...person, lastName } } as never, lastName);
      const { user_id } = (await vendor.call("userCreate", { body: user })).body;
      const purpose = "EXTENSION_OF_CREDIT" as const;
      const order = { user_id, webhook, days_requested: 180, consumer_report_permissible_purpose: purpose };
      await vendor.call("craCheckReportCreate", { body: order });
    }
    await expect.poll(() => hooks.length).toBe(3);
    const verdicts = [];
    for (const { bytes, jwt } of hooks) {
      verdicts.push(await verify({ "plaid-verification": jwt }, bytes, vendor, new Date()));
    }
    expect(vendor.keysAsked()).toBe(1);
    const said = verdicts.map((v) => (v.verdict === "verified" ? (v.event as { event: object }).event : v.verdict));
    expect(said).toHaveLength(3);
    expect(said).toContainEqual("refused");
    expect(said).toContainEqual({ kind: "ready" });
    expect(said).toContainEqual({ kind: "failed", code: "PRODUCT_GENERATION_FAILED" });
    server.close();
  });
});
