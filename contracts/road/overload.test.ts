/** More than can be done: refused early, signed, fairly, and only as long as it lasts. */
import { afterEach, describe, expect, it } from "vitest";
import { createAdmission } from "../../gateway/inbound/overload/index.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway } from "./gateway.fixture.ts";

const windowMs = 50;
/** Any lag is too much: the way in behaves as under a load that never ends. */
const alwaysLate = {
  targetLagMs: -1,
  busyShare: 0,
  lateWindows: 1,
  minInFlight: 0,
  windowMs,
  tickMs: 2,
  minTakenPerWindow: 10,
};
const callsAtOnce = 40;

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

async function overloaded(): Promise<{ greedy: ReturnType<Gateway["as"]>; modest: ReturnType<Gateway["as"]> }> {
  const [greedy, modest] = [await newKey(), await newKey()];
  const partners = [registered("greedy", [greedy]), registered("modest", [modest])];
  gateway = await openGateway({ partners }, { overload: alwaysLate });
  return { greedy: gateway.as(greedy.jwk), modest: gateway.as(modest.jwk) };
}

describe("a gateway with more to do than it can", () => {
  it("refuses with a signed 503 and Retry-After, tells when to return, and goes on with the rest", async () => {
    const { greedy } = await overloaded();
    const seen: { status: number; body: unknown; headers: Readonly<Record<string, string>> }[] = [];
    for (let round = 0; round < 8; round += 1) {
      const calls = Array.from({ length: callsAtOnce }, () => greedy.request("GET", "/v1/capabilities"));
      seen.push(...(await Promise.all(calls)));
    }
    const refused = seen.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(callsAtOnce);
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200, 503]));
    for (const { body, headers } of refused) {
      expect(body).toMatchObject({ code: "overloaded", retry: "after", origin: "gateway" });
      expect(headers["retry-after"]).toMatch(/^[123]$/);
      expect(headers["request-id"]).toBe((body as { requestId: string }).requestId);
    }
    expect(gateway?.lines.filter(({ msg }) => msg === "overloaded: calls are refused")).toHaveLength(1);
    const metrics = await fetch(`${gateway?.gateway.adminOrigin}/metrics`).then((answer) => answer.text());
    expect(Number(/^qiao_shed_total (\d+)$/m.exec(metrics)?.[1])).toBe(refused.length);
  });

  it("takes a body that it does not read, and the connection goes on", async () => {
    const { greedy } = await overloaded();
    const body = { type: "id_two_factor", name: "x".repeat(2_000), nationalId: "11010519491231002X", reference: "r" };
    const statuses = new Set<number>();
    for (let round = 0; round < 6; round += 1) {
      const calls = Array.from({ length: callsAtOnce }, () => greedy.request("POST", "/v1/identity-checks", { body }));
      for (const { status } of await Promise.all(calls)) statuses.add(status);
    }
    // What is taken is judged: this name is too long.
    expect(statuses).toEqual(new Set([400, 503]));
  });

  it("leaves a partner that asks for little alone, whatever another does", async () => {
    const { greedy, modest } = await overloaded();
    const statuses = { greedy: [] as number[], modest: [] as number[] };
    for (let round = 0; round < 12; round += 1) {
      const flood = Array.from({ length: callsAtOnce }, () => greedy.request("GET", "/v1/capabilities"));
      const one = await modest.request("GET", "/v1/capabilities");
      statuses.modest.push(one.status);
      statuses.greedy.push(...(await Promise.all(flood)).map(({ status }) => status));
    }
    const share = (of: number[]): number => of.filter((status) => status === 200).length / of.length;
    expect(share(statuses.greedy)).toBeLessThan(0.5);
    expect(share(statuses.modest)).toBeGreaterThan(0.8);
  });

  it("answers probes and publishes its keys all the same", async () => {
    const { greedy } = await overloaded();
    await Promise.all(Array.from({ length: callsAtOnce * 4 }, () => greedy.request("GET", "/v1/capabilities")));
    const origin = gateway?.gateway.origin ?? "";
    for (const path of ["/livez", "/readyz", "/.well-known/jwks.json"]) {
      const answers = await Promise.all(Array.from({ length: callsAtOnce }, () => fetch(origin + path)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
  });
});

describe("the way in", () => {
  it("takes everything while the event loop keeps up, and again when it does", async () => {
    const changes: boolean[] = [];
    const admission = createAdmission(
      { isKnown: () => true, onChange: (shedding) => changes.push(shedding) },
      { targetLagMs: 30, windowMs, tickMs: 5, minTakenPerWindow: 5, lateWindows: 3, minInFlight: 0 },
    );
    const offer = (count: number): number =>
      Array.from({ length: count }, () => admission.takes("k")).filter(Boolean).length;
    expect(offer(100)).toBe(100);
    // A loop that is always busy for longer than the target.
    const untilMs = performance.now() + 600;
    while (performance.now() < untilMs) {
      const busyUntilMs = performance.now() + 80;
      while (performance.now() < busyUntilMs);
      offer(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(admission.isShedding()).toBe(true);
    await expect.poll(() => (offer(1), admission.isShedding()), { timeout: 5_000, interval: 10 }).toBe(false);
    expect(changes).toEqual([true, false]);
    admission.stop();
  });

  it("does not let a forged claim use up its owner's share", async () => {
    const admission = createAdmission({ isKnown: (keyid) => keyid === "victim" || keyid === "other" }, alwaysLate);
    const wait = () => new Promise((resolve) => setTimeout(resolve, windowMs));
    for (let window = 0; window < 6; window += 1) {
      for (let at = 0; at < 200; at += 1) if (admission.takes("other")) admission.verified("other");
      // Nobody proves these.
      for (let at = 0; at < 3; at += 1) admission.takes("victim");
      await wait();
    }
    expect(admission.isShedding()).toBe(true);
    for (let at = 0; at < 3; at += 1) admission.takes("victim");
    expect(admission.takes("victim")).toBe(true);
    admission.stop();
  });
});
