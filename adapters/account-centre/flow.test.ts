import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorRow, Fault } from "#capability";
import type { Call, VendorClient } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { config as schema } from "./config.ts";
import type { Config } from "./config.ts";
import { errors } from "./errors.ts";
import adapter from "./index.ts";
import definition from "./mock.ts";
import { protocol } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";

type Account = { id: string; status: string; createdAt: string; reference: string };
type Verb = "open" | "get" | "list" | "close";
type Handler = (call: unknown, vendor: VendorClient<operations>) => Promise<{ outcome: string; body: unknown }>;

const addresses: Record<Verb, [method: string, path: string]> = {
  open: ["POST", "/v1/customer-accounts"],
  list: ["GET", "/v1/customer-accounts"],
  get: ["GET", "/v1/customer-accounts/{customerAccountId}"],
  close: ["POST", "/v1/customer-accounts/{customerAccountId}/close"],
};

let mock: RunningMock;
let config: Config;

beforeAll(async () => {
  mock = await startMock(definition);
  config = schema.parse(mock.config);
});
afterAll(() => mock.stop());

interface Sent {
  path?: Record<string, string>;
  query?: Record<string, string>;
  header?: Record<string, string>;
  body?: unknown;
}

/** The adapter's way to the mock without the core's road: signs, sends, verifies, reads failures by the error table. */
const vendor = {
  async call(operation: string, input: Sent) {
    const [method, template] = addresses[operation.split(".")[1] as Verb];
    const path = template.replace("{customerAccountId}", input.path?.["customerAccountId"] ?? "");
    const url = new URL(path, protocol.baseUrl(config, operation));
    for (const [name, value] of Object.entries(input.query ?? {})) url.searchParams.set(name, value);
    const headers: Record<string, string> = { host: url.host };
    for (const [name, value] of Object.entries(input.header ?? {})) headers[name.toLowerCase()] = value;
    const body = input.body === undefined ? undefined : Buffer.from(JSON.stringify(input.body));
    if (body !== undefined) headers["content-type"] = "application/json";
    const request = { operation, method, url, headers, body };
    const context = { config, reference: "", attempt: 1, now: new Date(), vendor: vendor as never };
    await protocol.authorize(request, context);
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) }).catch(() => {
      throw new Fault("vendor_fault", { outcome: "unknown", counts: true });
    });
    const raw = {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      bytes: Buffer.from(await answer.arrayBuffer()),
    };
    if (typeof protocol.verify === "function") await protocol.verify(raw, request, context);
    const parsed: unknown = JSON.parse(raw.bytes.toString());
    const failure = protocol.failure({ ...raw, body: parsed }, operation);
    if (failure === undefined) return { ...raw, body: parsed };
    const row = errorRow(errors, failure.code, operation);
    throw new Fault(row?.problem ?? "vendor_fault", {
      outcome: row?.outcome ?? "unknown",
      vendor: { adapter: "account-centre", ...failure },
    });
  },
};

async function run(
  verb: Verb,
  about: Partial<Call<"customerAccounts.open", Config>> & { id: string },
): Promise<unknown> {
  const handlers = adapter.capabilities.customerAccounts as unknown as Record<Verb, Handler>;
  const call = {
    operationId: `customerAccounts.${verb}`,
    reference: randomBytes(16).toString("hex"),
    input: { path: {}, query: {}, body: undefined },
    resource: undefined,
    parents: {},
    partner: { id: "partner-a" },
    config,
    callbackUrl: "http://127.0.0.1:9/callbacks/account-centre",
    now: new Date(),
    ...about,
  };
  const outcome = await handlers[verb](call, vendor as never);
  if (outcome.outcome !== "done") throw new Error(outcome.outcome);
  return outcome.body;
}

let made = 0;
function customerCalled(name: string) {
  made += 1;
  const nationalId = `11010519491231${String(made).padStart(4, "0")}`;
  return { name, nationalId, phone: "+8613800138000", reference: `CUSTOMER-${made}` };
}

const newId = (): string => `cac_${randomBytes(12).toString("hex")}`;
const inputOf = (body: unknown) => ({ path: {}, query: {}, body }) as never;
const longAgo = new Date(Date.now() - 60_000);
const resourceOf = (id: string, createdAt = longAgo) =>
  ({ id, createdAt, body: { id, status: "unknown", reference: "R" }, state: undefined }) as never;

async function fault(work: Promise<unknown>): Promise<Fault> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof Fault) return error;
  throw new Error("no fault");
}

describe("the adapter and the account centre", () => {
  it("open, read, list and close an account, signed both ways", async () => {
    const id = newId();
    const opened = (await run("open", { id, input: inputOf(customerCalled("张三")) })) as Account;
    expect(opened).toMatchObject({ id, status: "open" });
    expect(await run("get", { id, resource: resourceOf(id) })).toEqual(opened);
    expect(await run("list", { id: "", input: { path: {}, query: { limit: 1 }, body: undefined } as never })).toEqual({
      data: [opened],
    });
    const reason = inputOf({ reason: "customer_request" });
    expect(await run("close", { id, input: reason, resource: resourceOf(id) })).toMatchObject({ status: "closed" });
  });

  it("take an account that never arrived as rejected, and find one whose answer was lost", async () => {
    for (const [name, status] of Object.entries({ Lost: "rejected", Reset: "open" })) {
      const id = newId();
      const lost = await fault(run("open", { id, input: inputOf(customerCalled(name)) }));
      expect(lost.outcome).toBe("unknown");
      expect(await run("get", { id, resource: resourceOf(id) })).toMatchObject({ id, status });
    }
  });

  it("do not take an account as rejected while its opening may still be under way", async () => {
    const id = newId();
    await fault(run("open", { id, input: inputOf(customerCalled("Lost")) }));
    expect(await run("get", { id, resource: resourceOf(id, new Date()) })).toMatchObject({ id, status: "unknown" });
  });

  it("believe no answer that is not signed by the platform", async () => {
    for (const name of ["Forged", "Tampered", "Unsigned"]) {
      const refused = await fault(run("open", { id: newId(), input: inputOf(customerCalled(name)) }));
      expect(refused).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown", counts: true });
    }
  });

  it("say what a refusal means", async () => {
    const cases = {
      Refused: { code: "vendor_rejected", outcome: "rejected" },
      Unknown: { code: "customer_unknown", outcome: "rejected" },
      Busy: { code: "vendor_unavailable", outcome: "not_sent" },
    };
    for (const [name, meaning] of Object.entries(cases)) {
      expect(await fault(run("open", { id: newId(), input: inputOf(customerCalled(name)) }))).toMatchObject(meaning);
    }
  });

  it("do not blame the partner for the gateway's own key", async () => {
    const stranger = await startMock(definition);
    const right = config;
    config = { ...right, privateJwk: schema.parse(stranger.config).privateJwk };
    expect(await fault(run("list", { id: "" }))).toMatchObject({ code: "vendor_unauthenticated", outcome: "rejected" });
    config = right;
    await stranger.stop();
  });

  it("kept to the document", () => {
    expect(mock.violations).toEqual([]);
  });
});
