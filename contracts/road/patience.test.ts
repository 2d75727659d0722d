/** Senders that dawdle: the same app and server as in production, only its patience is shorter. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coverageOf, orphanCoverage, problemOf } from "./answer.fixture.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway } from "./gateway.fixture.ts";
import { raw, requestBytes } from "./socket.fixture.ts";
import type { RawEnd } from "./socket.fixture.ts";

const limits = {
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 300,
  requestTimeoutMs: 600,
  idleTimeoutMs: 400,
  connectionsCheckEveryMs: 50,
  lingerMs: 100,
  maxConnections: 100,
};
let road: Gateway;
let origin: string;

beforeAll(async () => {
  road = await openGateway({ partners: [registered("partner", [await newKey()])] }, { limits });
  ({ origin } = road.gateway);
});

afterAll(() => road.close());

const outcomes = async (): Promise<string[]> => {
  const text = await (await fetch(`${road.gateway.adminOrigin}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith("qiao_request_outcomes_total{"));
};
const headers: [string, string][] = [["Host", "gateway.example"]];
const dawdle = (first: string | Buffer): (Buffer | string | { pauseMs: number })[] => [
  first,
  ...Array.from({ length: 40 }, () => ["a", { pauseMs: 40 }]).flat(),
];

function expectTimedOut(end: RawEnd): void {
  expect(end.answers.map(({ status }) => status)).toEqual([408]);
  const [answer] = end.answers;
  if (answer === undefined) throw new Error("no answer");
  expect(problemOf(answer)).toMatchObject({ code: "request_timeout", retry: "later" });
  expect(coverageOf(answer, undefined, road.jwks)).toEqual(orphanCoverage);
  expect(Object.fromEntries(answer.headers)["Connection"]).toBe("close");
}

describe("a sender that dawdles gets a signed 408 and loses the connection", () => {
  it("in its headers", async () => {
    const end = await raw(origin, dawdle("POST /v1/identity-checks HTTP/1.1\r\nHost: "), { patienceMs: 3_000 });
    expectTimedOut(end);
    expect(end.durationMs).toBeGreaterThan(limits.headersTimeoutMs - 1);
    expect(end.durationMs).toBeLessThan(1_500);
  });

  it("before it said anything", async () => {
    const end = await raw(origin, "", { patienceMs: 3_000 });
    expectTimedOut(end);
    expect(end.end).toBe("closed");
  });

  it("in its body", async () => {
    const head = requestBytes("POST", "/v1/identity-checks", [...headers, ["Content-Length", "100"]]);
    const end = await raw(origin, dawdle(head), { patienceMs: 3_000 });
    expectTimedOut(end);
    expect(end.durationMs).toBeGreaterThan(limits.requestTimeoutMs - 1);
    await expect.poll(() => road.lines.at(-1)).toMatchObject({ msg: "call", level: 30, status: 499 });
    expect((await outcomes()).join()).toMatch(/operation="none",outcome="(request_timeout|disconnected)"/);
    expect((await outcomes()).join()).not.toContain('outcome="done"');
  });

  it("in a body that was refused already, without a second answer", async () => {
    const head = requestBytes("POST", "/v1/identity-checks", [...headers, ["Content-Length", "9000000"]]);
    const end = await raw(origin, dawdle(head), { patienceMs: 3_000 });
    expect(end.answers.map(({ status }) => status)).toEqual([413]);
    expect(end.durationMs).toBeGreaterThan(limits.requestTimeoutMs - 1);
    expect(end.durationMs).toBeLessThan(1_500);
  });
});

describe("a connection", () => {
  it("without a request in progress is closed after a while", async () => {
    const end = await raw(origin, requestBytes("GET", "/livez", headers), { patienceMs: 3_000 });
    expect(end.answers.map(({ status }) => status)).toEqual([200]);
    expect(end.durationMs).toBeLessThan(2_500);
    expect(end.end).toBe("closed");
  });

  it("whose sender goes away in its body leaves no error behind", async () => {
    const before = road.lines.length;
    const head = requestBytes("POST", "/v1/identity-checks", [...headers, ["Content-Length", "100"]]);
    await raw(origin, [head, "{"], { patienceMs: 50 });
    await expect.poll(() => road.lines.length).toBeGreaterThan(before);
    expect(road.lines.at(-1)).toMatchObject({ msg: "call", level: 30, status: 499 });
    expect(road.lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });
});
