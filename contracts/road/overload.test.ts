/** More than can be done: refused early, signed, fairly, and only as long as it lasts. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { check } from "./people.fixture.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway } from "./gateway.fixture.ts";
import { raw, requestBytes } from "./socket.fixture.ts";

/** Any lag is too much: the way in behaves as under a load that never ends. */
const alwaysLate = {
  targetLagMs: -1,
  busyShare: 0,
  lateForMs: 0,
  lateTicks: 1,
  windowMs: 50,
  tickMs: 2,
  minInFlight: 8,
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

const target = "/v1/identity-checks";
const ask = (who: Callers["greedy"]) => who.request("POST", target, { body: check() });
const flood = (who: Callers["greedy"]) => Promise.all(Array.from({ length: callsAtOnce }, () => ask(who)));

/** Requests that claim a key and whose bodies do not come; resolves with the statuses of those that were answered. */
async function holdPlaces(keyid: string): Promise<number[]> {
  const input = `sig=("@method");created=1;keyid="${keyid}";nonce="0123456789abcdef0123";tag="fapi-2-request"`;
  const head = requestBytes("POST", target, [
    ["Host", "x"],
    ["Signature-Input", input],
    ["Content-Length", "5"],
  ]);
  const origin = gateway?.gateway.origin ?? "";
  const ends = await Promise.all(Array.from({ length: callsAtOnce }, () => raw(origin, head, { patienceMs: 2_000 })));
  return ends.flatMap(({ answers }) => answers.map(({ status }) => status));
}

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
    for (let round = 0; round < 60; round += 1) {
      const crowd = flood(greedy);
      statuses.modest.push((await ask(modest)).status);
      statuses.greedy.push(...(await crowd).map(({ status }) => status));
    }
    const share = (of: number[]): number => of.filter((status) => status === 201).length / of.length;
    expect(share(statuses.greedy)).toBeLessThan(0.6);
    expect(share(statuses.modest)).toBeGreaterThan(0.98);
  });

  it("leaves it alone too when somebody floods in its name", async () => {
    const { modest } = await overloaded();
    expect((await ask(modest)).status).toBe(201);
    const crowd = holdPlaces(modest.keyid);
    await sleep(500);
    const statuses = [];
    for (let at = 0; at < 50; at += 1) statuses.push((await ask(modest)).status);
    expect(new Set(statuses)).toEqual(new Set([201]));
    const forged = await crowd;
    expect(forged.length).toBeGreaterThan(callsAtOnce / 2);
    expect(new Set(forged)).toEqual(new Set([503]));
  });

  it("keeps the connection of whoever it refuses, and throws the bodies away", async () => {
    await overloaded();
    const crowd = holdPlaces("nobody");
    await sleep(500);
    const large = requestBytes("POST", target, [["Host", "x"]], Buffer.alloc(1_000_000, " "));
    const { answers } = await raw(gateway?.gateway.origin ?? "", [large, large, large], { answers: 3 });
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    await crowd;
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

describe("a gateway with time left", () => {
  it("takes a burst", async () => {
    const key = await newKey();
    gateway = await openGateway(
      { partners: [registered("bursty", [key])] },
      { adapters: ["tencent-faceid"], overload: {} },
    );
    const bursty = gateway.as(key.jwk);
    const answers = await Promise.all(Array.from({ length: 150 }, () => ask(bursty)));
    expect(answers.filter(({ body }) => (body as { code?: string }).code === "overloaded")).toEqual([]);
  });
});
