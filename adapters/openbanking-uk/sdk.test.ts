/**
 * The proof: openid-client (discovery, private_key_jwt, PAR with JAR, PKCE, refresh) and jose (detached JWS) drive the mock
 * through every operation that the adapter uses, over a real socket. The standard has no SDK of its own.
 */
import { randomUUID } from "node:crypto";
import { createRemoteJWKSet, flattenedVerify, FlattenedSign, generateKeyPair, importPKCS8 } from "jose";
import type { CryptoKey } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import definition from "./mock.ts";
import type { components } from "./vendor.d.ts";

const redirectUri = "https://tpp.example/callback";
const claimNames = ["iat", "iss", "tan"].map((name) => `http://openbanking.org.uk/${name}`);
const crit = Object.fromEntries(claimNames.map((name) => [name, true]));

interface Credentials {
  server: string;
  clientId: string;
  kid: string;
  privateKeyPem: string;
}

let mock: RunningMock;
let credentials: Credentials;
let key: CryptoKey;
let sdk: client.Configuration;

beforeAll(async () => {
  mock = await startMock(definition);
  credentials = mock.credentials as unknown as Credentials;
  key = await importPKCS8(credentials.privateKeyPem, "PS256");
  sdk = await connect(key, credentials.kid);
});
afterAll(() => mock.stop());

async function connect(signingKey: CryptoKey, kid: string): Promise<client.Configuration> {
  const authentication = client.PrivateKeyJwt({ key: signingKey, kid });
  const metadata = { id_token_signed_response_alg: "PS256", request_object_signing_alg: "PS256" };
  const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };
  return client.discovery(new URL(credentials.server), credentials.clientId, metadata, authentication, options);
}

interface Answer<T> {
  status: number;
  headers: Headers;
  bytes: Buffer;
  body: T;
}

async function ask<T>(
  token: string,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const url = new URL(`${credentials.server}/open-banking/v4.0${path}`);
  const sent = new Headers({ "x-fapi-interaction-id": randomUUID(), ...headers });
  if (body !== undefined) sent.set("content-type", "application/json");
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await client.fetchProtectedResource(sdk, token, url, method, text, sent);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.headers.get("x-fapi-interaction-id")).toBe(sent.get("x-fapi-interaction-id"));
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    body: bytes.length === 0 ? undefined : JSON.parse(bytes.toString("utf8")),
  };
}

async function signature(body: object, changes: Record<string, unknown> = {}, signingKey = key): Promise<string> {
  const jws = await new FlattenedSign(Buffer.from(JSON.stringify(body)))
    .setProtectedHeader({
      alg: "PS256",
      typ: "JOSE",
      cty: "application/json",
      kid: credentials.kid,
      "http://openbanking.org.uk/iat": Math.floor(Date.now() / 1_000) - 1,
      "http://openbanking.org.uk/iss": "0015800001041RHAAY/HQuZPIt3ipkh33Uxytox1E",
      "http://openbanking.org.uk/tan": "openbankingtest.org.uk",
      crit: claimNames,
      ...changes,
    })
    .sign(signingKey, { crit });
  return `${jws.protected}..${jws.signature}`;
}

async function post<T>(token: string, path: string, body: object, idempotencyKey: string = randomUUID()) {
  const headers = { "x-idempotency-key": idempotencyKey, "x-jws-signature": await signature(body) };
  return ask<T>(token, "POST", `/pisp${path}`, body, headers);
}

/** jose accepts the bank's detached signature with the key of the discovered jwks_uri. */
async function expectSigned(answer: Answer<unknown>): Promise<void> {
  const [protectedHeader = "", , value = ""] = (answer.headers.get("x-jws-signature") ?? "").split(".");
  const keys = createRemoteJWKSet(new URL(sdk.serverMetadata().jwks_uri ?? ""));
  const jws = { protected: protectedHeader, payload: answer.bytes.toString("base64url"), signature: value };
  const verified = await flattenedVerify(jws, keys, { algorithms: ["PS256"], crit });
  expect(verified.protectedHeader).toMatchObject({ "http://openbanking.org.uk/iss": "00158000016i44JAAQ" });
}

