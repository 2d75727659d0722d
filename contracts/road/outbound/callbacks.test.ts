/** A payment provider's notifications: what it signed moves an order once; whatever else comes moves nothing. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway } from "../../../adapters/alipay-huabei/mock/gateway.ts";
import type { AppKeys } from "../../../adapters/alipay-huabei/mock/keys.ts";
import { exchangesOf, openRoad, until } from "../setup.fixture.ts";
import type { Road } from "../setup.fixture.ts";
import { requestBytes, raw } from "../socket.fixture.ts";
import { atOnce, callBack, historyOf, keptBy } from "./callbacks.fixture.ts";
import { instalment } from "./vendors.fixture.ts";

const provider = "alipay-huabei";
/** Buyers of the simulated provider: one who never acts, and one who pays before the order is answered. */
const idle = "2088000000000001";
const early = "2088000000000011";
const made = ["unknown created", "awaiting_payment answer"];
const paid = [...made, "paid callback"];

let road: Road;
let app: AppKeys;

beforeAll(async () => {
  road = await openRoad({ adapters: [provider, "tencent-faceid", "account-centre"] });
  app = keptBy<AppKeys>(road, provider, "app");
});
afterAll(() => road.close());

interface Order {
  id: string;
  number: string;
}

/** An order of 1000.00 that waits for the buyer. */
async function order(buyer = idle): Promise<Order> {
  const created = await road.a.request("POST", "/v1/instalments", { body: instalment(buyer) });
  expect(created.status).toBe(201);
  const form = new URLSearchParams(
    exchangesOf(road.mock(provider), "alipay.trade.create").at(-1)?.request.body.toString(),
  );
  const { out_trade_no } = JSON.parse(form.get("biz_content") ?? "") as { out_trade_no: string };
  return { id: (created.body as { id: string }).id, number: out_trade_no };
}

type Fields = Record<string, string>;

const wordsOf = ({ number }: Order, more: Fields = {}): Fields => ({
  app_id: app.appId,
  seller_id: app.sellerId,
  notify_id: "0".repeat(34),
  notify_type: "trade_status_sync",
  notify_time: "2026-11-22 20:00:00",
  charset: "utf-8",
  out_trade_no: number,
  trade_no: `20261122${number.slice(0, 20)}`,
  trade_status: "TRADE_SUCCESS",
  total_amount: "1000.00",
  gmt_payment: "2026-11-22 20:00:00",
  subject: "A phone",
  ...more,
});

/** The signed form; `keys` may be somebody else's. */
function signed(fields: Fields, keys = app): URLSearchParams {
  const sign = createGateway(keys, () => new Date()).signNotification(Object.entries(fields));
  return new URLSearchParams({ ...fields, sign_type: "RSA2", sign });
}

const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const notify = async (body: string): Promise<string> => (await callBack(road, provider, { headers: form, body })).text;

describe("a genuine notification", () => {
  it("moves the order once, without asking the provider again", async () => {
    const one = await order();
    const before = road.mock(provider).exchanges.length;
    expect(await notify(signed(wordsOf(one)).toString())).toBe("success");
    const read = await road.a.request("GET", `/v1/instalments/${one.id}`);
    expect(read.body).toMatchObject({ status: "paid", paidAt: "2026-11-22T12:00:00.000Z" });
    expect(road.mock(provider).exchanges.length).toBe(before);
    expect(historyOf(road, one.id)).toEqual(paid);
  });

  it("that comes twenty times at once moves it once; all are thanked for", async () => {
    const one = await order();
    const body = signed(wordsOf(one)).toString();
    expect(new Set(await atOnce(20, () => notify(body)))).toEqual(new Set(["success"]));
    expect(await notify(body)).toBe("success");
    expect(historyOf(road, one.id)).toEqual(paid);
  });

  it("that is older than what is known moves nothing back", async () => {
    const one = await order();
    expect(await notify(signed(wordsOf(one)).toString())).toBe("success");
    const { gmt_payment: _paidAt, ...unpaid } = wordsOf(one);
    for (const trade_status of ["WAIT_BUYER_PAY", "TRADE_CLOSED"]) {
      expect(await notify(signed({ ...unpaid, trade_status }).toString())).toBe("success");
    }
    expect(historyOf(road, one.id)).toEqual(paid);
  });

  it("that comes before the answer to our own order is not undone by it", async () => {
    const one = await order(early);
    await until("the provider's word is taken", () => historyOf(road, one.id).includes("paid callback"));
    expect(historyOf(road, one.id)).toEqual(["unknown created", "paid callback"]);
    const read = await road.a.request("GET", `/v1/instalments/${one.id}`);
    expect(read.body).toMatchObject({ status: "paid" });
  });
});

