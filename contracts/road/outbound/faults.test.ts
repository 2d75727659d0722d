/** Every fault of a vendor's wire, for every effect of a call: the right outcome, in time, with nothing left behind. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations } from "#specs";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import type { Answered } from "../../../mocks/partner/client.ts";
import { exchangesOf, until } from "../setup.fixture.ts";
import { bare, effects, faults, table } from "./faults.table.fixture.ts";
import type { Effect } from "./faults.table.fixture.ts";
import { makeAdapters } from "./folder.fixture.ts";
import type { AdapterFolders } from "./folder.fixture.ts";
import { calls, openGateway } from "./gateway.fixture.ts";
import type { TestGateway } from "./gateway.fixture.ts";
import { deadOrigin, startRawVendor, startTrap } from "./raw-vendor.fixture.ts";
import type { RawVendor } from "./raw-vendor.fixture.ts";
import { vendorKey, vendorMock } from "./vendor.fixture.ts";

const adapter = "nowhere";
const deadlineMs: Record<Effect, number> = {
  read: operations["instalments.quote"].deadlineMs,
  charged: operations["identityChecks.create"].deadlineMs,
  once: operations["instalments.create"].deadlineMs,
};
/** What a machine at work may take for signing, sending and verifying beside the call itself. */
const slackMs = 1_000;

const ledger = new Set<string>();
let folders: AdapterFolders;
let mock: RunningMock;
let rawVendor: RawVendor;
let lone: RawVendor;
let trap: Awaited<ReturnType<typeof startTrap>>;
let gateway: TestGateway;
const answers = new Map<string, Answered>();
/** The harness's answers that are still under way. */
const unended = new Set<ServerResponse>();

function call(effect: Effect, fault: string, key?: string): Promise<Answered> {
  if (effect === "read") return calls.read(gateway.partner, faults, fault);
  return calls[effect](gateway.partner, fault, key);
}

function attemptsOf(effect: Effect, fault: string): number {
  if (Object.hasOwn(bare, fault)) return rawVendor.requests.filter(({ path }) => path === `/${effect}/${fault}`).length;
  return exchangesOf(mock, `${effect}.${fault}`).length;
}

const watch = (message: unknown): void => {
  const { response } = message as { response: ServerResponse };
  if (response.socket?.localPort !== Number(new URL(mock.origin).port)) return;
  unended.add(response);
  response.once("close", () => unended.delete(response));
};

beforeAll(async () => {
  folders = await makeAdapters([adapter], faults);
  mock = await startMock(vendorMock({ adapter, adaptersDir: folders.adaptersDir, ledger }));
  trap = await startTrap();
  rawVendor = await startRawVendor(ledger, trap.origin);
  lone = await startRawVendor(ledger);
  const atBare = [...Object.keys(bare), "rate_passing", "unavailable_short"];
  const elsewhere = {
    ...Object.fromEntries(atBare.map((fault) => [fault, rawVendor.origin])),
    refuse: await deadOrigin(),
    kept_alive_closed: lone.origin,
  };
  const config = { baseUrl: mock.origin, elsewhere, key: vendorKey, faults };
  gateway = await openGateway({ folders, adapters: { [adapter]: config } });
  subscribe("http.server.request.start", watch);
  const all = Object.keys(table).flatMap((fault) =>
    effects.map(async (effect) => answers.set(`${effect} ${fault}`, await call(effect, fault))),
  );
  await Promise.all(all);
});

afterAll(async () => {
  unsubscribe("http.server.request.start", watch);
  await gateway.stop();
  await Promise.all([mock.stop(), rawVendor.close(), lone.close(), trap.close()]);
  await folders.remove();
});

const rows = Object.entries(table).flatMap(([fault, row]) =>
  effects.map((effect) => {
    const { code } = row[effect];
    return { effect, fault, ...row[effect], name: `${effect} ${fault}`, words: code === undefined ? "" : ` ${code}` };
  }),
);

