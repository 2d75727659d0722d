import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Call, ResourceView, VendorAnswer, VendorClient } from "#capability";
import { callbackToken } from "./callback-token.ts";
import { configSchema, type Config } from "./config.ts";
import { faceVerifications } from "./face-verifications.ts";
import { customer, exchangesOf, openRoad, person, post, until } from "./road.fixture.ts";
import type { Road } from "./road.fixture.ts";
import type { operations } from "./vendor.d.ts";

const returnUrl = "https://partner.example/face?application=42";

let road: Road;
let config: Config;
beforeAll(async () => {
  road = await openRoad();
  config = configSchema.parse(road.mock.config);
});
afterAll(async () => {
  expect(road.mock.violations).toEqual([]);
  await road.close();
});

interface Opened {
  path: string;
  url: string;
  /** As the vendor got them. */
  sent: URLSearchParams;
  body: Record<string, unknown>;
}

async function open(more: object = {}): Promise<Opened> {
  const answer = await post(road, "/v1/face-verifications", { ...person, returnUrl, level: "standard", ...more });
  expect(answer.status, answer.text).toBe(201);
  const body = answer.body as Record<string, unknown>;
  const sent = exchangesOf(road.mock, "InitFaceVerify").at(-1)?.request.query ?? new URLSearchParams();
  return { path: answer.headers["location"] ?? "", url: String(body["url"]), sent, body };
}

const read = async ({ path }: Opened) => (await road.partner.request("GET", path)).body;
const idOf = ({ url }: Opened) => new URL(url).searchParams.get("certifyId") ?? "";
/** How often the vendor was asked about this session. */
const asked = (opened: Opened) =>
  exchangesOf(road.mock, "DescribeFaceVerify").filter(({ request }) => request.query.get("CertifyId") === idOf(opened))
    .length;

describe("a face verification", () => {
  it("waits for the customer; the vendor's callback alone makes it verified", async () => {
    const opened = await open({ reference: "FACE-1" });
    expect(opened.body).toMatchObject({ status: "pending", reference: "FACE-1" });
    expect(await read(opened)).toMatchObject({ status: "pending", url: opened.url });
    const before = asked(opened);
    expect(await customer(opened.url, "pass")).toEqual({ status: 302, location: returnUrl });
    await until("the callback was taken", () => road.logged().includes('"result":"accepted"'));
    expect(asked(opened)).toBe(before + 1);
    const verified = await read(opened);
    expect(verified).toMatchObject({ status: "verified", similarity: "96.57", reference: "FACE-1" });
    expect(verified).not.toHaveProperty("url");
    expect(asked(opened)).toBe(before + 1);
  });

  it.each<[string, object, string | undefined, string]>([
    ["another face", {}, "204", "face_mismatch"],
    ["a photo held up", {}, "205", "liveness_failed"],
    ["the vendor's policy", {}, "206", "vendor_rejected"],
    ["a source that fails", { name: "李库障" }, undefined, "vendor_fault"],
    ["a person whom nobody knows", { name: "李无录" }, undefined, "not_in_database"],
    ["a name that belongs to another number", { name: "李不符" }, undefined, "identity_mismatch"],
  ])("fails for %s", async (_name, changed, code, expected) => {
    const opened = await open(changed);
    await customer(opened.url, code === undefined ? "pass" : "fail", code);
    expect(await read(opened)).toMatchObject({ status: "failed", failure: { code: expected } });
  });

  it("fails when the vendor's risk control ends it, and passes when its policy says so", async () => {
    const stopped = await open();
    await customer(stopped.url, "block");
    expect(await read(stopped)).toMatchObject({ status: "failed", failure: { vendor: { code: "427" } } });
    const passed = await open();
    await customer(passed.url, "fail", "210");
    expect(await read(passed)).toMatchObject({ status: "verified" });
  });

  it("opens with our reference, the level's liveness and a token of its own", async () => {
    const opened = await open({ level: "enhanced" });
    const { request } = exchangesOf(road.mock, "InitFaceVerify").at(-1) ?? {};
    expect(String(request?.body)).toBe("Model=PHOTINUS_LIVENESS");
    const { sent } = opened;
    expect(sent.get("OuterOrderNo")).toMatch(/^[0-9a-f]{32}$/);
    expect(sent.get("CallbackToken")).toBe(callbackToken(sent.get("OuterOrderNo") ?? "", config.callbackSecret));
    expect(sent.get("CallbackUrl")).toBe(`${road.origin}/callbacks/aliyun-cloudauth`);
  });

  it.each<[string, object, object]>([
    ["a child", { nationalId: childsNumber() }, { code: "vendor_rejected", vendor: "405" }],
    ["a person who cannot be compared", { name: "李禁刷" }, { code: "vendor_rejected", vendor: "417" }],
    ["too many failures today", { name: "李多次" }, { code: "quota_exhausted", vendor: "418" }],
  ])("is refused for %s", async (_name, changed, expected) => {
    const answer = await post(road, "/v1/face-verifications", { ...person, returnUrl, ...changed });
    const { code, vendor } = answer.body as { code: string; vendor?: { code: string } };
    expect({ code, vendor: vendor?.code }, answer.text).toEqual(expected);
  });
});

/** A number with its check digit of somebody born this year. */
function childsNumber(): string {
  const digits = `110105${new Date().getUTCFullYear()}0101001`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  return digits + "10X98765432"[sum % 11];
}

