import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answered } from "../../mocks/partner/client.ts";
import { listed } from "./answer.fixture.ts";
import { check, customer } from "./people.fixture.ts";
import { exchangesOf, openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";

let road: Road;

beforeAll(async () => {
  road = await openRoad({ adapters: ["tencent-faceid", "account-centre", "alipay-huabei"] });
});

afterAll(() => road.close());

const checks = "/v1/identity-checks";
const accounts = "/v1/customer-accounts";
const checked = (): number => exchangesOf(road.mock("tencent-faceid"), "IdCardVerification").length;
const accountsOpened = (): number => exchangesOf(road.mock("account-centre"), "customerAccounts.open").length;
const idOf = ({ body }: Answered): string => (body as { id: string }).id;

describe("the key", () => {
  it("must be there", async () => {
    const answer = await road.a.request("POST", checks, { body: check(), idempotencyKey: false });
    expect(answer).toMatchObject({ status: 400, body: { code: "idempotency_key_missing" } });
  });

  it.each(['""', '"a b"', '"a,b"', '"a', 'a"b', `"${"x".repeat(65)}"`, "x".repeat(65), '"a\\\\b"'])(
    "%s is malformed",
    async (key) => {
      const before = checked();
      const answer = await road.a.request("POST", checks, { body: check(), headers: { "Idempotency-Key": key } });
      expect(answer).toMatchObject({ status: 400, body: { code: "idempotency_key_malformed" } });
      expect(checked()).toBe(before);
    },
  );

  it("is the same quoted and bare", async () => {
    const key = "x".repeat(64);
    const body = check();
    const bare = await road.a.request("POST", checks, { body, headers: { "Idempotency-Key": key } });
    const quoted = await road.a.request("POST", checks, { body, idempotencyKey: key });
    expect(bare.status).toBe(201);
    expect(quoted.text).toBe(bare.text);
    expect(quoted.headers["idempotency-replayed"]).toBe("?1");
  });
});

describe("a repetition", () => {
  it("gets the first answer's bytes, signed anew and marked, and reaches no vendor", async () => {
    const [body, idempotencyKey] = [check(), randomUUID()];
    const first = await road.a.request("POST", checks, { body, idempotencyKey });
    expect(first.status).toBe(201);
    expect(first.headers).not.toHaveProperty("idempotency-replayed");
    const before = checked();
    const again = await road.a.request("POST", checks, { body, idempotencyKey });
    expect(again).toMatchObject({ status: 201, text: first.text, verified: true });
    expect(again.headers["location"]).toBe(first.headers["location"]);
    expect(again.headers["location"]).toBe(`${checks}/${idOf(first)}`);
    expect(again.headers["idempotency-replayed"]).toBe("?1");
    const covered = listed(again.headers["signature-input"]);
    expect(covered).toEqual(expect.arrayContaining(['"idempotency-replayed"', '"signature";req;key="sig"']));
    expect(again.headers["signature"]).not.toBe(first.headers["signature"]);
    expect(checked()).toBe(before);
  });

  it("with another body or for another operation is refused", async () => {
    const idempotencyKey = randomUUID();
    const body = check();
    expect((await road.a.request("POST", checks, { body, idempotencyKey })).status).toBe(201);
    const before = road.mock("tencent-faceid").exchanges.length;
    const { type: _type, ...rest } = body;
    const others = [
      await road.a.request("POST", checks, { body: check(), idempotencyKey }),
      await road.a.request("POST", checks, { body: `${JSON.stringify(body)} `, idempotencyKey }),
      await road.a.request("POST", "/v1/face-verifications", {
        body: { ...rest, returnUrl: "https://partner.example/", level: "standard" },
        idempotencyKey,
      }),
    ];
    for (const other of others) expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect(road.mock("tencent-faceid").exchanges.length).toBe(before);
  });

  it("while the first is under way is told when to come back", async () => {
    const [body, idempotencyKey] = [check({ name: "张慢速" }), randomUUID()];
    const before = checked();
    const first = road.a.request("POST", checks, { body, idempotencyKey });
    await sleep(200);
    const twin = await road.a.request("POST", checks, { body, idempotencyKey });
    expect(twin).toMatchObject({ status: 409, body: { code: "idempotency_in_flight", retry: "after" } });
    expect(Number(twin.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(await first).toMatchObject({ status: 201 });
    const late = await road.a.request("POST", checks, { body, idempotencyKey });
    expect(late.text).toBe((await first).text);
    expect(checked()).toBe(before + 1);
  });

  it("fifty at once have one effect", async () => {
    const [body, idempotencyKey] = [customer(), randomUUID()];
    const before = accountsOpened();
    const all = await Promise.all(
      Array.from({ length: 50 }, () => road.a.request("POST", accounts, { body, idempotencyKey })),
    );
    const made = all.filter(({ status }) => status === 201);
    expect(made.filter(({ headers }) => headers["idempotency-replayed"] === undefined)).toHaveLength(1);
    expect(new Set(made.map(idOf)).size).toBe(1);
    const others = all.filter(({ status }) => status !== 201);
    for (const other of others) expect(other).toMatchObject({ status: 409, body: { code: "idempotency_in_flight" } });
    expect(accountsOpened()).toBe(before + 1);
  });

  it("by another partner is another effect", async () => {
    const [body, idempotencyKey] = [customer(), randomUUID()];
    const before = accountsOpened();
    const ofA = await road.a.request("POST", accounts, { body, idempotencyKey });
    const ofB = await road.b.request("POST", accounts, { body, idempotencyKey });
    expect([ofA.status, ofB.status]).toEqual([201, 201]);
    expect(idOf(ofB)).not.toBe(idOf(ofA));
    expect(ofB.headers).not.toHaveProperty("idempotency-replayed");
    expect(accountsOpened()).toBe(before + 2);
  });

  it("of an act has no second effect either", async () => {
    const account = idOf(await road.a.request("POST", accounts, { body: customer() }));
    const closing = { body: { reason: "customer_request" }, idempotencyKey: randomUUID() };
    const closed = await road.a.request("POST", `${accounts}/${account}/close`, closing);
    expect(closed).toMatchObject({ status: 200, body: { id: account, status: "closed" } });
    const again = await road.a.request("POST", `${accounts}/${account}/close`, closing);
    expect(again).toMatchObject({ status: 200, text: closed.text });
    expect(again.headers["idempotency-replayed"]).toBe("?1");
    expect(exchangesOf(road.mock("account-centre"), "customerAccounts.close")).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it("that is definite is kept and replayed", async () => {
    const [body, idempotencyKey] = [customer("Refused"), randomUUID()];
    const before = accountsOpened();
    const refused = await road.a.request("POST", accounts, { body, idempotencyKey });
    expect(refused).toMatchObject({ status: 422, body: { code: "vendor_rejected", origin: "vendor" } });
    const again = await road.a.request("POST", accounts, { body, idempotencyKey });
    expect(again).toMatchObject({ status: 422, text: refused.text });
    expect(again.headers["idempotency-replayed"]).toBe("?1");
    expect(again.headers["content-type"]).toBe("application/problem+json");
    expect(accountsOpened()).toBe(before + 1);
  });

  it("by a precondition gives the key back", async () => {
    const idempotencyKey = randomUUID();
    const body = {
      amount: { amount: "1000.00", currency: "CNY" },
      periods: 3,
      feeBearer: "customer",
      subject: "手机一部",
      payer: { type: "account", accountId: "2088000000000001" },
      reference: randomUUID(),
    };
    const instalment = await road.a.request("POST", "/v1/instalments", { body });
    expect(instalment).toMatchObject({ status: 201, body: { status: "awaiting_payment" } });
    const refund = { instalmentId: idOf(instalment), amount: body.amount, reason: "商品退货", reference: randomUUID() };
    const refused = await road.a.request("POST", "/v1/refunds", { body: refund, idempotencyKey });
    expect(refused).toMatchObject({ status: 409, body: { code: "resource_state_conflict" } });
    expect(exchangesOf(road.mock("alipay-huabei"), "alipay.trade.refund")).toEqual([]);
    const other = await road.a.request("POST", checks, { body: check(), idempotencyKey });
    expect(other.status).toBe(201);
    expect(other.headers).not.toHaveProperty("idempotency-replayed");
  });

  it("because nothing could be sent gives the key back", async () => {
    const idempotencyKey = randomUUID();
    const body = customer();
    await road.mock("account-centre").kill();
    const refused = await road.a.request("POST", accounts, { body, idempotencyKey });
    await road.mock("account-centre").revive();
    expect(refused).toMatchObject({
      status: 503,
      body: { code: "vendor_unavailable", origin: "vendor", retry: "after" },
    });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    const again = await road.a.request("POST", accounts, { body, idempotencyKey });
    expect(again.status).toBe(201);
    expect(again.headers).not.toHaveProperty("idempotency-replayed");
  });

  it("by the contract or the scopes leaves the key alone", async () => {
    const idempotencyKey = randomUUID();
    const refused = await road.a.request("POST", checks, { body: { ...check(), more: 1 }, idempotencyKey });
    expect(refused).toMatchObject({ status: 400, body: { code: "request_invalid" } });
    expect(await road.a.request("POST", checks, { body: check(), idempotencyKey })).toMatchObject({ status: 201 });
  });
});
