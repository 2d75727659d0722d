/** Several processes on one port: `npm run gateway -- --workers N`. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { databaseProxy } from "../../gateway/store/pg-proxy.fixture.ts";
import { describeOnPostgres, freshSchema, sharedSchema } from "../../gateway/store/pg-setting.fixture.ts";
import type { Answered, Partner } from "../../mocks/partner/client.ts";
import { person } from "./draft.fixture.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { KeyPair } from "./gateway.fixture.ts";
import { customer } from "./people.fixture.ts";
import { killLeftovers } from "./process.fixture.ts";
import { newDir, until } from "./setup.fixture.ts";
import { startWorkers } from "./workers.fixture.ts";
import type { Workers } from "./workers.fixture.ts";

const adapters = ["account-centre", "tencent-faceid"];
const target = "/v1/capabilities";
/** A process starts meanwhile, beside a load. */
const loadTimeoutMs = 60_000;

/** A count of the metrics of all workers together. */
async function metric(road: Workers, start: string): Promise<number> {
  const text = await (await fetch(`${road.admin}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(start));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describeOnPostgres("two workers", () => {
  const emptySchema = sharedSchema();
  let road: Workers;
  let swift: KeyPair;
  let hasty: KeyPair;

  beforeAll(async () => {
    [swift, hasty] = await Promise.all([newKey(), newKey()]);
    const partners = [
      registered("swift", [swift], { requestsPerSecond: 1_000 }),
      registered("hasty", [hasty], { requestsPerSecond: 1 }),
    ];
    road = await startWorkers({ args: ["--workers", "2"], partners, store: { url: await emptySchema() }, adapters });
    await road.untilReady(2);
  });

  afterAll(() => road.close());

  /** The same from so many connections at once. */
  const fromMany = (key: KeyPair, count: number, ask: (partner: Partner) => Promise<Answered>): Promise<Answered[]> =>
    Promise.all(Array.from({ length: count }, () => ask(road.as(key))));

  it("answer on one port, and the admin port speaks for both", async () => {
    const before = await metric(road, "qiao_request_duration_seconds_count");
    const answers = await fromMany(swift, 12, (partner) => partner.request("GET", target));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    const calls = (): unknown[] => road.lines().flatMap(({ msg, worker }) => (msg === "call" ? [worker] : []));
    await expect.poll(() => calls().length).toBe(12);
    expect(new Set(calls())).toEqual(new Set([1, 2]));
    expect((await metric(road, "qiao_request_duration_seconds_count")) - before).toBe(12);

    const status = await road.status();
    expect(new Set(status.map(({ pid }) => pid)).size).toBe(2);
    const ready = await fetch(`${road.admin}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: "ready", workers: { serving: 2, ready: 2 } });
  });

  it("show what each of them knows: breakers, transcripts, and what recovery is stuck with", async () => {
    const body = { ...person, reference: "KYC-1" };
    const answers = await fromMany(swift, 6, (partner) => partner.request("POST", "/v1/identity-checks", { body }));
    const data = async (path: string): Promise<Record<string, unknown>[]> =>
      ((await (await fetch(road.admin + path)).json()) as { data: Record<string, unknown>[] }).data;
    for (const { status, headers } of answers) {
      expect(status).toBe(201);
      const transcripts = await data(`/transcripts/${String(headers["request-id"])}`);
      expect(transcripts.length).toBe(1);
    }
    const breakers = await data("/breakers");
    expect(new Set(breakers.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
    expect(breakers).toContainEqual(expect.objectContaining({ adapter: "tencent-faceid", state: "closed" }));
    expect(await data("/recovery/stuck")).toEqual([]);
    const unknown = await fetch(`${road.admin}/recovery/resources/none/ask`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ by: "someone" }),
    });
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });

  it("hold one limit for a partner, and take a nonce once", async () => {
    const answers = await fromMany(hasty, 25, (partner) => partner.request("GET", target));
    expect(answers.filter(({ status }) => status === 200).length).toBe(10);
    expect(answers.filter(({ status }) => status === 429).length).toBe(15);
    const nonce = randomBytes(16).toString("hex");
    const raced = await fromMany(swift, 8, (partner) => partner.request("GET", target, { nonce }));
    expect(raced.filter(({ status }) => status === 200).length).toBe(1);
    expect(raced.filter(({ status }) => status === 401).length).toBe(7);
    expect(await metric(road, "qiao_counted_alone_total")).toBe(0);
  });

  it(
    "lose no acknowledged effect when one is killed under load, and it is replaced",
    async () => {
      const opened = new Map<string, string>();
      let interrupted = 0;
      const enough = new AbortController();
      onTestFinished(() => enough.abort());
      const ask = async (partner: Partner): Promise<void> => {
        const body = customer();
        const answer = await partner.request("POST", "/v1/customer-accounts", { body }).catch(() => undefined);
        if (answer === undefined) interrupted += 1;
        else if (answer.status === 201) opened.set(String(body["reference"]), (answer.body as { id: string }).id);
        else throw new Error(answer.text);
      };
      const partners = Array.from({ length: 6 }, () => road.as(swift));
      let onRound = (): void => undefined;
      const sending = async (): Promise<void> => {
        while (!enough.signal.aborted) {
          const round = Promise.all(partners.map(ask));
          onRound();
          await round;
          await sleep(20);
        }
      };
      const senders = sending();
      await until("load", () => opened.size > 20);
      const [victim] = await road.status();
      if (victim === undefined) throw new Error("no worker");
      // Right behind a round of requests, so that some of them are under way there.
      onRound = () => {
        onRound = () => undefined;
        setTimeout(() => process.kill(victim.pid, "SIGKILL"), 2);
      };
      await until("its death", async () => (await road.status()).every(({ pid }) => pid !== victim.pid));
      const atDeath = opened.size;
      await road.untilReady(2);
      await until("load after it", () => opened.size > atDeath + 10);
      enough.abort();
      await senders;

      expect(interrupted).toBeGreaterThan(0);
      const reader = road.as(swift);
      for (const id of opened.values()) {
        expect(await reader.request("GET", `/v1/customer-accounts/${id}`)).toMatchObject({ status: 200, body: { id } });
      }
      expect(new Set(opened.values()).size).toBe(opened.size);
      const pids = (await road.status()).map(({ pid }) => pid);
      expect(pids).not.toContain(victim.pid);
      expect(await metric(road, 'qiao_alarms_total{what="worker died"}')).toBe(1);
      // The replacement takes connections too.
      const [, replacement] = (await road.status()).map(({ worker }) => worker).toSorted((a, b) => a - b);
      await fromMany(swift, 8, (partner) => partner.request("GET", target));
      await expect
        .poll(() => road.lines().some(({ msg, worker }) => msg === "call" && worker === replacement))
        .toBe(true);
    },
    loadTimeoutMs,
  );

  it("drain on SIGTERM: what is under way is answered, and all end well", async () => {
    const slow = { ...person, name: "张慢速", reference: "KYC-SLOW" };
    const underWay = fromMany(swift, 4, (partner) => partner.request("POST", "/v1/identity-checks", { body: slow }));
    const vendor = road.mocks.find(({ adapter }) => adapter === "tencent-faceid");
    const before = vendor?.exchanges.length ?? 0;
    // The vendor notes a request when it comes, and answers these two seconds later.
    await until("under way", () => vendor?.exchanges.length === before + 4);
    road.process.signal("SIGTERM");
    const answers = await underWay;
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await road.process.exited).toBe(0);
    await expect(fetch(`${road.origin}/livez`)).rejects.toThrow();
  });
});

