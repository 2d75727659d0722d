import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "#signature";
import {
  deliver,
  endpointOf,
  fail,
  gatewayKey,
  hang,
  ids,
  ok,
  openSink,
  openStore,
  register,
  statusOf,
  tell,
  until,
  hasty,
} from "./outbox.fixture.ts";
import type { Arrived } from "./outbox.fixture.ts";

/** Begins an answer and never ends its header. */
const drip = (response: ServerResponse): void => {
  const timer = setInterval(() => response.socket?.write("X"), 20);
  response.on("close", () => clearInterval(timer));
  response.socket?.write("HTTP/1.1 200 OK\r\nX-");
};

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
