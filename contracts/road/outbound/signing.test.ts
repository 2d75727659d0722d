/** What leaves for a vendor: signed anew each time, to configured hosts only, within the partner's trace. */
import axios from "axios";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock, WireRequest } from "#mocks";
import { exchangesOf } from "../setup.fixture.ts";
import { makeAdapters } from "./folder.fixture.ts";
import type { AdapterFolders } from "./folder.fixture.ts";
import { calls, openGateway } from "./gateway.fixture.ts";
import type { TestGateway } from "./gateway.fixture.ts";
import { startTrap } from "./raw-vendor.fixture.ts";
import { hmac, signed, vendorMock } from "./vendor.fixture.ts";

const faults = ["good", "reset", "passing", "stray"];
const proxyNames = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const environment = { ...process.env };

let folders: AdapterFolders;
let mock: RunningMock;
let trap: Awaited<ReturnType<typeof startTrap>>;
let gateway: TestGateway;

/** Refused twice as surely not done, then well. */
let refusals = 0;

const requestsTo = (operation: string): WireRequest[] => exchangesOf(mock, operation).map(({ request }) => request);
const column = (requests: WireRequest[], header: string): string[] =>
  requests.map(({ headers }) => headers[header] ?? "");
const referenceIn = ({ body }: WireRequest): string => (JSON.parse(body.toString()) as { reference: string }).reference;

beforeAll(async () => {
  trap = await startTrap();
  for (const name of proxyNames) process.env[name] = trap.origin;
  process.env["NO_PROXY"] = "";
  process.env["no_proxy"] = "";
  folders = await makeAdapters(["nowhere"], faults);
  const { adaptersDir } = folders;
  mock = await startMock(
    vendorMock({
      adapter: "nowhere",
      adaptersDir,
      ledger: new Set(),
      instead: (_request, operation) =>
        operation.endsWith(".passing") && (refusals += 1) <= 2 ? signed(400, { error_code: "BUSY" }) : undefined,
    }),
  );
  let atMs = Date.now();
  const now = (): Date => new Date((atMs += 1));
  const adapters = { nowhere: { ...mock.config, faults, strayUrl: trap.origin } };
  gateway = await openGateway({ folders, adapters, now });
});

afterAll(async () => {
  for (const name of [...proxyNames, "NO_PROXY", "no_proxy"]) {
    if (environment[name] === undefined) delete process.env[name];
    else process.env[name] = environment[name];
  }
  await gateway.stop();
  await Promise.all([mock.stop(), trap.close()]);
  await folders.remove();
});

describe("each attempt", () => {
  it.each([
    ["a read after a reset", "read.reset", () => calls.read(gateway.partner, faults, "reset"), 502],
    ["an effect that was not done", "once.passing", () => calls.once(gateway.partner, "passing"), 201],
  ] as const)("%s is signed anew, under the same reference", async (_what, operation, call, status) => {
    expect((await call()).status).toBe(status);
    const requests = requestsTo(operation);
    expect(requests).toHaveLength(3);
    for (const header of ["x-timestamp", "x-nonce", "x-signature"]) {
      expect(new Set(column(requests, header)).size, header).toBe(3);
    }
    for (const { headers, body } of requests) {
      const text = `${headers["x-timestamp"]}.${headers["x-nonce"]}.${body.toString()}`;
      expect(headers["x-signature"]).toBe(hmac(text));
    }
    const references = new Set(requests.map(referenceIn));
    expect(references.size).toBe(1);
    expect([...references][0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("of another operation bears another reference, and a repeat of the key none at all", async () => {
    const before = requestsTo("once.good").length;
    for (const key of ["one", "two", "one"]) expect((await calls.once(gateway.partner, "good", key)).status).toBe(201);
    const references = requestsTo("once.good").slice(before).map(referenceIn);
    expect(new Set(references).size).toBe(2);
    expect(references).toHaveLength(2);
  });
});

describe("where it goes", () => {
  it("only to hosts that the configuration names, whatever signing makes of the address", async () => {
    const read = await calls.read(gateway.partner, faults, "stray");
    const once = await calls.once(gateway.partner, "stray", "stray-key");
    for (const answer of [read, once]) {
      expect(answer.status).toBe(500);
      expect(answer.body).toMatchObject({ code: "internal_error" });
      expect(answer.text).not.toContain("127.0.0.1");
    }
    expect(trap.visits()).toBe(0);
    const line = gateway.lines.find(({ requestId }) => requestId === once.headers["request-id"]);
    expect(line).toMatchObject({ outcome: "not_sent", reason: expect.stringContaining("does not name") as string });
  });

  it("never through a proxy of the environment", async () => {
    expect((await calls.read(gateway.partner, faults, "good")).status).toBe(200);
    expect(trap.visits()).toBe(0);
    // The environment would have sent another client there.
    await expect(axios.get(mock.origin)).rejects.toThrow();
    expect(trap.visits()).toBe(1);
  });
});

describe("the trace", () => {
  const traced = (header: string) => /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header)?.slice(1) ?? [];
  const sentSpan = "b7ad6b7169203331";
  const sentTrace = "0af7651916cd43dd8448eb211c80319c";
  const quote = { amount: { amount: "1000.00", currency: "CNY" }, feeBearer: "customer" };

  it("of the partner goes on at the vendor, under a span of ours", async () => {
    const headers = { traceparent: `00-${sentTrace}-${sentSpan}-01` };
    const options = { body: quote, idempotencyKey: false, headers } as const;
    expect((await gateway.partner.request("POST", "/v1/instalment-quotes", options)).status).toBe(200);
    const [trace, span, flags] = traced(column(requestsTo("read.good"), "traceparent").at(-1) ?? "");
    expect([trace, flags]).toEqual([sentTrace, "01"]);
    expect(span).toMatch(/^[0-9a-f]{16}$/);
    expect(span).not.toBe(sentSpan);
    expect(gateway.lines.at(-1)).toMatchObject({ traceId: sentTrace });
  });

  it.each(["", "00-0-0-01", `00-${"0".repeat(32)}-${sentSpan}-01`, `ff-${sentTrace}-${sentSpan}-01`])(
    "begins here for %j",
    async (sent) => {
      const headers: Record<string, string> = sent === "" ? {} : { traceparent: sent };
      const options = { body: quote, idempotencyKey: false, headers } as const;
      expect((await gateway.partner.request("POST", "/v1/instalment-quotes", options)).status).toBe(200);
      const [trace] = traced(column(requestsTo("read.good"), "traceparent").at(-1) ?? "");
      expect(trace).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(trace).not.toBe(sentTrace);
      expect(gateway.lines.at(-1)).toMatchObject({ traceId: trace });
    },
  );
});
