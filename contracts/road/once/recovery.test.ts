import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Partner } from "../../../mocks/partner/client.ts";
import { newKey, openGateway, registered } from "../gateway.fixture.ts";
import type { Gateway } from "../gateway.fixture.ts";
import { exchangesOf, until } from "../setup.fixture.ts";

/** Short times, so that a test sees what production sees in hours. */
const quick = { unknownFirstAskMs: 50, waitingFirstAskMs: 300, maxAskEveryMs: 400, maxAsksUntilStuck: 3 };

const order = (buyer: string, reference: string) => ({
  amount: { amount: "1200.00", currency: "CNY" },
  periods: 3,
  feeBearer: "customer",
  subject: "A washing machine",
  payer: { type: "account", accountId: `208800000000${buyer}` },
  reference,
});

let road: Gateway;
let a: Partner;
const alipay = () => road.mocks[0] as Gateway["mocks"][number];

beforeAll(async () => {
  const key = await newKey();
  road = await openGateway(
    { partners: [registered("partner-a", [key])], recovery: quick },
    { adapters: ["alipay-huabei"] },
  );
  a = road.as(key.jwk);
});
afterAll(() => road.close());

async function create(buyer: string, reference: string) {
  const answer = await a.request("POST", "/v1/instalments", { body: order(buyer, reference) });
  return { status: answer.status, body: answer.body as { id: string; status: string }, headers: answer.headers };
}

async function admin(path: string, body?: unknown) {
  const init =
    body === undefined
      ? {}
      : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const answer = await fetch(`${road.gateway.adminOrigin}/recovery${path}`, init);
  return {
    status: answer.status,
    body: (await answer.json()) as Record<string, unknown> & { data?: Record<string, unknown>[] },
  };
}

const statusOf = async (id: string): Promise<unknown> => (await admin(`/resources/${id}`)).body["status"];

describe("recovery", () => {
  it("learns by itself what became of an order whose answer was lost, and sends nothing twice", async () => {
    const made = await create("0006", "LOST-1");
    expect([made.status, made.body.status]).toEqual([202, "unknown"]);
    expect(made.headers["location"]).toBe(`/v1/instalments/${made.body.id}`);
    await until("the outcome is known", async () => (await statusOf(made.body.id)) === "paid");
    const { transitions } = (await admin(`/resources/${made.body.id}`)).body as {
      transitions: { to: string; cause: string }[];
    };
    expect(transitions[0]).toMatchObject({ to: "unknown", cause: "created" });
    expect(transitions.at(-1)).toMatchObject({ to: "paid" });
    const numbers = exchangesOf(alipay(), "alipay.trade.create").map(
      ({ request }) =>
        new URLSearchParams(request.body.toString()).get("biz_content")?.match(/"out_trade_no":"(\w+)"/)?.[1],
    );
    expect(new Set(numbers).size).toBe(numbers.length);
    const read = await a.request("GET", `/v1/instalments/${made.body.id}`);
    expect(read.body).toMatchObject({ id: made.body.id, status: "paid" });
  });

  it("keeps a genuine callback that tells another amount for a person to see, and moves nothing", async () => {
    const before = (await admin("/quarantine")).body.data?.length ?? 0;
    const made = await create("0005", "SHORT-1");
    await until(
      "it is quarantined",
      async () => ((await admin("/quarantine")).body.data?.length ?? 0) > before,
      10_000,
    );
    const [row] = (await admin("/quarantine")).body.data?.slice(-1) ?? [];
    expect(row).toMatchObject({ adapter: "alipay-huabei", why: "vendor_invalid_answer" });
    expect(row).not.toHaveProperty("request");
    expect(await statusOf(made.body.id)).not.toBe("paid");
  });

  it("leaves what it cannot learn to an operator: an alarm, a list, ask now, settle by hand, all audited", async () => {
    const made = await create("0006", "LOST-2");
    expect(made.body.status).toBe("unknown");
    await alipay().kill();
    const listed = async () => (await admin("/stuck")).body.data?.find(({ id }) => id === made.body.id);
    await until("it is on the operator's list", async () => (await listed()) !== undefined, 10_000);
    expect(await listed()).toMatchObject({ kind: "instalments", adapter: "alipay-huabei", status: "unknown" });
    const metrics = await (await fetch(`${road.gateway.adminOrigin}/metrics`)).text();
    expect(metrics).toMatch(/qiao_alarms_total\{what="outcome still unknown"\} [1-9]/);

    const url = `/resources/${made.body.id}`;
    expect((await admin(`${url}/settle`, { by: "li.wei", status: "paid" })).body).toMatchObject({
      code: "request_invalid",
      errors: [{ pointer: "/reason" }],
    });
    const settlement = { by: "li.wei", reason: "Ticket 4711: the vendor confirms by phone." };
    expect((await admin(`${url}/settle`, { ...settlement, status: "melted" })).status).toBe(400);
    expect((await admin(`${url}/ask`, { by: "li.wei" })).body).toMatchObject({ status: "unknown" });
    const paid = { ...settlement, status: "paid", changes: { paidAt: "2026-11-22T12:00:00.000Z" } };
    expect((await admin(`${url}/settle`, paid)).body).toMatchObject({ status: "paid", cause: "settled by hand" });
    expect((await admin(`${url}/settle`, { ...settlement, status: "unknown" })).body).toMatchObject({
      code: "resource_state_conflict",
    });
    expect((await a.request("GET", `/v1/instalments/${made.body.id}`)).body).toMatchObject({ status: "paid" });
    expect(await listed()).toBeUndefined();
    await alipay().revive();
  });

  it("answers an operator's mistakes as problems", async () => {
    expect(await admin("/resources/ins_0000000000000000000000")).toMatchObject({
      status: 404,
      body: { code: "resource_not_found" },
    });
    expect(await admin("/resources/x/ask", {})).toMatchObject({ status: 400, body: { code: "request_invalid" } });
  });
});
