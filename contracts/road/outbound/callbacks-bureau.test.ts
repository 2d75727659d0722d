/** A credit bureau's webhooks: a JWT over the bytes, of a key that the bureau vouches for and that is fresh. */
import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import type { webcrypto } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readyAfterMs } from "../../../adapters/plaid-check/mock/scenarios.ts";
import { exchangesOf, openRoad, until } from "../setup.fixture.ts";
import type { Road } from "../setup.fixture.ts";
import { atOnce, callBack, historyOf, rowsOf } from "./callbacks.fixture.ts";
import { creditReport } from "./vendors.fixture.ts";

const bureau = "plaid-check";
const made = ["unknown created", "processing answer"];
const ready = [...made, "ready callback"];

let road: Road;
let key: { kid: string; jwk: JsonWebKey };

beforeAll(async () => {
  road = await openRoad({ adapters: [bureau] });
  // The bureau makes its key when it calls back for the first time.
  const first = await road.a.request("POST", "/v1/credit-reports", { body: creditReport("Doe") });
  const { id } = first.body as { id: string };
  await until("the bureau called back", () => historyOf(road, id).at(-1) === "ready callback");
  expect(historyOf(road, id)).toEqual(ready);
  const [row] = rowsOf<typeof key>(road, bureau, "webhook-keys");
  if (row === undefined) throw new Error("the bureau has no key");
  key = row;
});
afterAll(() => road.close());

type JsonWebKey = webcrypto.JsonWebKey;

interface Report {
  id: string;
  user: string;
}

/** A report of which the bureau never says anything; `isReady` waits until it is. */
async function silentReport(isReady = true): Promise<Report> {
  const created = await road.a.request("POST", "/v1/credit-reports", { body: creditReport("Silent") });
  expect(created.status).toBe(202);
  const order = exchangesOf(road.mock(bureau), "craCheckReportCreate").at(-1)?.request.body.toString() ?? "";
  const { user_id: user } = JSON.parse(order) as { user_id: string };
  if (isReady) await sleep(readyAfterMs + 50);
  return { id: (created.body as { id: string }).id, user };
}

interface Signing {
  header?: Record<string, unknown>;
  iat?: number;
  jwk?: JsonWebKey;
  over?: string;
  exact?: string;
}

const say = ({ user }: Pick<Report, "user">, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    webhook_type: "CHECK_REPORT",
    webhook_code: "USER_CHECK_REPORT_READY",
    user_id: user,
    environment: "sandbox",
    ...more,
  });

function token(body: string, { header, iat, jwk = key.jwk, over = body, exact }: Signing): string {
  if (exact !== undefined) return exact;
  const claims = {
    iat: iat ?? Math.floor(Date.now() / 1_000),
    request_body_sha256: createHash("sha256").update(over).digest("hex"),
  };
  const parts = [{ alg: "ES256", kid: key.kid, typ: "JWT", ...header }, claims];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

async function post(body: string, signing: Signing = {}): Promise<number> {
  const verification = token(body, signing);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (verification !== "") headers["plaid-verification"] = verification;
  return (await callBack(road, bureau, { headers, body })).status;
}

describe("a genuine webhook", () => {
  it("that comes twenty times at once, and once more, moves the report once", async () => {
    const one = await silentReport();
    expect(new Set(await atOnce(20, () => post(say(one))))).toEqual(new Set([200]));
    expect(await post(say(one))).toBe(200);
    expect(historyOf(road, one.id)).toEqual(ready);
  });

  it("that says the contrary later moves nothing back", async () => {
    const one = await silentReport();
    expect(await post(say(one))).toBe(200);
    const failed = { webhook_code: "USER_CHECK_REPORT_FAILED", error: { error_code: "DATA_UNAVAILABLE" } };
    expect(await post(say(one, failed))).toBe(200);
    expect(historyOf(road, one.id)).toEqual(ready);
  });

  it("about something else is thanked for and changes nothing", async () => {
    const one = await silentReport();
    expect(await post(say(one, { webhook_type: "ITEM" }))).toBe(200);
    expect(historyOf(road, one.id)).toEqual(made);
  });

  it("about nobody we know is not found", async () => {
    expect(await post(say({ user: "usr_nobody" }))).toBe(404);
  });
});

describe("a webhook that is not to be believed", () => {
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
  const none = (): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none", kid: key.kid })}.${part({ iat: nowSeconds(), request_body_sha256: "0" })}.`;
  };

  it.each<[string, () => Signing, Record<string, unknown>?]>([
    ["whose bytes were changed", () => ({ over: say({ user: "another" }) })],
    ["signed with another key under the bureau's id", () => ({ jwk: stranger })],
    ["of a key that the bureau does not know", () => ({ header: { kid: randomUUID() } })],
    ["of another algorithm", () => ({ header: { alg: "HS256" } })],
    ["that is not signed", () => ({ exact: none() })],
    ["without a JWT", () => ({ exact: "" })],
    ["with a JWT that is none", () => ({ exact: "a.b.c" })],
    ["that is six minutes old", () => ({ iat: nowSeconds() - 360 })],
    ["from the future", () => ({ iat: nowSeconds() + 360 })],
    ["of another environment", () => ({}), { environment: "production" }],
  ])("%s moves nothing and is refused", async (_what, signing, words = {}) => {
    const one = await silentReport(false);
    expect(await post(say(one, words), signing())).toBe(401);
    expect(historyOf(road, one.id)).toEqual(made);
  });
});

describe("a webhook that cannot be judged now", () => {
  it("is asked for again: the bureau that vouches for its key is away", async () => {
    const one = await silentReport();
    await road.mock(bureau).kill();
    expect(await post(say(one), { header: { kid: randomUUID() } })).toBe(503);
    expect(historyOf(road, one.id)).toEqual(made);
    await road.mock(bureau).revive();
    expect(await post(say(one))).toBe(200);
    expect(historyOf(road, one.id)).toEqual(ready);
  });
});