async function clientToken(scope: string): Promise<string> {
  return (await client.clientCredentialsGrant(sdk, { scope })).access_token;
}

/** PAR with JAR and PKCE, the customer's decision, and the code grant. */
async function authorise(consentId: string, scope: string, decision = "approve") {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedNonce = client.randomNonce();
  const expectedState = client.randomState();
  const jar = await client.buildAuthorizationUrlWithJAR(
    sdk,
    {
      redirect_uri: redirectUri,
      scope,
      nonce: expectedNonce,
      state: expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      claims: JSON.stringify({ id_token: { openbanking_intent_id: { value: consentId, essential: true } } }),
    },
    { key, kid: credentials.kid },
  );
  const url = await client.buildAuthorizationUrlWithPAR(sdk, jar.searchParams);
  const shown = await fetch(url);
  expect(await shown.text()).toContain("Approve");
  const body = new URLSearchParams({ decision });
  const decided = await fetch(url, { method: "POST", body, redirect: "manual" });
  const back = new URL(decided.headers.get("location") ?? "");
  return { back, checks: { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true } };
}

async function customerToken(consentId: string, scope: string) {
  const { back, checks } = await authorise(consentId, scope);
  return client.authorizationCodeGrant(sdk, back, checks);
}

const permissions = [
  "ReadAccountsDetail",
  "ReadBalances",
  "ReadTransactionsDetail",
  "ReadTransactionsCredits",
  "ReadTransactionsDebits",
];
const initiation = {
  InstructionIdentification: "ACME412",
  EndToEndIdentification: "FRESCO.21302.GFX.20",
  InstructedAmount: { Amount: "165.88", Currency: "GBP" },
  CreditorAccount: { SchemeName: "UK.OBIE.SortCodeAccountNumber", Identification: "08080021325698", Name: "ACME Inc" },
  RemittanceInformation: { Unstructured: ["Internal ops code 5120101"] },
};
const consentBody = { Data: { Initiation: initiation }, Risk: { PaymentContextCode: "TransferToThirdParty" } };

type Schemas = components["schemas"];

