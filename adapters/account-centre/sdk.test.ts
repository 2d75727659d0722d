/**
 * A caller that shares no code with the gateway's signature room drives the mock: it signs with node:crypto and checks the
 * answers with the partner client's own profile.
 */
import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { partner } from "../../mocks/partner/client.ts";
import { checkAnswer, signAsPartner } from "../../mocks/partner/profile.ts";
import type { Header, Jwk, Jwks, Signed } from "../../mocks/partner/profile.ts";
import { errors } from "./errors.ts";
import definition from "./mock.ts";

interface Credentials {
  origin: string;
  jwk: Jwk;
  gatewayJwks: Jwks;
}

interface Sending {
  body?: unknown;
  partnerId?: string;
  resourceId?: string;
  key?: string;
  /** Header names that are sent, but not covered. */
  bare?: readonly string[];
  /** Sends the very same signed request again. */
  repeat?: true;
}

interface Answered {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

let mock: RunningMock;
let credentials: Credentials;

beforeAll(async () => {
  mock = await startMock(definition);
  credentials = mock.credentials as unknown as Credentials;
});
afterAll(() => mock.stop());

/** The partner client's signature with the platform's three fields covered beside its own. */
function signedRequest(method: string, url: string, headers: Header[], body: Buffer, cover: readonly string[]): Signed {
  const plain = signAsPartner({ method, url, headers, body, jwk: credentials.jwk });
  const valueOf = (name: string) => headers.find(([n]) => n.toLowerCase() === name)?.[1];
  const ids = cover.map((name) => ` "${name}"`).join("");
  const signatureInput = plain.signatureInput.replace(")", `${ids})`);
  const lines = cover.map((name) => `"${name}": ${valueOf(name)}`);
  const base = plain.base.replace(/"@signature-params": .*$/s, "") + lines.map((line) => `${line}\n`).join("");
  const whole = `${base}"@signature-params": ${signatureInput}`;
  const privateKey = createPrivateKey({ key: credentials.jwk, format: "jwk" });
  const signature = `:${sign(null, Buffer.from(whole), privateKey).toString("base64")}:`;
  const kept = plain.headers.filter(([name]) => !name.startsWith("Signature"));
  const added: Header[] = [
    ["Signature-Input", `sig=${signatureInput}`],
    ["Signature", `sig=${signature}`],
  ];
  return { ...plain, headers: [...kept, ...added], signatureInput, signature, base: whole };
}

/** Sends, and believes only an answer whose signature verifies and is bound to the request. */
async function call(method: "GET" | "POST", path: string, sending: Sending = {}): Promise<Answered> {
  const { partnerId = "partner-a", resourceId, key = randomBytes(16).toString("hex"), bare = [] } = sending;
  const body = sending.body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(sending.body));
  const headers: Header[] = [
    ["Partner-Id", partnerId],
    ...(resourceId === undefined ? [] : [["Resource-Id", resourceId] as const]),
    ...(method === "POST" ? [["Idempotency-Key", key] as const, ["Content-Type", "application/json"] as const] : []),
  ];
  const names = headers.map(([name]) => name.toLowerCase());
  const cover = ["partner-id", "resource-id"].filter((name) => names.includes(name) && !bare.includes(name));
  const sent = signedRequest(method, credentials.origin + path, headers, body, cover);
  const wire = { method, headers: sent.headers.map(([name, value]): [string, string] => [name, value]) };
  const send = () => fetch(sent.url, body.length > 0 ? { ...wire, body } : wire);
  if (sending.repeat) await (await send()).arrayBuffer();
  const answer = await send();
  const bytes = Buffer.from(await answer.arrayBuffer());
  checkAnswer({ status: answer.status, headers: [...answer.headers], body: bytes }, sent, credentials.gatewayJwks);
  return {
    status: answer.status,
    headers: answer.headers,
    body: JSON.parse(bytes.toString()) as Record<string, unknown>,
  };
}

let made = 0;
function newcomer(name = "张三", changes: object = {}) {
  made += 1;
  const reference = `CUSTOMER-${made}`;
  const nationalId = `11010519491231${String(made).padStart(4, "0")}`;
  return { name, nationalId, phone: "+8613800138000", reference, ...changes };
}

const newId = (): string => `cac_${randomBytes(12).toString("hex")}`;

async function open(body: object, sending: Sending = {}) {
  const resourceId = sending.resourceId ?? newId();
  return { id: resourceId, ...(await call("POST", "/v1/customer-accounts", { resourceId, body, ...sending })) };
}

const accountOf = (id: string): string => `/v1/customer-accounts/${id}`;

