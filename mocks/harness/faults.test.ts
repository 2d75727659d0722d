import { afterEach, describe, expect, it } from "vitest";
import type { RunningMock, WireAnswer } from "../types.ts";
import { fictitious, order, spoilt } from "./fictitious.fixture.ts";
import { bodyOf, declaredLength, getOrder, raw } from "./raw.fixture.ts";
import { startMock } from "./start.ts";

const whole = String(order.body);
let mock: RunningMock | undefined;

async function answering(answer: WireAnswer): Promise<string> {
  mock = await startMock(fictitious(() => answer));
  return mock.origin;
}

afterEach(async () => {
  await mock?.stop();
  mock = undefined;
});

describe("wire faults, seen from a bare socket", () => {
  it("none: the whole answer", async () => {
    const result = await raw(await answering(order), getOrder, 100);
    expect(result.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(bodyOf(result)).toBe(whole);
  });

  it("hang: not one byte, and the connection stays open", async () => {
    const result = await raw(await answering(spoilt("hang")), getOrder, 250);
    expect(result).toMatchObject({ text: "", end: "patience" });
  });

  it("hang_after_headers: the head with a length, then silence", async () => {
    const result = await raw(await answering(spoilt("hang_after_headers")), getOrder, 250);
    expect(result.end).toBe("patience");
    expect(declaredLength(result)).toBe(whole.length);
    expect(bodyOf(result)).toBe("");
  });

  it("drip: the head at once, then one byte every 50 ms, and it does end", async () => {
    const origin = await answering({ ...spoilt("drip"), body: "12345678" });
    const result = await raw(origin, getOrder, 2_000 + 8 * 50);
    const gaps = result.arrivedMs.slice(1).map((at, index) => at - (result.arrivedMs[index] ?? 0));
    expect(bodyOf(result)).toBe("12345678");
    expect(gaps).toHaveLength(8);
    expect(Math.min(...gaps.slice(1))).toBeGreaterThan(20);
    expect(gaps.reduce((sum, gap) => sum + gap)).toBeGreaterThan(8 * 50 - 60);
  });

  it("reset: RST before a byte of the answer", async () => {
    const result = await raw(await answering(spoilt("reset")), getOrder);
    expect(result).toMatchObject({ text: "", end: "ECONNRESET" });
  });

  it("reset_mid_body: the head and half of the body, then RST", async () => {
    const result = await raw(await answering(spoilt("reset_mid_body")), getOrder);
    expect(result.end).toBe("ECONNRESET");
    expect(declaredLength(result)).toBe(whole.length);
    expect(bodyOf(result)).toBe(whole.slice(0, Math.floor(whole.length / 2)));
  });

  it("truncate: FIN short of the declared length, also where there was no body to cut", async () => {
    const result = await raw(await answering(spoilt("truncate")), getOrder);
    expect(result.end).toBe("fin");
    expect(bodyOf(result).length).toBeGreaterThan(0);
    expect(bodyOf(result).length).toBeLessThan(declaredLength(result));
    await mock?.stop();

    const empty = await raw(await answering({ status: 200, fault: "truncate" }), getOrder);
    expect(empty.end).toBe("fin");
    expect(declaredLength(empty)).toBeGreaterThan(bodyOf(empty).length);
  });

  it("html_502: a proxy's page instead of the answer", async () => {
    const result = await raw(await answering(spoilt("html_502")), getOrder, 100);
    expect(result.text).toMatch(/^HTTP\/1\.1 502 /);
    expect(result.text).toMatch(/content-type: text\/html/i);
    expect(bodyOf(result)).toContain("<h1>502 Bad Gateway</h1>");
    expect(result.text).not.toContain("amount");
  });

  it("delayMs holds the answer back", async () => {
    const result = await raw(await answering({ ...order, delayMs: 120 }), getOrder, 300);
    expect(result.arrivedMs[0]).toBeGreaterThan(110);
    expect(bodyOf(result)).toBe(whole);
  });

  it("a spoilt answer is no violation", async () => {
    await raw(await answering({ ...spoilt("truncate"), body: "not JSON" }), getOrder);
    expect(mock?.violations).toEqual([]);
  });
});