describe("what a fault becomes", () => {
  it.each(rows)("$name: $status$words, attempts: $attempts", async ({ effect, fault, name, status, code, ...more }) => {
    const answer = answers.get(name) as Answered;
    const body = answer.body as Record<string, unknown>;
    expect(answer.status, answer.text).toBe(status);
    if (status === 202) expect(body).toMatchObject({ status: "unknown", reference: fault });
    else if (code !== undefined) expect(body).toMatchObject({ code });
    const [min, max] = [more.retryAfter ?? []].flat();
    if (min !== undefined) {
      expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(min);
      expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(max ?? min);
    }
    const attempts = await gateway.admin<{ host: string }>(`/transcripts/${answer.headers["request-id"]}`);
    expect(attempts).toHaveLength(more.attempts);
    if (fault !== "refuse") expect(attemptsOf(effect, fault)).toBe(more.attempts);
    expect(answer.durationMs).toBeLessThan(deadlineMs[effect] + slackMs);
    if (code === "vendor_timeout") expect(answer.durationMs).toBeGreaterThan(deadlineMs[effect] * 0.9);
    expect(answer.text).not.toMatch(/<|nginx|\/srv\/|boom|\bat \w+\.|ECONN|UND_ERR|127\.0\.0\.1/);
  });
});

describe("what is left behind", () => {
  it("no connection with a request under way, at either vendor", async () => {
    await until("the harness's answers end", () => unended.size === 0);
    await until("the bare vendor's connections are idle", () => rawVendor.busy().length === 0);
    expect(rawVendor.open().length).toBeLessThanOrEqual(64);
  });

  it("a redirect was never followed", () => {
    expect(trap.visits()).toBe(0);
  });

  it("an answer beyond the limit was cut off long before its end", () => {
    const floods = rawVendor.requests.filter(({ path }) => path.endsWith("/huge_body"));
    expect(floods.length).toBe(3);
    for (const { socket } of floods) {
      expect(socket.destroyed).toBe(true);
      expect(socket.bytesWritten).toBeLessThan(12 * 1024 * 1024);
    }
  });

  it("an answer said twice does not answer the next request", async () => {
    for (let next = 1; next <= 3; next += 1) expect((await call("read", "fine")).status).toBe(200);
  });
});

describe("an unknown outcome", () => {
  const unknowns = rows.filter(({ effect, status }) => effect === "once" && status === 202);

  it.each(unknowns)("of $fault is resolved by reading the resource", async ({ fault, name }) => {
    const created = answers.get(name) as Answered;
    const { id } = created.body as { id: string };
    expect(created.headers["location"]).toBe(`/v1/instalments/${id}`);
    const read = await gateway.partner.request("GET", `/v1/instalments/${id}`);
    expect(read.status).toBe(200);
    expect(read.body).toMatchObject({ id, status: fault === "lost" ? "failed" : "paid" });
  });

  it("is not tried again under its key: the first answer is repeated", async () => {
    const first = await call("once", "reset", "key-of-reset");
    const before = attemptsOf("once", "reset");
    const again = await call("once", "reset", "key-of-reset");
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.text).toBe(first.text);
    expect(again.headers["idempotency-replayed"]).toBe("?1");
    expect(attemptsOf("once", "reset")).toBe(before);
  });
});

describe("what passes", () => {
  const on = (vendor: RawVendor, path: string): number => vendor.requests.filter((one) => one.path === path).length;

  it("a rate limit: nothing happened, so the same key is tried again and succeeds", async () => {
    const limited = await call("once", "rate_passing", "key-of-limit");
    expect([limited.status, limited.headers["retry-after"]]).toEqual([503, "0"]);
    expect((await call("once", "rate_passing", "key-of-limit")).status).toBe(201);
    expect(on(rawVendor, "/once/rate_passing")).toBe(2);
  });

  it("a Retry-After inside the deadline is waited for before a read is repeated", async () => {
    const answer = await call("read", "unavailable_short");
    expect(answer.status).toBe(200);
    expect(answer.durationMs).toBeGreaterThanOrEqual(1_000);
    expect(on(rawVendor, "/read/unavailable_short")).toBe(2);
  });

  it("a connection that the vendor ends as it is used again: a read is repeated, an effect is not", async () => {
    const path = (effect: Effect): number => on(lone, `/${effect}/kept_alive_closed`);
    expect((await call("read", "kept_alive_closed")).status).toBe(200);
    expect((await call("read", "kept_alive_closed")).status).toBe(200);
    expect(path("read")).toBe(3);
    const created = await call("once", "kept_alive_closed");
    expect([created.status, path("once")]).toEqual([202, 1]);
    const read = await gateway.partner.request("GET", created.headers["location"] ?? "");
    expect(read.body).toMatchObject({ status: "paid" });
  });
});

describe("the end", () => {
  it("a gateway that drained leaves no connection at a vendor", async () => {
    await gateway.stop();
    const open = (): number => rawVendor.open().length + lone.open().length;
    await until("the vendors' connections end", () => open() === 0);
    expect(open()).toBe(0);
  });
});
