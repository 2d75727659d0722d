import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { verifyWebhook } from "#signature";
import { StoreError } from "#store";
import { createGuard } from "./guard.ts";
import {
  deliver,
  endpointOf,
  fail,
  gatewayKey,
  hang,
  hasty,
  ok,
  openSink,
  openStore,
  register,
  tell,
  until,
} from "./outbox.fixture.ts";
import type { Arrived } from "./outbox.fixture.ts";

const statusOf = async (store: Awaited<ReturnType<typeof openStore>>, event: string) =>
  (await store.deliveries(event)).map(({ status }) => status);
const drip = (response: ServerResponse): void => {
  const timer = setInterval(() => response.socket?.write("X"), 20);
  response.on("close", () => clearInterval(timer));
  response.socket?.write("HTTP/1.1 200 OK\r\nX-");
};
const ids = (arrived: readonly Arrived[]): unknown[] => arrived.map(({ headers }) => headers["webhook-id"]);

describe("a delivery", () => {
  it("is the same bytes under one id on every attempt, signed afresh, and counted", async () => {
    const store = await openStore();
    const sink = await openSink((response, _arrived, nth) => response.writeHead(nth < 3 ? 503 : 200).end("thanks"));
    const url = `${sink.origin}/hooks?tenant=1`;
    await register(store, "a", url);
    await tell(store, "one");
    const { reports } = deliver(store, { ...hasty, retryDelaysMs: [1_000, 20] });
    await until("delivered", async () => (await statusOf(store, "evt_one-2"))[0] === "delivered");
    const bodies = new Set(sink.arrived.map(({ body }) => body.toString()));
    expect([...bodies].map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        id: "evt_one-2",
        type: "instalment.paid",
        createdAt: expect.stringMatching(/Z$/) as string,
        data: { id: "ins_one", name: "王小明", version: 2 },
      },
    ]);
    expect(ids(sink.arrived)).toEqual(["evt_one-2", "evt_one-2", "evt_one-2"]);
    const verdicts = sink.arrived.map(({ rawHeaders, body, atMs }) =>
      verifyWebhook({ url, rawHeaders, body, nowMs: atMs, resolveKey: () => gatewayKey }),
    );
    expect(verdicts.map((verdict) => verdict.ok && verdict.webhookId)).toEqual(["evt_one-2", "evt_one-2", "evt_one-2"]);
    const created = verdicts.map((verdict) => (verdict.ok ? verdict.created : 0));
    expect(created[1]).toBeGreaterThan(created[0] ?? 0);
    const [delivery] = await store.deliveries("evt_one-2");
    expect(await store.attempts(delivery?.id ?? "")).toMatchObject([
      { number: 1, status: 503, error: "answer" },
      { number: 2, status: 503, error: "answer" },
      { number: 3, status: 200 },
    ]);
    await until("reported", () => reports.length === 3);
    expect(reports.map(({ outcome, number }) => [outcome, number])).toEqual([
      ["retry", 1],
      ["retry", 2],
      ["delivered", 3],
    ]);
    expect(JSON.stringify(reports)).not.toContain("tenant");
    expect(JSON.stringify(reports)).not.toContain("王小明");
  });

  it("wakes at once when nudged, whatever the poll", async () => {
    const store = await openStore();
    const sink = await openSink(ok);
    await register(store, "a", sink.origin);
    const { relay } = deliver(store, { ...hasty, pollEveryMs: 60_000 });
    await sleep(50);
    await tell(store, "one");
    relay.nudge();
    await until("delivered", () => sink.arrived.length === 1, 500);
    expect(ids(sink.arrived)).toEqual(["evt_one-2"]);
  });

  it("is given up after the last pause, and not before", async () => {
    const store = await openStore();
    const sink = await openSink(fail);
    await register(store, "a", sink.origin);
    await tell(store, "one");
    deliver(store);
    await until("given up", async () => (await statusOf(store, "evt_one-2"))[0] === "given_up");
    expect(sink.arrived.length).toBe(4);
    expect((await endpointOf(store, "whe_a")).status).toBe("active");
  });

  it("ends with 410, which disables the endpoint; what waits stays for the day it is resumed", async () => {
    const store = await openStore();
    let gone = true;
    const sink = await openSink((response) => response.writeHead(gone ? 410 : 200).end());
    await register(store, "a", sink.origin);
    await tell(store, "one", 2);
    const { relay } = deliver(store);
    await until("disabled", async () => (await endpointOf(store, "whe_a")).status === "disabled");
    expect(await endpointOf(store, "whe_a")).toMatchObject({ disabledBecause: "gone" });
    await sleep(100);
    expect(sink.arrived.length).toBe(1);
    gone = false;
    await store.changeEndpoint("whe_a", { status: "active" }, Date.now());
    relay.nudge();
    await until("the next one", async () => (await statusOf(store, "evt_one-3"))[0] === "delivered");
    expect(ids(sink.arrived)).toEqual(["evt_one-2", "evt_one-3"]);
  });

  it.each([
    ["Retry-After in seconds", "1", true],
    ["Retry-After as a date", new Date(Date.now() + 3_600_000).toUTCString(), true],
    ["a Retry-After that makes no sense", "in a while", false],
    ["a negative Retry-After", "-5", false],
    ["a Retry-After shorter than our pause", "0", false],
  ])("honours %s", async (_what, value, waits) => {
    const store = await openStore();
    const sink = await openSink((response, _arrived, nth) =>
      response.writeHead(nth === 1 ? 429 : 200, { "Retry-After": value }).end(),
    );
    await register(store, "a", sink.origin);
    await tell(store, "one");
    deliver(store);
    await until("the first attempt", async () => (await store.deliveries("evt_one-2"))[0]?.attempts === 1);
    await sleep(200);
    expect(sink.arrived.length).toBe(waits ? 1 : 2);
  });

  it("does not follow a redirect", async () => {
    const store = await openStore();
    const inner = await openSink(ok);
    const sink = await openSink((response) => response.writeHead(307, { Location: `${inner.origin}/admin` }).end());
    await register(store, "a", sink.origin);
    await tell(store, "one");
    const { reports } = deliver(store);
    await until("two attempts", () => reports.length >= 2);
    expect(inner.connections()).toBe(0);
    expect(reports[0]).toMatchObject({ outcome: "retry", status: 307, error: "redirect" });
  });

  it("takes 64 KiB of an answer and no more; its status counts", async () => {
    const store = await openStore();
    let sent = 0;
    let cut = false;
    const sink = await openSink((response) => {
      response.writeHead(200);
      response.on("close", () => (cut = !response.writableFinished));
      const more = (): void => {
        while (sent < 64 * 1024 * 1024) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    await register(store, "a", sink.origin);
    await tell(store, "one");
    deliver(store);
    await until("delivered", async () => (await statusOf(store, "evt_one-2"))[0] === "delivered");
    await until("cut", () => cut);
    // What the sockets' own buffers take, and not the 64 MiB.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it.each([
    ["says nothing", hang],
    ["drips its header", drip],
  ])("ends at the deadline with a host that %s", async (_what, answer) => {
    const store = await openStore();
    const sink = await openSink(answer);
    await register(store, "a", sink.origin);
    await tell(store, "one");
    const { reports } = deliver(store, { ...hasty, attemptDeadlineMs: 150 });
    await until("an attempt", () => reports.length >= 1);
    expect(reports[0]).toMatchObject({ outcome: "retry", error: "timeout" });
    expect(reports[0]?.durationMs).toBeGreaterThan(140);
    expect(reports[0]?.durationMs).toBeLessThan(600);
  });

  it("names what the network did", async () => {
    const store = await openStore();
    const reset = await openSink((response) => void response.socket?.destroy());
    const noise = await openSink((response) => void response.socket?.end("SSH-2.0-OpenSSH_9.6\r\n"));
    await register(store, "reset", reset.origin);
    await register(store, "noise", noise.origin);
    await register(store, "refused", "http://127.0.0.1:1024/");
    await register(store, "blocked", "https://10.0.0.1/");
    await tell(store, "one");
    const { reports } = deliver(store);
    await until("one attempt each", () => new Set(reports.map(({ endpointId }) => endpointId)).size === 4);
    const errors = Object.fromEntries(reports.map(({ endpointId, error }) => [endpointId, error]));
    expect(errors).toEqual({
      whe_reset: "reset",
      whe_noise: "answer",
      whe_refused: "refused",
      whe_blocked: "blocked_address",
    });
  });

  it("also carries Standard Webhooks' signature, by each secret that is alive", async () => {
    const store = await openStore();
    const sink = await openSink(ok);
    const secret = (fill: number): string => `whsec_${Buffer.alloc(32, fill).toString("base64")}`;
    const nowMs = Date.now();
    const secrets = [
      { secret: secret(1), createdAtMs: nowMs },
      { secret: secret(2), createdAtMs: 0, expiresAtMs: nowMs + 60_000 },
      { secret: secret(3), createdAtMs: 0, expiresAtMs: nowMs - 1 },
    ];
    await register(store, "a", sink.origin, { secrets });
    await register(store, "plain", `${sink.origin}/plain`);
    await tell(store, "one");
    deliver(store);
    await until("both", () => sink.arrived.length === 2);
    const plain = sink.arrived.find(({ path }) => path === "/plain");
    expect(Object.keys(plain?.headers ?? {}).filter((name) => /^webhook-(?:signature|timestamp)$/.test(name))).toEqual(
      [],
    );
    const { headers, body } = sink.arrived.find(({ path }) => path === "/") as Arrived;
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body.toString()}`;
    const expected = [1, 2].map(
      (fill) => `v1,${createHmac("sha256", Buffer.alloc(32, fill)).update(signed).digest("base64")}`,
    );
    expect(headers["webhook-signature"]).toBe(expected.join(" "));
  });
});

describe("order and sharing", () => {
  it("events of one resource arrive in their order, while another's overtake", async () => {
    const store = await openStore();
    let broken = true;
    const sink = await openSink((response, { headers }) =>
      response.writeHead(broken && headers["webhook-id"] === "evt_one-2" ? 500 : 200).end(),
    );
    await register(store, "a", sink.origin);
    await tell(store, "one", 3);
    await tell(store, "two", 1);
    deliver(store, { ...hasty, retryDelaysMs: Array.from({ length: 40 }, () => 20) });
    await until("the other resource's", () => ids(sink.arrived).includes("evt_two-2"));
    await until("some attempts", () => sink.arrived.length > 4);
    expect(ids(sink.arrived)).not.toContain("evt_one-3");
    broken = false;
    await until("the last", () => ids(sink.arrived).includes("evt_one-4"));
    expect(ids(sink.arrived).filter((id) => id !== "evt_two-2" && id !== "evt_one-2")).toEqual([
      "evt_one-3",
      "evt_one-4",
    ]);
  });

  it("one that is given up lets the next one of its resource go", async () => {
    const store = await openStore();
    const sink = await openSink((response, { headers }) =>
      response.writeHead(headers["webhook-id"] === "evt_one-2" ? 500 : 200).end(),
    );
    await register(store, "a", sink.origin);
    await tell(store, "one", 2);
    deliver(store);
    await until("the next", async () => (await statusOf(store, "evt_one-3"))[0] === "delivered");
    expect(await statusOf(store, "evt_one-2")).toEqual(["given_up"]);
  });

  it("two relays on one store deliver each event once", async () => {
    const store = await openStore();
    const sink = await openSink((response) => void setTimeout(() => response.writeHead(200).end(), 5));
    await register(store, "a", sink.origin);
    await Promise.all(Array.from({ length: 60 }, (_, n) => tell(store, `r${n}`)));
    const first = deliver(store);
    const second = deliver(store);
    await until("all", async () => (await store.backlog(Date.now())).pending === 0);
    expect(new Set(ids(sink.arrived)).size).toBe(60);
    expect(sink.arrived.length).toBe(60);
    await until("reported", () => first.reports.length + second.reports.length === 60);
  });

  it("an attempt that could not be recorded is made again under the same id when its lease has run out", async () => {
    const store = await openStore();
    const sink = await openSink(ok);
    await register(store, "a", sink.origin);
    await tell(store, "one");
    let away = true;
    const settleDelivery: typeof store.settleDelivery = (input) =>
      away ? Promise.reject(new StoreError("store_unavailable", "away")) : store.settleDelivery(input);
    const { faults } = deliver(store, { ...hasty, leaseMs: 500 }, { store: { settleDelivery } });
    await until("the first", () => sink.arrived.length === 1);
    await until("told", () => faults.length === 1);
    away = false;
    await until("the second", () => sink.arrived.length === 2);
    await until("delivered", async () => (await statusOf(store, "evt_one-2"))[0] === "delivered");
    expect(ids(sink.arrived)).toEqual(["evt_one-2", "evt_one-2"]);
  });

  it("goes on when the store was away", async () => {
    const store = await openStore();
    const sink = await openSink(ok);
    await register(store, "a", sink.origin);
    await tell(store, "one");
    let away = 2;
    const dueDeliveries: typeof store.dueDeliveries = (input) => {
      away -= 1;
      return away >= 0 ? Promise.reject(new StoreError("store_busy", "busy")) : store.dueDeliveries(input);
    };
    const { faults } = deliver(store, { ...hasty, pauseAfterFaultMs: 20 }, { store: { dueDeliveries } });
    await until("delivered", () => sink.arrived.length === 1);
    expect(faults.length).toBe(2);
  });

  it("stop lets the attempts under way be recorded and leases nothing more", async () => {
    const store = await openStore();
    const sink = await openSink((response) => void setTimeout(() => response.writeHead(200).end(), 100));
    await register(store, "a", sink.origin);
    await tell(store, "one", 2);
    const { relay } = deliver(store);
    await until("under way", () => sink.arrived.length === 1);
    await relay.stop();
    expect(await statusOf(store, "evt_one-2")).toEqual(["delivered"]);
    await sleep(150);
    expect(ids(sink.arrived)).toEqual(["evt_one-2"]);
  });
});

describe("a host that is down harms nobody else", () => {
  it("10,000 queued to hosts that hang, while another's stay prompt", async () => {
    const store = await openStore();
    const dead = await openSink(hang);
    const well = await openSink(ok);
    await register(store, "well", `${well.origin}/`, { types: ["instalment.closed"] });
    for (let n = 0; n < 4; n += 1) await register(store, `dead${n}`, `${dead.origin}/${n}`);
    // Four endpoints at one host, 2,500 resources each with something to tell.
    for (let done = 0; done < 2_500; done += 250) {
      await Promise.all(Array.from({ length: 250 }, (_, n) => tell(store, `r${done + n}`)));
    }
    expect((await store.backlog(Date.now())).pending).toBe(10_000);
    const { relay, reports } = deliver(store, { retryDelaysMs: [60_000], attemptDeadlineMs: 300, slowAfterMs: 200 });
    await until("the dead host is being tried", () => dead.arrived.length > 0);
    const latenciesMs: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      // The dead endpoints want it too.
      await tell(store, `well${n}`, 1, "instalment.closed");
      const startedMs = performance.now();
      relay.nudge();
      await until("delivered", () => well.arrived.length === n + 1, 2_000);
      latenciesMs.push(performance.now() - startedMs);
      await sleep(20);
    }
    const sorted = latenciesMs.toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(250);
    // One at a time to a host that hangs: it costs a connection, not the process.
    const tried = reports.filter(({ endpointId }) => endpointId.startsWith("whe_dead"));
    expect(tried.length).toBeGreaterThan(1);
    expect(tried.length).toBeLessThan(40);
    expect(tried.every(({ error }) => error === "timeout")).toBe(true);
  });

  it("many dead hosts keep their share: one that answers is served among them", async () => {
    const store = await openStore();
    const dead = await Promise.all(Array.from({ length: 12 }, () => openSink(hang)));
    const well = await openSink(ok);
    for (const [n, sink] of dead.entries()) await register(store, `dead${n}`, sink.origin);
    await Promise.all(Array.from({ length: 30 }, (_, n) => tell(store, `r${n}`)));
    const limits = {
      ...hasty,
      attemptDeadlineMs: 400,
      slowAfterMs: 200,
      maxInFlight: 8,
      maxInFlightNew: 2,
      maxInFlightSlow: 2,
    };
    const { relay } = deliver(store, limits);
    await register(store, "well", well.origin);
    await tell(store, "first");
    relay.nudge();
    await until("the first, behind hosts nobody knows yet", () => well.arrived.length === 1, 4_000);
    for (let n = 0; n < 10; n += 1) {
      await tell(store, `later${n}`);
      const startedMs = performance.now();
      relay.nudge();
      await until("served", () => ids(well.arrived).includes(`evt_later${n}-2`), 1_000);
      expect(performance.now() - startedMs).toBeLessThan(390);
    }
  });
});

describe("where it connects to", () => {
  const tls = (): { key: string; cert: string } => {
    const dir = mkdtempSync(join(tmpdir(), "qiao-tls-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    const subject = ["-subj", "/CN=hooks.partner.example", "-addext", "subjectAltName=DNS:hooks.partner.example"];
    const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    execFileSync("openssl", [...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  };

  it("to the address that was checked, with the host's own name in TLS and in Host", async () => {
    const store = await openStore();
    const pair = tls();
    const sink = await openSink(ok, pair);
    const guard = createGuard({ allowLoopback: true }, (name) =>
      Promise.resolve(name === "hooks.partner.example" ? ["127.0.0.1"] : []),
    );
    await register(store, "a", `https://hooks.partner.example:${sink.port}/x`);
    await tell(store, "one");
    deliver(store, { ...hasty, attemptDeadlineMs: 2_000 }, { guard, ca: pair.cert });
    await until("delivered", () => sink.arrived.length === 1);
    expect(sink.arrived[0]?.headers.host).toBe(`hooks.partner.example:${sink.port}`);
  });

  it("not with a certificate of another's", async () => {
    const store = await openStore();
    const sink = await openSink(ok, tls());
    await register(store, "a", sink.origin);
    await tell(store, "one");
    const { reports } = deliver(store, { ...hasty, attemptDeadlineMs: 2_000 });
    await until("an attempt", () => reports.length > 0);
    expect(reports[0]).toMatchObject({ error: "tls", outcome: "retry" });
    expect(sink.arrived).toEqual([]);
  });

  it("not when the name that was public at registration leads inside at the attempt, not one connection", async () => {
    const store = await openStore();
    const pair = tls();
    const sink = await openSink(ok, pair);
    let answers = ["93.184.215.14"];
    const guard = createGuard({ allowLoopback: false }, () => Promise.resolve(answers));
    const url = `https://hooks.partner.example:${sink.port}/x`;
    await guard.admit(url);
    await register(store, "a", url);
    await tell(store, "one");
    const { reports } = deliver(store, hasty, { guard, ca: pair.cert });
    answers = ["127.0.0.1"];
    await until("an attempt", () => reports.some(({ error }) => error === "blocked_address"));
    expect(sink.connections()).toBe(0);
    answers = ["93.184.215.14", "127.0.0.1"];
    const seen = reports.length;
    await until("another", () => reports.length > seen);
    expect(reports.at(-1)?.error).toBe("blocked_address");
    expect(sink.connections()).toBe(0);
  });
});
