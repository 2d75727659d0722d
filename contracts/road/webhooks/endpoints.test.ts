/** Webhook endpoints over the API: what a partner registers, changes and takes away, and what nobody else sees of it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answered } from "../../../mocks/partner/client.ts";
import { newKey, openGateway, registered } from "../gateway.fixture.ts";
import type { Gateway } from "../gateway.fixture.ts";
import { openRoad } from "../setup.fixture.ts";
import type { Road } from "../setup.fixture.ts";

let road: Road;
beforeAll(async () => void (road = await openRoad({ adapters: ["tencent-faceid"] })));
afterAll(() => road.close());

type Body = Record<string, unknown>;
const bodyOf = (answered: Answered): Body => answered.body as Body;
const url = "http://127.0.0.1:9399/hooks";
const create = (body: Body = { url, types: ["*"] }, key = randomUUID()): Promise<Answered> =>
  road.a.request("POST", "/v1/webhook-endpoints", { body, idempotencyKey: key });
const act = (id: unknown, verb: string, body?: Body): Promise<Answered> =>
  road.a.request("POST", `/v1/webhook-endpoints/${String(id)}${verb}`, body === undefined ? {} : { body });
const get = (id: unknown): Promise<Answered> => road.a.request("GET", `/v1/webhook-endpoints/${String(id)}`);

describe("an endpoint", () => {
  it("is created, read, listed, changed, paused, resumed and removed", async () => {
    const made = await create({ url, types: ["instalment.paid"], description: "orders" });
    expect(made.status).toBe(201);
    const { id } = bodyOf(made);
    expect(made.headers["location"]).toBe(`/v1/webhook-endpoints/${String(id)}`);
    expect(bodyOf(made)).toMatchObject({
      status: "active",
      url,
      types: ["instalment.paid"],
      description: "orders",
      standardWebhooks: false,
    });
    expect((await get(id)).body).toEqual(made.body);
    expect(bodyOf(await road.a.request("GET", "/v1/webhook-endpoints"))["data"]).toContainEqual(made.body);

    const changed = await act(id, "", { url: `${url}/2`, types: ["*"] });
    expect([changed.status, bodyOf(changed)["url"], bodyOf(changed)["types"]]).toEqual([200, `${url}/2`, ["*"]]);
    expect(bodyOf(changed)["description"]).toBe("orders");
    expect(bodyOf(await act(id, "/pause"))["status"]).toBe("paused");
    expect(bodyOf(await act(id, "/pause"))["status"]).toBe("paused");
    expect(bodyOf(await act(id, "/resume"))["status"]).toBe("active");
    const removed = await act(id, "/remove");
    expect([removed.status, removed.body]).toEqual([200, { id, status: "removed" }]);
    for (const gone of [await get(id), await act(id, "/pause"), await act(id, "/remove")]) {
      expect([gone.status, bodyOf(gone)["code"]]).toEqual([404, "resource_not_found"]);
    }
  });

  it("is made once by a repeated request, and by fifty at once", async () => {
    const key = randomUUID();
    const body = { url, types: ["*"], standardWebhooks: true };
    const twins = await Promise.all(Array.from({ length: 50 }, () => create(body, key)));
    const made = twins.filter(({ status }) => status === 201);
    expect(new Set(twins.map(({ status }) => status)).isSubsetOf(new Set([201, 409]))).toBe(true);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    const again = await create(body, key);
    expect([again.status, again.headers["idempotency-replayed"], again.text]).toEqual([201, "?1", made[0]?.text]);
    const other = await create({ ...body, types: ["instalment.paid"] }, key);
    expect([other.status, bodyOf(other)["code"]]).toEqual([422, "idempotency_key_reused"]);
    const all = bodyOf(await road.a.request("GET", "/v1/webhook-endpoints"))["data"] as Body[];
    expect(all.filter(({ id }) => id === bodyOf(again)["id"]).length).toBe(1);
    await act(bodyOf(again)["id"], "/remove");
  });

  it("shows its secret where it was made, and never again", async () => {
    const made = bodyOf(await create({ url, types: ["*"], standardWebhooks: true }));
    expect(made["secret"]).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(bodyOf(await get(made["id"]))).toEqual({ ...made, secret: undefined });
    const rotated = bodyOf(await act(made["id"], "/rotate"));
    expect(rotated["secret"]).toMatch(/^whsec_/);
    expect(rotated["secret"]).not.toBe(made["secret"]);
    const { text } = await road.a.request("GET", "/v1/webhook-endpoints");
    expect(text).not.toContain("whsec_");
    expect(JSON.stringify(road.lines)).not.toContain("whsec_");
    expect(JSON.stringify(road.lines)).not.toContain(url);
    await act(made["id"], "/remove");
  });

  it("needs a key for every change", async () => {
    const refused = await road.a.request("POST", "/v1/webhook-endpoints", {
      body: { url, types: ["*"] },
      idempotencyKey: false,
    });
    expect([refused.status, bodyOf(refused)["code"]]).toEqual([400, "idempotency_key_missing"]);
  });

  it("one partner may have sixteen of, listed in pages", async () => {
    const before = bodyOf(await road.a.request("GET", "/v1/webhook-endpoints"))["data"] as Body[];
    const made: unknown[] = [];
    for (let n = before.length; n < 16; n += 1) made.push(bodyOf(await create())["id"]);
    const key = randomUUID();
    const refused = await create(undefined, key);
    expect([refused.status, bodyOf(refused)["code"]]).toEqual([409, "webhook_endpoint_limit"]);

    const seen: unknown[] = [];
    let path = "/v1/webhook-endpoints?limit=5";
    for (let pages = 0; pages < 10 && path !== ""; pages += 1) {
      const page = bodyOf(await road.a.request("GET", path));
      seen.push(...(page["data"] as Body[]).map(({ id }) => id));
      const next = page["nextCursor"];
      path = typeof next === "string" ? `/v1/webhook-endpoints?limit=5&cursor=${next}` : "";
    }
    expect(seen).toEqual([...before.map(({ id }) => id), ...made]);
    const strange = await road.a.request("GET", "/v1/webhook-endpoints?cursor=whe_00000000000000000000000000000000");
    expect([strange.status, bodyOf(strange)["errors"]]).toEqual([
      400,
      [expect.objectContaining({ parameter: "cursor" })],
    ]);

    // The refusal gave the key back: with room, the same request succeeds.
    for (const id of made) await act(id, "/remove");
    const later = await create(undefined, key);
    expect(later.status).toBe(201);
    await act(bodyOf(later)["id"], "/remove");
  });
});

describe("what is refused", () => {
  it.each([
    ["https://127.1/", "host_notation"],
    ["https://0x7f000001/", "host_notation"],
    ["https://[::ffff:127.0.0.1]/", "host_notation"],
    ["https://[::ffff:7f00:1]/", "address_mapped"],
    ["https://10.0.0.1/", "address_private"],
    ["https://169.254.169.254/latest/meta-data", "address_link_local"],
    ["http://partner.example.com/", "scheme"],
    ["https://user:pass@partner.example.com/", "credentials"],
    ["https://partner.example.com/#x", "fragment"],
    ["https://partner.example.com:22/", "port"],
    ["https://partner.internal/", "host_not_public"],
  ])("the URL %s: %s, at registration and at a change", async (bad, why) => {
    const refused = await create({ url: bad, types: ["*"] });
    expect([refused.status, bodyOf(refused)["code"]]).toEqual([422, "webhook_url_refused"]);
    expect(bodyOf(refused)["errors"]).toEqual([
      { pointer: "/url", detail: expect.stringMatching(/^The URL /) as string, code: why },
    ]);
    expect(refused.text).not.toContain(bad);
    const { id } = bodyOf(await create());
    const kept = await act(id, "", { url: bad });
    expect([kept.status, bodyOf(kept)["code"]]).toEqual([422, "webhook_url_refused"]);
    expect(bodyOf(await get(id))["url"]).toBe(url);
    await act(id, "/remove");
  });

  it.each<[string, Body]>([
    ["full-width digits, which no header or URL holds", { url: "https://１２７.０.０.１/", types: ["*"] }],
    ["no types", { url, types: [] }],
    ["a type that there is not", { url, types: ["instalment.bought"] }],
    ["the same type twice", { url, types: ["*", "*"] }],
    ["a field that there is not", { url, types: ["*"], secret: "mine" }],
    ["no URL", { types: ["*"] }],
  ])("a body with %s", async (_what, body) => {
    const refused = await create(body);
    expect([refused.status, bodyOf(refused)["code"]]).toEqual([400, "request_invalid"]);
  });

  it("a change of nothing", async () => {
    const { id } = bodyOf(await create());
    expect((await act(id, "", {})).status).toBe(400);
    await act(id, "/remove");
  });
});

describe("another partner", () => {
  it("sees none of it, by any operation", async () => {
    const { id } = bodyOf(await create());
    const path = `/v1/webhook-endpoints/${String(id)}`;
    const tries = [
      await road.b.request("GET", path),
      await road.b.request("POST", path, { body: { types: ["*"] } }),
      ...(await Promise.all(
        ["pause", "resume", "rotate", "remove"].map((verb) => road.b.request("POST", `${path}/${verb}`)),
      )),
    ];
    expect(tries.map(({ status }) => status)).toEqual(tries.map(() => 404));
    const missing = await road.b.request("GET", `/v1/webhook-endpoints/whe_${"0".repeat(32)}`);
    expect(Object.keys(bodyOf(tries[0] as Answered))).toEqual(Object.keys(bodyOf(missing)));
    expect(bodyOf(await road.b.request("GET", "/v1/webhook-endpoints"))["data"]).toEqual([]);
    const cursor = await road.b.request("GET", `/v1/webhook-endpoints?cursor=${String(id)}`);
    expect(cursor.status).toBe(400);
    expect(bodyOf(await get(id))["status"]).toBe("active");
    await act(id, "/remove");
  });
});

describe("the scope", () => {
  let gateway: Gateway;
  const key = newKey();
  beforeAll(async () => {
    gateway = await openGateway({
      partners: [registered("partner-c", [await key], { scopes: ["instalments"] })],
      adapters: {},
    });
  });
  afterAll(() => gateway.close());

  it("is webhooks, and is asked for", async () => {
    const c = gateway.as((await key).jwk);
    for (const refused of [
      await c.request("GET", "/v1/webhook-endpoints"),
      await c.request("POST", "/v1/webhook-endpoints", { body: { url, types: ["*"] } }),
      await c.request("GET", "/v1/events"),
    ]) {
      expect([refused.status, bodyOf(refused)["code"]]).toEqual([403, "insufficient_scope"]);
    }
    expect((await c.request("GET", "/v1/capabilities")).status).toBe(200);
  });
});
