import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault } from "#capability";
import type { Call, Input, Outcome, Output, ResourceView } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { clientOf } from "./client.fixture.ts";
import { config as schema } from "./config.ts";
import type { Config } from "./config.ts";
import { creditReports } from "./credit-reports.ts";
import definition from "./mock.ts";

type Order = Input<"creditReports.create">["body"];
type Report = Output<"creditReports.get">;

let mock: RunningMock;
let config: Config;
let vendor: ReturnType<typeof clientOf>;

beforeAll(async () => {
  mock = await startMock(definition);
  config = schema.parse(mock.config);
  vendor = clientOf(config);
});
afterAll(() => mock.stop());

function orderOf(lastName: string, changes: Partial<Order> = {}): Order {
  return {
    subject: {
      firstName: "Jane",
      lastName,
      dateOfBirth: "1990-05-12",
      phone: "+14155550172",
      email: "jane.doe@example.com",
      address: { street: "100 Market Street", city: "San Francisco", region: "CA", postalCode: "94105", country: "US" },
      nationalId: "123-45-6789",
    },
    purpose: "credit_extension",
    authorisation: {
      method: "electronic_signature",
      evidenceId: "DOC-1",
      authorisedAt: "2026-11-22T11:58:00Z",
      documentDigest: "9".repeat(64),
    },
    daysRequested: 365,
    reference: "LOAN-1",
    ...changes,
  };
}

const nowMs = Date.parse("2026-11-22T12:00:00Z");
/** A creation of then is under way no more. */
const longAgoMs = 60_000;

/** A call of this operation, for a report that the core knows as far as `resource` says. */
function callOf<Id extends "creditReports.create" | "creditReports.get">(
  operationId: Id,
  reference: string,
  rest: { order?: Order; state?: unknown; ageMs?: number },
): Call<Id, Config> {
  const body = { id: "crr_1", status: "unknown", purpose: "credit_extension", daysRequested: 365 } as const;
  const resource: ResourceView<Report> = {
    id: "crr_1",
    reference,
    status: "unknown",
    body: { ...body, reference: "LOAN-1", createdAt: "2026-11-22T12:00:00.000Z" },
    state: rest.state,
    createdAt: new Date(nowMs - (rest.ageMs ?? longAgoMs)),
    request: rest.order,
  };
  return {
    operationId,
    id: "crr_1",
    reference,
    input: { path: {}, query: {}, body: rest.order },
    resource: operationId === "creditReports.get" ? resource : undefined,
    parents: {},
    partner: { id: "p" },
    config,
    callbackUrl: "http://127.0.0.1:9/callbacks/plaid-check",
    now: new Date(nowMs),
  } as unknown as Call<Id, Config>;
}

const reference = (): string => randomBytes(16).toString("hex");

async function create(order: Order, ours = reference()) {
  return { ours, outcome: await creditReports.create(callOf("creditReports.create", ours, { order }), vendor) };
}

async function get(ours: string, state?: unknown, ageMs?: number): Promise<Report> {
  if (creditReports.get === "stored") throw new Error("get asks the vendor");
  const about = { state, ...(ageMs === undefined ? {} : { ageMs }) };
  return bodyOf(await creditReports.get(callOf("creditReports.get", ours, about), vendor));
}

function bodyOf(outcome: Outcome<"creditReports.get">): Report {
  if (outcome.outcome !== "done") throw outcome.fault;
  return outcome.body;
}

async function settled(ours: string, state?: unknown): Promise<Report> {
  await expect.poll(async () => (await get(ours, state)).status).not.toBe("processing");
  return get(ours, state);
}

async function fault(work: Promise<unknown>): Promise<Fault> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof Fault) return error;
  throw new Error("no fault");
}