describe("the account centre", () => {
  it("opens, shows and closes an account under the id it was given", async () => {
    const customer = newcomer();
    const opened = await open(customer);
    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({ id: opened.id, status: "open", reference: customer.reference });
    expect(opened.headers.get("location")).toBe(accountOf(opened.id));
    expect((await call("GET", accountOf(opened.id))).body).toEqual(opened.body);
    const closed = await call("POST", `${accountOf(opened.id)}/close`, { body: { reason: "customer_request" } });
    expect(closed.body).toMatchObject({ status: "closed", closingReason: "customer_request" });
    const again = await call("POST", `${accountOf(opened.id)}/close`, { body: { reason: "customer_request" } });
    expect([again.status, again.body["code"]]).toEqual([409, "resource_state_conflict"]);
  });

  it("gives the first answer again for the same key and bytes, and refuses other bytes", async () => {
    const key = "a".repeat(32);
    const customer = newcomer();
    const first = await open(customer, { key });
    const replayed = await open(customer, { key, resourceId: first.id });
    expect(replayed.body).toEqual(first.body);
    expect(replayed.headers.get("idempotency-replayed")).toBe("?1");
    const other = await open(newcomer(), { key, resourceId: first.id });
    expect([other.status, other.body["code"]]).toEqual([422, "idempotency_key_reused"]);
    const otherPartner = await open(newcomer(), { key, partnerId: "partner-b" });
    expect(otherPartner.status).toBe(201);
  });

  it("keeps one account per person and partner, and partners apart", async () => {
    const customer = newcomer();
    const first = await open(customer);
    const second = await open({ ...customer, reference: "ANOTHER" });
    expect([second.status, second.body["code"]]).toEqual([409, "resource_state_conflict"]);
    const taken = await open(newcomer("李四", { reference: customer.reference }));
    expect([taken.status, taken.body["code"]]).toEqual([409, "duplicate_reference"]);
    expect((await open(customer, { partnerId: "partner-b" })).status).toBe(201);
    const peek = await call("GET", accountOf(first.id), { partnerId: "partner-b" });
    expect([peek.status, peek.body["code"]]).toEqual([404, "resource_not_found"]);
    await call("POST", `${accountOf(first.id)}/close`, { body: { reason: "inactivity" } });
    expect((await open({ ...customer, reference: "ANOTHER" })).status).toBe(201);
  });

  it("lists newest first, page by page", async () => {
    const ids: string[] = [];
    for (const name of ["甲", "乙", "丙"]) ids.unshift((await open(newcomer(name), { partnerId: "partner-c" })).id);
    const first = await call("GET", "/v1/customer-accounts?limit=2", { partnerId: "partner-c" });
    const cursor = String(first.body["nextCursor"]);
    const rest = await call("GET", `/v1/customer-accounts?limit=2&cursor=${cursor}`, { partnerId: "partner-c" });
    const shown = [first, rest].flatMap(({ body }) => (body["data"] as { id: string }[]).map(({ id }) => id));
    expect(shown).toEqual(ids);
    expect(rest.body).not.toHaveProperty("nextCursor");
    const lost = await call("GET", "/v1/customer-accounts?cursor=AAAA", { partnerId: "partner-c" });
    expect([lost.status, lost.body["code"]]).toEqual([400, "request_invalid"]);
  });

  it("plays its magic names", async () => {
    const refused = {
      Refused: [422, "vendor_rejected"],
      Unknown: [422, "customer_unknown"],
      Busy: [503, "vendor_unavailable"],
    };
    for (const [name, wanted] of Object.entries(refused)) {
      const answer = await open(newcomer(name));
      expect([answer.status, answer.body["code"]]).toEqual(wanted);
      expect(errors.some((row) => row.code === answer.body["code"])).toBe(true);
    }
    for (const [name, final] of [
      ["Pending", "open"],
      ["Declined", "rejected"],
    ] as const) {
      const waiting = await open(newcomer(name));
      expect([waiting.status, waiting.body["status"]]).toEqual([202, "pending"]);
      await expect.poll(async () => (await call("GET", accountOf(waiting.id))).body["status"]).toBe(final);
    }
    const rich = await open(newcomer("Balance"));
    const kept = await call("POST", `${accountOf(rich.id)}/close`, { body: { reason: "deceased" } });
    expect([kept.status, kept.body["code"]]).toEqual([409, "resource_state_conflict"]);
  });

  it("loses answers after the effect, and once before it", async () => {
    for (const [name, status] of [
      ["Reset", 200],
      ["Lost", 404],
    ] as const) {
      const resourceId = newId();
      await expect(open(newcomer(name), { resourceId })).rejects.toThrow();
      expect((await call("GET", accountOf(resourceId))).status).toBe(status);
    }
    const fickle = await open(newcomer("Fickle"));
    await expect(call("POST", `${accountOf(fickle.id)}/close`, { body: { reason: "fraud" } })).rejects.toThrow();
    expect((await call("GET", accountOf(fickle.id))).body["status"]).toBe("closed");
  });

  it("gives answers that must not be believed", async () => {
    const words = { Forged: /no published key/, Tampered: /digest/, Unsigned: /no signature-input/ };
    for (const [name, why] of Object.entries(words)) await expect(open(newcomer(name))).rejects.toThrow(why);
  });

  it("takes no request that does not vouch for partner and id, and none twice", async () => {
    for (const bare of ["partner-id", "resource-id"]) {
      const answer = await open(newcomer(), { bare: [bare] });
      expect([answer.status, answer.body["code"]]).toEqual([401, "signature_coverage"]);
    }
    const replay = await call("GET", "/v1/customer-accounts", { repeat: true });
    expect([replay.status, replay.body["code"]]).toEqual([401, "signature_replay"]);
  });

  it("speaks with the partner client, which cannot cover Partner-Id", async () => {
    const client = partner(credentials);
    const answer = await client.request("GET", "/v1/customer-accounts", { headers: { "Partner-Id": "partner-a" } });
    expect(answer).toMatchObject({ status: 401, verified: true, body: { code: "signature_coverage" } });
    const nowhere = await client.request("GET", "/v1/nothing");
    expect(nowhere).toMatchObject({ status: 404, body: { code: "not_found" } });
    client.close();
  });

  it("refuses a strange key", async () => {
    const stranger = partner({ ...credentials, jwk: { ...credentials.jwk, kid: "x".repeat(43) } });
    const answer = await stranger.request("GET", "/v1/customer-accounts", { headers: { "Partner-Id": "partner-a" } });
    expect(answer).toMatchObject({ status: 401, body: { code: "signature_invalid" } });
    stranger.close();
  });

  it("kept to its document on both sides", () => {
    expect(mock.violations).toEqual([]);
  });
});
