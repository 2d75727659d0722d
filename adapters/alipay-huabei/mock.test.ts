import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VendorClient } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { callbacks } from "./callbacks.ts";
import { faultOf, referenceOf } from "./calls.fixture.ts";
import { clientOf } from "./client.fixture.ts";
import { configSchema } from "./config.ts";
import type { Config } from "./config.ts";
import definition from "./mock.ts";
import { buyerDelayMs, magic } from "./mock/buyers.ts";
import { startSeller } from "./seller.fixture.ts";
import type { Arrived, Seller } from "./seller.fixture.ts";
import type { operations } from "./vendor.d.ts";

let mock: RunningMock;
let seller: Seller;
let config: Config;
let vendor: VendorClient<operations>;

beforeAll(async () => {
  [mock, seller] = await Promise.all([startMock(definition), startSeller()]);
  config = configSchema.parse(mock.config);
  vendor = clientOf(config);
});
afterAll(async () => {
  await Promise.all([mock.stop(), seller.stop()]);
});

type Terms = { hb_fq_num: "3" | "6" | "12"; hb_fq_seller_percent: "0" | "100" };

async function create(digits: string, client = vendor, terms: Terms = { hb_fq_num: "3", hb_fq_seller_percent: "0" }) {
  const reference = referenceOf();
  const content = { out_trade_no: reference, total_amount: "100.00", subject: "书", timeout_express: "30m" };
  await client.call("alipay.trade.create", {
    query: { notify_url: seller.url },
    body: { biz_content: { ...content, buyer_id: `208800000000${digits}`, extend_params: terms } },
  });
  return reference;
}

async function statusOf(reference: string, client = vendor): Promise<string> {
  const answer = await client.call("alipay.trade.query", { body: { biz_content: { out_trade_no: reference } } });
  const said = "alipay_trade_query_response" in answer.body ? answer.body.alipay_trade_query_response : undefined;
  return said !== undefined && "trade_status" in said ? said.trade_status : "";
}

function verdictOf({ method, headers, body }: Arrived): string {
  const request = { method, target: "", query: new URLSearchParams(), headers, body };
  const verdict = callbacks.verify(request, { config, now: new Date(), vendor });
  return verdict instanceof Promise ? "promise" : verdict.verdict;
}

const statuses = (told: Arrived[]) => told.map(({ form }) => form["trade_status"]);

describe("the mock's notifications", () => {
  it("come twice for 0009, and each is genuine", async () => {
    const told = await seller.told(await create("0009"), 2);
    expect(statuses(told)).toEqual(["TRADE_SUCCESS", "TRADE_SUCCESS"]);
    expect(told.map(verdictOf)).toEqual(["verified", "verified"]);
  });

  it("come in the wrong order for 0010", async () => {
    expect(statuses(await seller.told(await create("0010"), 2))).toEqual(["TRADE_SUCCESS", "WAIT_BUYER_PAY"]);
  });

  it("come before the answer for 0011", async () => {
    const before = seller.arrived.length;
    const reference = await create("0011");
    expect(seller.arrived.slice(before).map(({ form }) => form["out_trade_no"])).toContain(reference);
  });

  it("are forged for 0012, who never pays", async () => {
    const reference = await create("0012");
    const told = await seller.told(reference);
    expect(told.map(verdictOf)).toEqual(["refused"]);
    expect(await statusOf(reference)).toBe("WAIT_BUYER_PAY");
  });
});

describe("the mock", () => {
  it("keeps its keys and trades over a restart, and its buyers still act", async () => {
    const dir = await mkdtemp(join(tmpdir(), "alipay-"));
    try {
      const first = await startMock(definition, { dir });
      const client = clientOf(configSchema.parse(first.config));
      const [waits, pays] = [await create("0001", client), await create("9999", client)];
      await first.stop();
      const second = await startMock(definition, { dir });
      const again = clientOf(configSchema.parse(second.config));
      expect(second.credentials["privateKey"]).toBe(first.credentials["privateKey"]);
      expect(await statusOf(waits, again)).toBe("WAIT_BUYER_PAY");
      await seller.told(pays);
      expect(await statusOf(pays, again)).toBe("TRADE_SUCCESS");
      await second.stop();
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("closes what ran out of time", async () => {
    let aheadMs = 0;
    const now = () => new Date(Date.now() + aheadMs);
    const later = await startMock(definition, { now });
    const client = clientOf(configSchema.parse(later.config), undefined, now);
    const reference = await create("0001", client);
    aheadMs = 29 * 60_000;
    expect(await statusOf(reference, client)).toBe("WAIT_BUYER_PAY");
    aheadMs = 31 * 60_000;
    expect(await statusOf(reference, client)).toBe("TRADE_CLOSED");
    await later.stop();
  });

  it("documents every magic buyer", async () => {
    const readme = await readFile(new URL("./README.md", import.meta.url), "utf8");
    const rows = readme.split("\n").filter((line) => /^\| +00\d\d/.test(line));
    const documented = rows.flatMap((row) => row.split("|")[1]?.match(/\d{4}/g) ?? []);
    expect(documented.toSorted()).toEqual(Object.keys(magic).toSorted());
  });

  it("refuses and records what leaves the spec", async () => {
    const strange = { hb_fq_num: "5", hb_fq_seller_percent: "0" } as unknown as Terms;
    const fault = await faultOf(create("0001", vendor, strange));
    expect(fault.vendor?.code).toBe("ACQ.INVALID_PARAMETER");
    expect(mock.violations.map(({ message }) => message).join()).toContain("hb_fq_num");
  });

  it("says who is unknown without a signature, and answers no other address", async () => {
    const stranger = clientOf({ ...config, appId: "2021000000000009" });
    expect(await faultOf(statusOf(referenceOf(), stranger))).toMatchObject({
      code: "internal_error",
      outcome: "rejected",
    });
    expect(await faultOf(create("0001", stranger))).toMatchObject({
      code: "vendor_invalid_answer",
      outcome: "unknown",
    });
    const missing = await fetch(`${mock.origin}/gateway.do`, { method: "POST" });
    expect(await missing.json()).toMatchObject({ error_response: { sub_code: "isv.missing-method" } });
    expect((await fetch(`${mock.origin}/elsewhere`)).status).toBe(404);
  });

  it("lets an ordinary buyer take the time that it says", async () => {
    const reference = await create("9998");
    await sleep(buyerDelayMs / 2);
    expect(await statusOf(reference)).toBe("WAIT_BUYER_PAY");
    await seller.told(reference);
    expect(await statusOf(reference)).toBe("TRADE_SUCCESS");
  });
});