describe("a credit report at Plaid Check", () => {
  it("is processing when ordered and ready with accounts and score when asked later", async () => {
    const { ours, outcome } = await create(orderOf("Doe"));
    if (outcome.outcome !== "done") throw outcome.fault;
    expect(outcome.body).toEqual({
      id: "crr_1",
      status: "processing",
      purpose: "credit_extension",
      daysRequested: 365,
      reference: "LOAN-1",
      createdAt: "2026-11-22T12:00:00.000Z",
    });
    const { userId } = outcome.state as { userId: string };
    expect(outcome.handles).toEqual([userId]);
    expect((await get(ours, outcome.state)).status).toBe("processing");
    const ready = await settled(ours, outcome.state);
    expect(ready.report?.score).toEqual({
      model: "plaid_lend_score",
      value: 72,
      min: 1,
      max: 99,
      reasonCodes: ["PCS0221", "PCS0223"],
    });
    expect(ready.report?.generatedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const [checking, card] = ready.report?.institutions[0]?.accounts ?? [];
    expect(checking).toMatchObject({
      name: "Plaid checking",
      mask: "1208",
      type: "depository",
      subtype: "checking",
      status: "unstated",
      ownership: "individual",
      averageBalance: { amount: "980.13", currency: "USD" },
      inflow: { amount: "10000.00", currency: "USD" },
      outflow: { amount: "741.40", currency: "USD" },
      overdraftCount: 1,
      transactionCount: 24,
      daysAvailable: 365,
    });
    expect(card).toMatchObject({ balance: { amount: "310.50" }, limit: { amount: "2000.00", currency: "USD" } });
    expect(card).not.toHaveProperty("available");
    expect(card).not.toHaveProperty("inflow");
  });

  it("is found by the reference alone when the answer to the order was lost after the effect", async () => {
    for (const lastName of ["Reset", "Html", "Internal"]) {
      const ours = reference();
      expect((await fault(create(orderOf(lastName), ours))).outcome).toBe("unknown");
      expect((await settled(ours)).status).toBe("ready");
    }
  });

  it("is failed when the order never arrived", async () => {
    const lost = reference();
    expect((await fault(create(orderOf("Lost"), lost))).outcome).toBe("unknown");
    for (const ours of [lost, reference()]) {
      // It may still be on its way.
      expect(await fault(get(ours, undefined, 1_000))).toMatchObject({ code: "outcome_unknown", outcome: "unknown" });
      expect(await get(ours)).toMatchObject({
        status: "failed",
        failure: { code: "vendor_rejected", vendor: { adapter: "plaid-check", code: "CONSUMER_REPORT_NOT_FOUND" } },
      });
    }
  });

  it("stands without a score where Plaid cannot compute one", async () => {
    const thin = await settled((await create(orderOf("Thin"))).ours);
    expect(thin).toMatchObject({ status: "ready", report: { warnings: ["score_unavailable"] } });
    expect(thin.report).not.toHaveProperty("score");
    const unscored = await settled((await create(orderOf("Unscored"))).ours);
    expect(unscored.report?.score).toEqual({
      model: "plaid_lend_score",
      min: 1,
      max: 99,
      reasonCodes: [],
      unavailableReason: "There is not enough data to compute a score",
    });
  });

  it("fails with Plaid's reason", async () => {
    const cases = {
      Unavailable: ["vendor_rejected", "DATA_UNAVAILABLE"],
      Expired: ["session_expired", "CONSUMER_REPORT_EXPIRED"],
    };
    for (const [lastName, [problem, code]] of Object.entries(cases)) {
      const { ours } = await create(orderOf(lastName));
      expect((await settled(ours)).failure).toMatchObject({ code: problem, vendor: { code } });
    }
  });

  it("takes no report that was made for another order", async () => {
    const { ours, outcome } = await create(orderOf("Stranger"));
    const state = outcome.outcome === "done" ? outcome.state : undefined;
    let last: Fault | undefined;
    await expect.poll(async () => (last = await fault(get(ours, state))).code).toBe("vendor_invalid_answer");
    expect(last).toMatchObject({ outcome: "unknown", counts: true });
  });

  it("passes refusals on, and what Plaid cannot do to the next bureau, before anything is sent", async () => {
    expect(await fault(create(orderOf("Blocked")))).toMatchObject({ code: "vendor_rejected", outcome: "rejected" });
    expect(await fault(create(orderOf("Limited")))).toMatchObject({ code: "vendor_rate_limited", outcome: "not_sent" });
    expect(await fault(create(orderOf("Maintenance")))).toMatchObject({ outcome: "not_sent" });
    const seen = mock.exchanges.length;
    const subject = orderOf("Doe").subject;
    const abroad = { subject: { ...subject, address: { ...subject.address, country: "CA" } } };
    for (const changes of [
      { purpose: "employment" as const },
      abroad,
      { subject: { ...subject, nationalId: "12345" } },
    ]) {
      const refused = await fault(create(orderOf("Doe", changes)));
      expect(refused).toMatchObject({ code: "operation_unsupported", outcome: "not_sent", counts: false });
    }
    expect(mock.exchanges.length).toBe(seen);
  });

  it("kept to Plaid's spec", () => {
    expect(mock.violations).toEqual([]);
  });
});