describe("workers that cannot be", () => {
  afterEach(killLeftovers);

  it("are refused with the embedded store", async () => {
    const partners = [registered("partner", [await newKey()])];
    const store = { file: join(await newDir(), "qiao.sqlite") };
    const road = await startWorkers({ args: ["--workers", "2"], partners, store });
    onTestFinished(() => road.close());
    expect(await road.process.exited).toBe(1);
    expect(road.process.output()).toContain("workers: 2 processes need PostgreSQL (store.url)");
    const odd = await startWorkers({ args: ["--workers", "many"], partners, store });
    onTestFinished(() => odd.close());
    expect(await odd.process.exited).toBe(1);
    expect(odd.process.output()).toBe("usage: gateway [--workers N], N from 1 to 64\n");
  });

  describeOnPostgres("on a database", () => {
    it("without their primary end with it, and the port is free", async () => {
      const partners = [registered("partner", [await newKey()])];
      const road = await startWorkers({ args: ["--workers", "2"], partners, store: { url: await freshSchema() } });
      onTestFinished(() => road.close());
      await road.untilReady(2);
      const pids = (await road.status()).map(({ pid }) => pid);
      road.process.signal("SIGKILL");
      await road.process.exited;
      await until("nobody left", () => !pids.some(lives));
      await expect(fetch(`${road.origin}/livez`)).rejects.toThrow();
    });

    it("that is not migrated end the whole, with the reason once", async () => {
      const partners = [registered("partner", [await newKey()])];
      const store = { url: await freshSchema({ migrated: false }) };
      const road = await startWorkers({ args: ["--workers=2"], partners, store });
      onTestFinished(() => road.close());
      expect(await road.process.exited).toBe(1);
      const told = road.process.output().split("\n");
      expect(told.filter((line) => line.startsWith("store:") && line.includes("npm run migrate")).length).toBe(1);
    });
  });
});

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describeOnPostgres("a gateway whose PostgreSQL is away at the start", () => {
  const keys = [{ id: "1", key: randomBytes(32).toString("base64url") }];

  it("stays up, refuses signed what needs it, and is ready as soon as it answers", async () => {
    const proxy = await databaseProxy(await freshSchema());
    await proxy.down();
    const key = await newKey();
    const road = await openGateway({ partners: [registered("partner", [key])], store: { url: proxy.url, keys } });
    onTestFinished(() => road.close());
    const { origin, adminOrigin } = road.gateway;
    const partner = road.as(key.jwk);
    expect((await fetch(`${origin}/livez`)).status).toBe(200);
    for (const door of [origin, adminOrigin]) {
      const readyz = await fetch(`${door}/readyz`);
      expect(readyz.status).toBe(503);
      expect(await readyz.json()).toEqual({ status: "not ready", reason: "store unavailable" });
    }
    for (const [method, path] of [
      ["GET", target],
      ["POST", "/v1/webhook-endpoints"],
    ] as const) {
      const body = method === "POST" ? { body: { url: "http://127.0.0.1:4999/hook", types: ["*"] } } : {};
      const refused = await partner.request(method, path, body);
      expect(refused).toMatchObject({
        status: 503,
        verified: true,
        body: { code: "store_unavailable", retry: "after" },
      });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    }
    const said = road.lines.filter(({ alarm }) => alarm === "store away at start");
    expect(said.length).toBe(1);
    expect(JSON.stringify(said)).toContain("ECONNREFUSED");

    await proxy.up();
    await road.gateway.ready;
    expect((await fetch(`${adminOrigin}/readyz`)).status).toBe(200);
    expect(await partner.request("GET", target)).toMatchObject({ status: 200 });
    const made = await partner.request("POST", "/v1/webhook-endpoints", {
      body: { url: "http://127.0.0.1:4999/hook", types: ["*"] },
    });
    expect(made.status).toBe(201);
    // What was refused meanwhile has no row in the chain, and the log says how many.
    expect(road.lines.find(({ alarm }) => alarm === "evidence_unrecorded")).toMatchObject({ entries: 2 });
  });

  it("can be stopped while it waits", async () => {
    const proxy = await databaseProxy(await freshSchema());
    await proxy.down();
    const road = await openGateway({
      partners: [registered("partner", [await newKey()])],
      store: { url: proxy.url, keys },
    });
    const refused = expect(road.gateway.ready).rejects.toThrow(/before the database answered/);
    await road.close();
    await refused;
  });

  it("ends when the database answers and is not the right one", async () => {
    const proxy = await databaseProxy(await freshSchema({ migrated: false }));
    await proxy.down();
    const partners = [registered("partner", [await newKey()])];
    const road = await openGateway({ partners, store: { url: proxy.url, keys } });
    onTestFinished(() => road.close());
    const refused = expect(road.gateway.ready).rejects.toThrow(/npm run migrate/);
    await proxy.up();
    await refused;
  });

  it("does not start with a login that the database refuses, and says what to look at", async () => {
    const url = new URL(await freshSchema());
    url.pathname = "/no_such_database";
    const partners = [registered("partner", [await newKey()])];
    await expect(openGateway({ partners, store: { url: url.href, keys } })).rejects.toThrow(
      /3D000.*\n.*name of the database in store\.url/,
    );
  });
});
