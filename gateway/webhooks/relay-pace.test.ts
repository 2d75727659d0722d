import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { deliver, hasty, openSink, openStore, register, tell, until } from "./outbox.fixture.ts";
import type { Running, Sink } from "./outbox.fixture.ts";

const slowAfterMs = 300;
const blockedMs = 800;
const queued = 12;
const limits = { ...hasty, attemptDeadlineMs: 2_000, slowAfterMs, maxInFlightPerHost: 4 };

interface Scene extends Running {
  sink: Sink;
  /** The most that the host was asked at once. */
  most(): number;
}

/** A host that takes so long for each answer; the first delivery is under way, and more wait. */
async function underWay(answerMs: number): Promise<Scene> {
  const store = await openStore();
  let now = 0;
  let most = 0;
  const sink = await openSink((response) => {
    now += 1;
    most = Math.max(most, now);
    setTimeout(() => {
      now -= 1;
      response.writeHead(204).end();
    }, answerMs);
  });
  await register(store, "a", sink.origin);
  await tell(store, "first");
  const running = deliver(store, limits);
  await until("the first is under way", () => sink.arrived.length === 1);
  // In one commit: the first must still be under way behind it.
  await Promise.all(Array.from({ length: queued }, (_, n) => tell(store, `later${n}`)));
  running.relay.nudge();
  return { ...running, sink, most: () => most };
}

function block(forMs: number): void {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}

describe("a host's pace", () => {
  it("is its own: while this process stands still nobody is slow", async () => {
    const { reports, most } = await underWay(slowAfterMs / 2);
    block(blockedMs);
    await until("all", () => reports.length === queued + 1);
    expect(reports[0]?.durationMs).toBeGreaterThan(slowAfterMs);
    expect(most()).toBe(limits.maxInFlightPerHost);
  });

  it("is slow when the host is, however busy this process was meanwhile", async () => {
    const { reports, most } = await underWay(4 * slowAfterMs);
    for (const untilMs = performance.now() + blockedMs; performance.now() < untilMs; await sleep(0)) block(5);
    await until("the first", () => reports.length > 0);
    await sleep(slowAfterMs);
    expect(most()).toBe(1);
  });
});
