/** Tokens belong to the core: fetched once for everybody, renewed in time, given up when the vendor refuses them. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock, WireAnswer } from "#mocks";
import type { Answered } from "../../../mocks/partner/client.ts";
import { exchangesOf } from "../setup.fixture.ts";
import { makeAdapters } from "./folder.fixture.ts";
import type { AdapterFolders } from "./folder.fixture.ts";
import { calls, openGateway } from "./gateway.fixture.ts";
import type { TestGateway } from "./gateway.fixture.ts";
import { signed, vendorMock } from "./vendor.fixture.ts";

const faults = ["good"];
const concurrent = 20;
/** Renewed half a minute before that. Within the freshness that partners ask of an answer. */
const tokenSeconds = 50;

const ledger = new Set<string>();
let folders: AdapterFolders;
let mock: RunningMock;
let gateway: TestGateway;
let issued = 0;
/** How far the gateway's clock is ahead. */
let aheadMs = 0;
/** What the token endpoint does instead of answering. */
let trouble: WireAnswer | undefined;
/** Tokens up to this number are refused. */
let refusedUpTo = 0;

const now = (): Date => new Date(Date.now() + aheadMs);
const tokenAsked = (): number => exchangesOf(mock, "token").length;
const bearers = (operation: string): string[] =>
  exchangesOf(mock, operation).map(({ request }) => request.headers["authorization"] ?? "");

function read(): Promise<Answered> {
  const created = Math.floor(now().getTime() / 1_000);
  const body = { amount: { amount: "1000.00", currency: "CNY" }, feeBearer: "customer" };
  return gateway.partner.request("POST", "/v1/instalment-quotes", { body, idempotencyKey: false, created });
}
const atOnce = (): Promise<Answered[]> => Promise.all(Array.from({ length: concurrent }, read));
const statuses = (answers: Answered[]): number[] => [...new Set(answers.map(({ status }) => status))];

beforeAll(async () => {
  folders = await makeAdapters(["nowhere"], faults);
  mock = await startMock(
    vendorMock({
      adapter: "nowhere",
      adaptersDir: folders.adaptersDir,
      ledger,
      instead({ headers }, operation) {
        if (operation === "token") {
          const token = { access_token: `token-${(issued += 1)}`, expires_in: tokenSeconds };
          return trouble ?? { ...signed(200, token), delayMs: 50 };
        }
        const number = Number(/^Bearer token-(\d+)$/.exec(headers["authorization"] ?? "")?.[1] ?? 0);
        return number <= refusedUpTo ? { ...signed(401, { error_code: "TOKEN_ENDED" }), delayMs: 20 } : undefined;
      },
    }),
  );
  gateway = await openGateway({ folders, adapters: { nowhere: { ...mock.config, faults, tokens: true } }, now });
});

beforeEach(() => {
  trouble = undefined;
  refusedUpTo = 0;
  aheadMs = 0;
});

afterAll(async () => {
  await gateway.stop();
  await mock.stop();
  await folders.remove();
});

describe("a token", () => {
  it("is fetched once for twenty calls at the same time, and used by all", async () => {
    const before = tokenAsked();
    expect(statuses(await atOnce())).toEqual([200]);
    expect(tokenAsked() - before).toBe(1);
    expect(new Set(bearers("read.good").slice(-concurrent))).toEqual(new Set([`Bearer token-${issued}`]));
  });

  it("serves until shortly before its end, and is renewed then", async () => {
    await read();
    const first = tokenAsked();
    aheadMs = (tokenSeconds - 35) * 1_000;
    expect((await read()).status).toBe(200);
    expect(tokenAsked()).toBe(first);
    aheadMs = (tokenSeconds - 25) * 1_000;
    expect((await read()).status).toBe(200);
    expect(tokenAsked()).toBe(first + 1);
  });

  it("that the vendor refuses is dropped, and every call succeeds with one new one", async () => {
    await read();
    const before = tokenAsked();
    refusedUpTo = issued;
    expect(statuses(await atOnce())).toEqual([200]);
    expect(tokenAsked() - before).toBe(1);
    refusedUpTo = issued;
    ledger.clear();
    expect((await calls.once(gateway.partner, "good")).status).toBe(201);
    expect([tokenAsked() - before, ledger.size]).toEqual([2, 1]);
  });

  it("that is refused however new is not asked for again and again", async () => {
    await read();
    const before = tokenAsked();
    refusedUpTo = Number.MAX_SAFE_INTEGER;
    const answer = await read();
    expect(answer.status).toBe(502);
    expect(answer.body).toMatchObject({ code: "vendor_unauthenticated" });
    expect(tokenAsked() - before).toBe(1);
  });
});

describe("a token endpoint in trouble", () => {
  it("fails everybody who waits; nothing was sent, so the same key succeeds when it is well again", async () => {
    trouble = { status: 200, fault: "html_502", delayMs: 100 };
    aheadMs = (tokenSeconds - 20) * 1_000;
    const [asked, reached] = [tokenAsked(), bearers("read.good").length];
    const answers = await atOnce();
    expect(statuses(answers)).toEqual([502]);
    expect(answers[0]?.body).toMatchObject({ code: "vendor_fault" });
    expect(tokenAsked() - asked).toBeLessThanOrEqual(3);
    expect(bearers("read.good").length).toBe(reached);
    ledger.clear();
    expect((await calls.once(gateway.partner, "good", "token-key")).status).toBe(502);
    trouble = undefined;
    expect((await calls.once(gateway.partner, "good", "token-key")).status).toBe(201);
    expect((await read()).status).toBe(200);
    expect(ledger.size).toBe(1);
  });

  it("that hangs holds nobody beyond their own deadline", async () => {
    trouble = { status: 200, fault: "hang" };
    aheadMs = (tokenSeconds + 5) * 1_000;
    const patient = calls.once(gateway.partner, "good");
    await sleep(100);
    const hasty = await read();
    expect(hasty.status).toBe(504);
    expect(hasty.durationMs).toBeLessThan(3_700);
    await mock.kill();
    expect((await patient).status).toBeGreaterThanOrEqual(502);
    trouble = undefined;
    await mock.revive();
    expect((await read()).status).toBe(200);
  });
});