describe("a notification that is not to be believed", () => {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  const without = (name: string) => (one: Order) => {
    const words = signed(wordsOf(one));
    words.delete(name);
    return words.toString();
  };
  const foreign = (more: Fields) => (one: Order) => signed(wordsOf(one, more)).toString();

  it.each<[string, (one: Order) => string]>([
    ["with a byte of the amount changed", (one) => signed(wordsOf(one)).toString().replace("1000.00", "1001.00")],
    [
      "with a byte of the signature changed",
      (one) =>
        signed(wordsOf(one))
          .toString()
          .replace(/sign=(.)/, "sign=%2B$1"),
    ],
    [
      "signed with another key",
      (one) => {
        const keys = { ...app, alipayPrivateKey: pair.privateKey.toString("base64") };
        return signed(wordsOf(one), keys).toString();
      },
    ],
    ["without a signature", without("sign")],
    ["of another signature's kind", (one) => signed(wordsOf(one)).toString().replace("RSA2", "RSA")],
    ["with a field said twice", (one) => `${signed(wordsOf(one)).toString()}&total_amount=1000.00`],
    ["for another application", foreign({ app_id: "2021000000000099" })],
    ["for another seller", foreign({ seller_id: "2088000000000099" })],
    ["about an order of nobody's", (one) => signed(wordsOf({ ...one, number: "f".repeat(32) })).toString()],
    ["of another amount than was asked", foreign({ total_amount: "0.01" })],
    ["with a status that nobody knows", foreign({ trade_status: "TRADE_DANCING" })],
  ])("%s moves nothing and is answered fail", async (_what, forge) => {
    const one = await order();
    expect(await notify(forge(one))).toBe("fail");
    expect(historyOf(road, one.id)).toEqual(made);
    expect(await notify(signed(wordsOf(one)).toString())).toBe("success");
    expect(historyOf(road, one.id)).toEqual(paid);
  });

  it("is none at all when it is no form, or comes by GET", async () => {
    const one = await order();
    const body = signed(wordsOf(one)).toString();
    const text = await callBack(road, provider, { headers: { "content-type": "text/plain" }, body });
    const got = await callBack(road, `${provider}?${body}`, { method: "GET" });
    expect([text.text, got.text]).toEqual(["fail", "fail"]);
    expect(historyOf(road, one.id)).toEqual(made);
  });

  it("with a header said twice is not read at all", async () => {
    const one = await order();
    const body = Buffer.from(signed(wordsOf(one)).toString());
    const type = Object.entries(form);
    const headers: [string, string][] = [["Host", new URL(road.origin).host], ...type, ...type];
    const bytes = requestBytes("POST", `/callbacks/${provider}`, headers, body);
    const { answers } = await raw(road.origin, bytes, { answers: 1 });
    expect(answers[0]?.status).toBe(400);
    expect(JSON.parse(String(answers[0]?.body))).toMatchObject({ code: "duplicate_header" });
    expect(historyOf(road, one.id)).toEqual(made);
  });
});

describe("nobody is called back at", () => {
  it.each(["tencent-faceid", "account-centre", "nobody", "Alipay-Huabei"])("%s", async (target) => {
    const answer = await callBack(road, target, { headers: form, body: "a=b" });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text)).toMatchObject({ code: "not_found" });
  });
});