describe("a callback", () => {
  const call = async (query: Record<string, string> | [string, string][], method = "GET") => {
    const search = new URLSearchParams(query).toString();
    const answer = await fetch(`${road.origin}/callbacks/aliyun-cloudauth?${search}`, { method });
    return answer.status;
  };
  const genuine = (opened: Opened) => ({
    callbackToken: opened.sent.get("CallbackToken") ?? "",
    certifyId: idOf(opened),
    passed: "200",
  });

  it("is a hint only: what it says of the verdict is not believed", async () => {
    const opened = await open();
    const before = asked(opened);
    expect(await call(genuine(opened))).toBe(200);
    expect(asked(opened)).toBe(before + 1);
    expect(await read(opened)).toMatchObject({ status: "pending" });
    await customer(opened.url, "fail");
    expect(await call(genuine(opened))).toBe(401);
    expect(await call({ ...genuine(opened), passed: "204" })).toBe(200);
    expect(await read(opened)).toMatchObject({ status: "failed", failure: { code: "face_mismatch" } });
  });

  it.each<[string, (said: ReturnType<typeof genuine>) => Record<string, string> | [string, string][], number?]>([
    ["without a token", ({ certifyId, passed }) => ({ certifyId, passed })],
    ["with an empty token", (said) => ({ ...said, callbackToken: "" })],
    ["with the reference alone", (said) => ({ ...said, callbackToken: said.callbackToken.slice(0, 32) })],
    ["with a byte of the token changed", (said) => ({ ...said, callbackToken: swapped(said.callbackToken) })],
    ["with a token of another key", (said) => ({ ...said, callbackToken: foreign(said.callbackToken) })],
    ["with the token twice", (said) => [...Object.entries(said), ["callbackToken", said.callbackToken]]],
    ["without a verdict", ({ callbackToken: token, certifyId }) => ({ callbackToken: token, certifyId })],
    ["with a certifyId that is none", (said) => ({ ...said, certifyId: "../1" })],
    ["about another session than the token's", (said) => ({ ...said, certifyId: "0".repeat(32) })],
    ["about a session of nobody's", (said) => ({ ...said, callbackToken: ownToken("f".repeat(32)) }), 404],
  ])("%s is refused, and nobody is asked", async (_name, forge, status = 401) => {
    const opened = await open();
    await fetchPage(opened);
    const before = asked(opened);
    expect(await call(forge(genuine(opened)))).toBe(status);
    expect(asked(opened)).toBe(before);
  });

  it("that is no GET is refused", async () => {
    expect(await call(genuine(await open()), "POST")).toBe(401);
  });

  it("is asked for again while the vendor cannot be asked", async () => {
    const opened = await open();
    const said = genuine(opened);
    await road.mock.kill();
    expect(await call(said)).toBe(503);
    await road.mock.revive();
    await customer(opened.url, "pass");
    expect(await call(said)).toBe(200);
    expect(await read(opened)).toMatchObject({ status: "verified" });
  });

  const ownToken = (reference: string) => callbackToken(reference, config.callbackSecret);
  const foreign = (token: string) => callbackToken(token.slice(0, 32), "k".repeat(32));
  const swapped = (token: string) => token.slice(0, 40) + (token[40] === "A" ? "B" : "A") + token.slice(41);
  const fetchPage = async ({ url }: Opened) => expect((await fetch(url)).status).toBe(200);
});

describe("a session that nobody finishes", () => {
  const { get } = faceVerifications;
  const createdAt = new Date("2026-11-22T12:00:00Z");
  const state = { certifyId: "c", sceneId: 1, url: "https://t.aliyun.com/c", expiresAt: "2026-11-22T12:30:00.000Z" };
  const describeWith = (Code: string): VendorClient<operations> => ({
    call: () =>
      Promise.resolve({ status: 200, headers: {}, body: { RequestId: "r", Code, Message: "" } } as VendorAnswer<never>),
    credential: () => Promise.reject(new TypeError("no credentials")),
    keep: () => Promise.reject(new TypeError("keeps nothing")),
  });
  const at = (now: string, code: string, known: unknown) => {
    if (get === "stored") throw new Error("get asks the vendor");
    const resource: ResourceView = {
      id: "fcv_01JD9ZK3V7W8X9Y0Z1A2B3",
      reference: "f".repeat(32),
      status: "pending",
      body: {},
      state: known,
      createdAt,
      request: person,
    };
    const call = { id: resource.id, resource, config, now: new Date(now) };
    return get(call as unknown as Call<"faceVerifications.get", Config>, describeWith(code));
  };

  it("stays open as long as the vendor may still be comparing, then runs out", async () => {
    expect(await at("2026-11-22T12:29:00Z", "424", state)).toMatchObject({
      body: { status: "pending", url: state.url },
    });
    expect(await at("2026-11-22T12:49:59Z", "403", state)).toMatchObject({ body: { status: "pending" } });
    expect(await at("2026-11-22T12:50:01Z", "424", state)).toMatchObject({
      body: { status: "expired", failure: { code: "session_expired" } },
    });
  });

  it("is over if nobody ever learned its id", async () => {
    expect(await at("2026-11-22T12:00:01Z", "424", undefined)).toMatchObject({ body: { status: "expired" } });
  });
});
