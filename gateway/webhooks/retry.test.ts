import { describe, expect, it } from "vitest";
import { maxRetryAfterMs, relayLimits, retryJitter } from "./limits.ts";
import { errorOf, retryAfterMs, verdictOf } from "./retry.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const { retryDelaysMs } = relayLimits;
const verdict = (status: number | undefined, number: number, random = 0, retryAfter?: string) =>
  verdictOf(
    { ...(status === undefined ? {} : { status }), ...(retryAfter === undefined ? {} : { retryAfter }) },
    number,
    nowMs,
    { retryDelaysMs, random },
  );

describe("the schedule", () => {
  it("grows, and lasts about three days", () => {
    expect(retryDelaysMs.toSorted((a, b) => a - b)).toEqual(retryDelaysMs);
    const days = retryDelaysMs.reduce((sum, delay) => sum + delay, 0) / 86_400_000;
    expect(days).toBeGreaterThan(2.5);
    expect(days * (1 + retryJitter)).toBeLessThan(4);
  });

  it("is spread by the jitter, never shortened", () => {
    for (const [index, delay] of retryDelaysMs.entries()) {
      expect(verdict(500, index + 1, 0)).toEqual({ outcome: "retry", nextAttemptAtMs: nowMs + delay });
      const latest = verdict(500, index + 1, 0.999_999);
      if (latest.outcome !== "retry") throw new Error("not tried again");
      expect(latest.nextAttemptAtMs - nowMs - delay).toBeCloseTo(delay * retryJitter, -3);
    }
    expect(verdict(500, retryDelaysMs.length + 1)).toEqual({ outcome: "given_up" });
  });

  it("leaves a lease long enough for an attempt, and an attempt time to connect", () => {
    const { leaseMs, attemptDeadlineMs, maxInFlight, maxInFlightNew, maxInFlightSlow } = relayLimits;
    expect(leaseMs).toBeGreaterThan(3 * attemptDeadlineMs);
    // Hosts that hang, and those that may, leave room for those that answer.
    expect(maxInFlightNew + maxInFlightSlow).toBeLessThanOrEqual(maxInFlight / 2);
  });
});

describe("an answer", () => {
  it.each([
    [200, "delivered"],
    [204, "delivered"],
    [299, "delivered"],
    [410, "gone"],
    [301, "retry"],
    [304, "retry"],
    [307, "retry"],
    [400, "retry"],
    [401, "retry"],
    [404, "retry"],
    [429, "retry"],
    [500, "retry"],
    [503, "retry"],
    [undefined, "retry"],
  ])("%s: %s", (status, outcome) => expect(verdict(status, 1).outcome).toBe(outcome));

  it.each([
    ["7200", nowMs + 7_200_000],
    ["Sun, 22 Nov 2026 14:00:00 GMT", nowMs + 7_200_000],
    ["1", nowMs + (retryDelaysMs[0] ?? 0)],
    ["999999999", nowMs + maxRetryAfterMs],
    ["Sun, 22 Nov 2099 14:00:00 GMT", nowMs + maxRetryAfterMs],
    ["Sun, 22 Nov 2020 14:00:00 GMT", nowMs + (retryDelaysMs[0] ?? 0)],
    ["soon", nowMs + (retryDelaysMs[0] ?? 0)],
  ])("with Retry-After: %s is tried again at %s", (retryAfter, nextAttemptAtMs) => {
    expect(verdict(503, 1, 0, retryAfter)).toEqual({ outcome: "retry", nextAttemptAtMs });
  });

  it.each([
    "",
    " 5",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "9999999999",
    "2026-11-22T14:00:00Z",
    "Sun, 99 Nov 2026 14:00:00 GMT",
  ])("%j is no Retry-After", (text) => expect(retryAfterMs(text, nowMs)).toBeUndefined());

  it("is named in the attempt when it was not taken", () => {
    expect(errorOf({ status: 204 })).toBeUndefined();
    expect(errorOf({ status: 302 })).toBe("redirect");
    expect(errorOf({ status: 503 })).toBe("answer");
    expect(errorOf({ error: "timeout" })).toBe("timeout");
  });
});
