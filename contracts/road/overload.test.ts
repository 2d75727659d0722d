/** More than can be done: refused early, signed, fairly, and only as long as it lasts. */
import { afterEach, describe, expect, it } from "vitest";
import { createAdmission } from "../../gateway/inbound/overload/index.ts";
import { check } from "./people.fixture.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway } from "./gateway.fixture.ts";

const windowMs = 50;
/** Any lag is too much: the way in behaves as under a load that never ends. */
const alwaysLate = {
  targetLagMs: -1,
  busyShare: 0,
  lateWindows: 1,
  windowMs,
  tickMs: 2,
  maxInFlight: 8,
  minPerWindow: 10,
};
const callsAtOnce = 40;

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

interface Callers {
  greedy: ReturnType<Gateway["as"]>;
  modest: ReturnType<Gateway["as"]>;
}

async function overloaded(): Promise<Callers> {
  const [greedy, modest] = [await newKey(), await newKey()];
  const partners = [registered("greedy", [greedy]), registered("modest", [modest])];
  gateway = await openGateway({ partners }, { adapters: ["tencent-faceid"], overload: alwaysLate });
  return { greedy: gateway.as(greedy.jwk), modest: gateway.as(modest.jwk) };
}

const ask = (who: Callers["greedy"]) => who.request("POST", "/v1/identity-checks", { body: check() });
const flood = (who: Callers["greedy"]) => Promise.all(Array.from({ length: callsAtOnce }, () => ask(who)));

describe("a gateway with more to do than it can", () => {
  it("refuses with a signed 503, says when to return, and does the rest", async () => {
    const { greedy } = await overloaded();
    const seen = [];
    for (let round = 0; round < 6; round += 1) seen.push(...(await flood(greedy)));
    const refused = seen.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(callsAtOnce);
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([201, 503]));
    for (const { body, headers } of refused) {
      expect(body).toMatchObject({ code: "overloaded", retry: "after", origin: "gateway" });
      expect(headers["retry-after"]).toMatch(/^[123]$/);
      expect(headers["request-id"]).toBe((body as { requestId: string }).requestId);
    }
    expect(gateway?.lines.filter(({ msg }) => msg === "overloaded: calls are refused")).toHaveLength(1);
    const metrics = await fetch(`${gateway?.gateway.adminOrigin}/metrics`).then((answer) => answer.text());
    expect(Number(/^qiao_shed_total (\d+)$/m.exec(metrics)?.[1])).toBe(refused.length);
  });

  it("leaves a partner that asks for little alone, whatever another does", async () => {
    const { greedy, modest } = await overloaded();
    const statuses = { greedy: [] as number[], modest: [] as number[] };
    for (let round = 0; round < 12; round += 1) {
      const crowd = flood(greedy);
      statuses.modest.push((await ask(modest)).status);
      statuses.greedy.push(...(await crowd).map(({ status }) => status));
    }
    const share = (of: number[]): number => of.filter((status) => status === 201).length / of.length;
    expect(share(statuses.greedy)).toBeLessThan(0.6);
    expect(share(statuses.modest)).toBeGreaterThan(0.8);
  });

  it("answers probes and publishes its keys all the same", async () => {
    const { greedy } = await overloaded();
    const crowd = flood(greedy);
    const origin = gateway?.gateway.origin ?? "";
    for (const path of ["/livez", "/readyz", "/.well-known/jwks.json"]) {
      const answers = await Promise.all(Array.from({ length: callsAtOnce }, () => fetch(origin + path)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    await crowd;
  });
});

describe("the way in", () => {
  it("takes everything while the event loop keeps up, and again when it does", async () => {
    const changes: boolean[] = [];
    const admission = createAdmission(
      { isKnown: () => true, onChange: (shedding) => changes.push(shedding) },
      { targetLagMs: 30, windowMs, tickMs: 5, lateWindows: 3, maxInFlight: 1 },
    );
    const offer = (count: number): number =>
      Array.from({ length: count }, () => admission.takes("k")).filter(Boolean).length;
    expect(offer(100)).toBe(100);
    // A loop that is always busy for longer than the target.
    const untilMs = performance.now() + 600;
    while (performance.now() < untilMs) {
      const busyUntilMs = performance.now() + 80;
      while (performance.now() < busyUntilMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(admission.isShedding()).toBe(true);
    expect(offer(5)).toBe(0);
    for (let at = 0; at < 100; at += 1) admission.ended();
    await expect.poll(() => admission.isShedding(), { timeout: 5_000, interval: 10 }).toBe(false);
    expect(offer(100)).toBe(100);
    expect(changes).toEqual([true, false]);
    admission.stop();
  });

  it("does not let a forged claim use up its owner's share", async () => {
    const admission = createAdmission({ isKnown: (keyid) => keyid === "victim" || keyid === "other" }, alwaysLate);
    const nextWindow = () => new Promise((resolve) => setTimeout(resolve, windowMs));
    let underWay = 0;
    const flooded = (): number => {
      let refused = 0;
      for (let at = 0; at < 200; at += 1) {
        if (!admission.takes("other")) refused += 1;
        else {
          admission.verified("other");
          underWay += 1;
        }
      }
      return refused;
    };
    for (let window = 0; window < 6; window += 1) {
      flooded();
      // Nobody proves these: they end as refused signatures.
      for (let at = 0; at < 50; at += 1) if (admission.takes("victim")) admission.ended();
      await nextWindow();
      for (; underWay > 4; underWay -= 1) admission.ended();
    }
    expect(flooded()).toBeGreaterThan(150);
    for (let at = 0; at < 50; at += 1) if (admission.takes("victim")) admission.ended();
    expect(admission.takes("victim")).toBe(true);
    admission.stop();
  });
});