describe("openid-client and jose against the mock", () => {
  it("read accounts, balances and transactions under a consent, refresh, and end it", async () => {
    const ours = await clientToken("accounts");
    const staged = await ask<Schemas["ReadConsentAnswer"]>(ours, "POST", "/aisp/account-access-consents", {
      Data: { Permissions: permissions, ExpirationDateTime: "2099-01-01T00:00:00Z" },
      Risk: {},
    });
    expect(staged).toMatchObject({ status: 201, body: { Data: { Status: "AWAU" } } });
    const { ConsentId: id } = staged.body.Data;
    const tokens = await customerToken(id, "openid accounts");
    expect(tokens.claims()).toMatchObject({ openbanking_intent_id: id, acr: "urn:openbanking:psd2:sca" });
    const read = await ask<Schemas["ReadConsentAnswer"]>(ours, "GET", `/aisp/account-access-consents/${id}`);
    expect(read.body.Data.Status).toBe("AUTH");

    const theirs = tokens.access_token;
    const accounts = await ask<Schemas["ReadAccounts"]>(theirs, "GET", "/aisp/accounts");
    expect(accounts.body.Data.Account?.map((account) => account.Currency)).toEqual(["GBP", "GBP", "GBP"]);
    expect((await ask(theirs, "GET", "/aisp/accounts/22289")).status).toBe(200);
    const balances = await ask<Schemas["ReadBalances"]>(theirs, "GET", "/aisp/accounts/22289/balances");
    expect(balances.body.Data.Balance[0]?.Amount).toEqual({ Amount: "1230.00", Currency: "GBP" });
    const page = await ask<Schemas["ReadTransactions"]>(theirs, "GET", "/aisp/accounts/22289/transactions");
    expect(page.body.Data.Transaction).toHaveLength(25);
    const next = new URL(page.body.Links?.Next ?? "");
    const second = await ask<Schemas["ReadTransactions"]>(
      theirs,
      "GET",
      `/aisp/accounts/22289/transactions${next.search}`,
    );
    expect(second.body.Data.Transaction?.[0]?.TransactionId).not.toBe(page.body.Data.Transaction?.[0]?.TransactionId);

    const renewed = await client.refreshTokenGrant(sdk, tokens.refresh_token ?? "");
    expect((await ask(renewed.access_token, "GET", "/aisp/accounts")).status).toBe(200);
    expect((await ask(ours, "DELETE", `/aisp/account-access-consents/${id}`)).status).toBe(204);
    await expect(ask(renewed.access_token, "GET", "/aisp/accounts")).rejects.toThrow(
      client.WWWAuthenticateChallengeError,
    );
    await expect(client.refreshTokenGrant(sdk, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("pay once under a consent, with signatures both ways, and follow the payment until it settles", async () => {
    const ours = await clientToken("payments");
    const consentKey = randomUUID();
    const staged = await post<Schemas["PaymentConsentAnswer"]>(
      ours,
      "/domestic-payment-consents",
      consentBody,
      consentKey,
    );
    expect(staged.status).toBe(201);
    await expectSigned(staged);
    const again = await post<Schemas["PaymentConsentAnswer"]>(
      ours,
      "/domestic-payment-consents",
      consentBody,
      consentKey,
    );
    expect(again.body.Data.ConsentId).toBe(staged.body.Data.ConsentId);

    const { ConsentId } = staged.body.Data;
    const payment = { Data: { ConsentId, Initiation: initiation }, Risk: consentBody.Risk };
    const { access_token: theirs } = await customerToken(ConsentId, "openid payments");
    const paymentKey = randomUUID();
    const paid = await post<Schemas["PaymentAnswer"]>(theirs, "/domestic-payments", payment, paymentKey);
    expect(paid).toMatchObject({ status: 201, body: { Data: { Status: "RCVD", ConsentId } } });
    await expectSigned(paid);
    const repeated = await post<Schemas["PaymentAnswer"]>(theirs, "/domestic-payments", payment, paymentKey);
    expect(repeated.body.Data.DomesticPaymentId).toBe(paid.body.Data.DomesticPaymentId);
    const path = `/pisp/domestic-payments/${paid.body.Data.DomesticPaymentId}`;
    const settled = () => ask<Schemas["PaymentAnswer"]>(ours, "GET", path);
    await expect.poll(async () => (await settled()).body.Data.Status, { interval: 100, timeout: 5_000 }).toBe("ACSC");
    await expectSigned(await settled());
    const consent = await ask<Schemas["PaymentConsentAnswer"]>(
      ours,
      "GET",
      `/pisp/domestic-payment-consents/${ConsentId}`,
    );
    expect(consent.body.Data.Status).toBe("COND");
  });

  it("never left the spec in either direction", () => {
    const operations = new Set(mock.exchanges.map((exchange) => exchange.operation));
    expect(operations.size).toBeGreaterThanOrEqual(17);
    expect(mock.violations).toEqual([]);
  });
});

describe("the mock's refusals", () => {
  const refused = (code: string) => ({ status: 400, body: { Errors: [{ ErrorCode: code }] } });

  it("a wrong key is invalid_client, and so is an assertion used twice", async () => {
    const stranger = await generateKeyPair("PS256");
    const wrong = await connect(stranger.privateKey, credentials.kid);
    await expect(client.clientCredentialsGrant(wrong, { scope: "payments" })).rejects.toMatchObject({
      error: "invalid_client",
    });
    const form = mock.exchanges.findLast(
      (exchange) => exchange.operation === "TokenClientCredentials" && exchange.answer.status === 200,
    );
    const init = {
      method: "POST",
      body: String(form?.request.body),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    };
    const replayed = await fetch(`${credentials.server}/token`, init);
    expect(await replayed.json()).toMatchObject({
      error: "invalid_client",
      error_description: expect.stringContaining("jti"),
    });
  });

  it("a code works once, with its verifier only", async () => {
    const ours = await clientToken("payments");
    const stage = () => post<Schemas["PaymentConsentAnswer"]>(ours, "/domestic-payment-consents", consentBody);
    const first = await authorise((await stage()).body.Data.ConsentId, "openid payments");
    await client.authorizationCodeGrant(sdk, first.back, first.checks);
    await expect(client.authorizationCodeGrant(sdk, first.back, first.checks)).rejects.toMatchObject({
      error: "invalid_grant",
    });
    const second = await authorise((await stage()).body.Data.ConsentId, "openid payments");
    const stolen = { ...second.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
    await expect(client.authorizationCodeGrant(sdk, second.back, stolen)).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("a denied consent comes back as access_denied and cannot be paid", async () => {
    const ours = await clientToken("payments");
    const { body } = await post<Schemas["PaymentConsentAnswer"]>(ours, "/domestic-payment-consents", consentBody);
    const { back, checks } = await authorise(body.Data.ConsentId, "openid payments", "deny");
    await expect(client.authorizationCodeGrant(sdk, back, checks)).rejects.toMatchObject({ error: "access_denied" });
    const read = await ask<Schemas["PaymentConsentAnswer"]>(
      ours,
      "GET",
      `/pisp/domestic-payment-consents/${body.Data.ConsentId}`,
    );
    expect(read.body.Data.Status).toBe("RJCT");
  });

  it("signatures: missing U019, malformed U018, incomplete U017, wrong claim U016, wrong key or other bytes U015", async () => {
    const ours = await clientToken("payments");
    const send = (jws?: string) => {
      const headers = { "x-idempotency-key": randomUUID(), ...(jws !== undefined && { "x-jws-signature": jws }) };
      return ask(ours, "POST", "/pisp/domestic-payment-consents", consentBody, headers);
    };
    const stranger = await generateKeyPair("PS256");
    const unsigned = await send();
    expect(unsigned).toMatchObject(refused("U019"));
    await expectSigned(unsigned);
    expect(await send("nonsense")).toMatchObject(refused("U018"));
    expect(await send(await signature(consentBody, { kid: undefined }))).toMatchObject(refused("U017"));
    expect(await send(await signature(consentBody, { kid: "other" }))).toMatchObject(refused("U016"));
    const soon = { "http://openbanking.org.uk/iat": Math.floor(Date.now() / 1_000) + 3_600 };
    expect(await send(await signature(consentBody, soon))).toMatchObject(refused("U016"));
    expect(await send(await signature(consentBody, {}, stranger.privateKey))).toMatchObject(refused("U015"));
    expect(await send(await signature({ ...consentBody, Risk: {} }))).toMatchObject(refused("U015"));
  });

  it("a key with another body U006, another payment than staged U008, an unauthorised consent U009, an unknown one U011", async () => {
    const ours = await clientToken("payments");
    const idempotencyKey = randomUUID();
    const { body } = await post<Schemas["PaymentConsentAnswer"]>(
      ours,
      "/domestic-payment-consents",
      consentBody,
      idempotencyKey,
    );
    const dearer = { ...initiation, InstructedAmount: { Amount: "166.88", Currency: "GBP" } };
    const other = { Data: { Initiation: dearer }, Risk: consentBody.Risk };
    expect(await post(ours, "/domestic-payment-consents", other, idempotencyKey)).toMatchObject(refused("U006"));
    const { ConsentId } = body.Data;
    const { access_token: theirs } = await customerToken(ConsentId, "openid payments");
    const changed = { Data: { ConsentId, Initiation: dearer }, Risk: consentBody.Risk };
    expect(await post(theirs, "/domestic-payments", changed)).toMatchObject(refused("U008"));
    const right = { Data: { ConsentId, Initiation: initiation }, Risk: consentBody.Risk };
    expect((await post(theirs, "/domestic-payments", right)).status).toBe(201);
    expect(await post(theirs, "/domestic-payments", right)).toMatchObject(refused("U009"));
    expect(await ask(ours, "GET", "/pisp/domestic-payment-consents/none")).toMatchObject(refused("U011"));
    // The client's own token may not pay.
    expect((await post(ours, "/domestic-payments", right)).status).toBe(403);
  });
});
