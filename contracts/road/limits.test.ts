import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coverageOf, orphanCoverage, problemOf, unboundCoverage } from "./answer.fixture.ts";
import { bytesOf, checkDraft, digestOf, person, seal, withField } from "./draft.fixture.ts";
import type { Draft } from "./draft.fixture.ts";
import { openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";
import { raw, requestBytes } from "./socket.fixture.ts";
import type { RawAnswer, RawEnd } from "./socket.fixture.ts";

const maxBodyBytes = 256 * 1024;
const checks = "/v1/identity-checks";
let road: Road;

beforeAll(async () => {
  road = await openRoad({ adapters: ["tencent-faceid"] });
});

afterAll(() => road.close());

const host = (): [string, string] => ["Host", new URL(road.origin).host];
const draft = (): Draft => checkDraft(road.origin, road.sandbox.keys.partners.a.keyid);
const sealed = (change: Draft = draft()): Buffer => bytesOf(seal(change, road.sandbox.keys.partners.a.jwk));
const withBody = (body: Buffer): Draft => withField({ ...draft(), body }, "Content-Digest", () => digestOf(body));
const coverage = (answer: RawAnswer | undefined, method?: string): string[] => {
  if (answer === undefined) throw new Error("no answer");
  const asked = method === undefined ? undefined : { method, url: road.origin + checks };
  return coverageOf(answer, asked, road.sandbox.keys.gateway.jwks);
};
const told = ({ answers, end }: RawEnd): unknown => ({
  answers: answers.map((answer) => [answer.status, answer.status < 400 ? undefined : problemOf(answer).code]),
  end,
});
const chunk = (size: number): string => `${size.toString(16)}\r\n${"a".repeat(size)}\r\n`;

describe("the body", () => {
  it("may have every byte of the limit", async () => {
    const json = JSON.stringify({ ...person, reference: "KYC-1" });
    const body = json + " ".repeat(maxBodyBytes - Buffer.byteLength(json));
    expect(await road.a.request("POST", checks, { body })).toMatchObject({ status: 201 });
    const more = await road.a.request("POST", checks, { body: `${body} ` });
    expect(more).toMatchObject({ status: 413, verified: true, body: { code: "body_too_large" } });
  });

  it.each<[string, () => (string | Buffer | { pauseMs: number })[]]>([
    ["announced", () => [requestBytes("POST", checks, [host()], Buffer.alloc(3_000_000, 32)), sealed()]],
    [
      "in chunks, still under way when it is refused",
      () => [
        requestBytes("POST", checks, [host(), ["Transfer-Encoding", "chunked"]]),
        ...Array.from({ length: 40 }, () => [chunk(16_000), { pauseMs: 2 }]).flat(),
        "0\r\n\r\n",
        sealed(),
      ],
    ],
  ])("too large, %s: refused, and the connection goes on", async (_how, pieces) => {
    const end = await raw(road.origin, pieces(), { answers: 2, patienceMs: 5_000 });
    expect(told(end)).toEqual({
      answers: [
        [413, "body_too_large"],
        [201, undefined],
      ],
      end: "patience",
    });
    expect(coverage(end.answers[0], "POST")).toEqual(unboundCoverage);
  });
});

describe("the header", () => {
  it("too large ends the connection", async () => {
    const bytes = requestBytes("POST", checks, [host(), ["X", "a".repeat(17_000)]]);
    const end = await raw(road.origin, [bytes, sealed()]);
    expect(told(end)).toEqual({ answers: [[431, "headers_too_large"]], end: "closed" });
    expect(coverage(end.answers[0])).toEqual(orphanCoverage);
  });

  it("of too many fields is refused, and the connection goes on", async () => {
    const fields = Array.from({ length: 64 }, (_each, at): [string, string] => [`X-${at}`, "a"]);
    const bytes = requestBytes("POST", checks, [host(), ...fields], Buffer.from("{}"));
    const end = await raw(road.origin, [bytes, sealed()], { answers: 2, patienceMs: 5_000 });
    expect(told(end)).toEqual({
      answers: [
        [431, "headers_too_large"],
        [201, undefined],
      ],
      end: "patience",
    });
    expect(coverage(end.answers[0], "POST")).toEqual(unboundCoverage);
  });
});

describe("the JSON", () => {
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  it.each<[string, string | Buffer, string]>([
    ["17 levels", nested(17), "body_too_deep"],
    ["20,000 levels of lists", "[".repeat(20_000), "body_too_deep"],
    ["a member twice", '{"type":"id_two_factor","type":"id_two_factor"}', "body_malformed"],
    ["a member twice, once escaped", '{"type":1,"\\u0074ype":1}', "body_malformed"],
    ["a lone surrogate", '{"name":"\\ud800"}', "body_malformed"],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "body_malformed"],
    ["a byte order mark", "\ufeff{}", "body_malformed"],
    ["half an object", '{"type":', "body_malformed"],
    ["16 levels, which is only wrong", nested(16), "request_invalid"],
    ["a list", "[]", "request_invalid"],
    ["null", "null", "request_invalid"],
  ])("with %s is refused", async (_what, body, code) => {
    const before = road.mock("tencent-faceid").exchanges.length;
    const answer = await road.a.request("POST", checks, { body });
    expect(answer).toMatchObject({ status: 400, verified: true, body: { code } });
    expect(road.mock("tencent-faceid").exchanges.length).toBe(before);
  });
});

describe("Content-Type", () => {
  const sent = (type: string) =>
    road.a.request("POST", checks, { body: { ...person }, headers: { "Content-Type": type } });

  it.each(["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"])(
    "%s is taken",
    async (type) => {
      expect(await sent(type)).toMatchObject({ status: 201 });
    },
  );

  it.each([
    "application/json; v=1",
    "application/json; charset=utf-8; v=2",
    "text/plain",
    "application/problem+json",
    "*/*",
  ])("%s is not", async (type) => {
    expect(await sent(type)).toMatchObject({ status: 415, verified: true, body: { code: "content_type_unsupported" } });
  });
});

describe("what is no request", () => {
  const chunked: [string, string] = ["Transfer-Encoding", "chunked"];
  it.each<[string, () => Buffer]>([
    ["garbage", () => Buffer.from("\u0000\u0001garbage\r\n\r\n")],
    ["another protocol", () => Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
    ["both lengths", () => requestBytes("POST", checks, [host(), chunked], Buffer.from("0\r\n\r\n"))],
    ["two lengths", () => requestBytes("POST", checks, [host(), ["Content-Length", "3"]], Buffer.from("{}"))],
    ["a folded header", () => requestBytes("GET", checks, [host(), ["X", "a\r\n b"]])],
    ["a header without a name", () => requestBytes("GET", checks, [host(), ["", "a"]])],
    ["a broken chunk", () => Buffer.concat([requestBytes("POST", checks, [host(), chunked]), Buffer.from("zz\r\n")])],
  ])("%s is answered signed, then the connection ends", async (_what, bytes) => {
    const end = await raw(road.origin, [bytes(), sealed()]);
    expect(told(end)).toEqual({ answers: [[400, "target_malformed"]], end: "closed" });
    expect(coverage(end.answers[0])).toEqual(orphanCoverage);
  });

  it("after a request that is under way waits for its answer", async () => {
    const body = Buffer.from(JSON.stringify({ ...person, name: "张慢速" }));
    const bytes = Buffer.concat([sealed(withBody(body)), sealed(), Buffer.from("\u0000garbage\r\n\r\n")]);
    const end = await raw(road.origin, [bytes, { pauseMs: 50 }, "more garbage"], { patienceMs: 5_000 });
    expect(told(end)).toEqual({
      answers: [
        [201, undefined],
        [201, undefined],
        [400, "target_malformed"],
      ],
      end: "closed",
    });
    expect(end.durationMs).toBeGreaterThan(1_900);
  });
});

describe("expectations", () => {
  it("that nobody knows are ignored, and 100-continue is met", async () => {
    const unknown = await raw(road.origin, requestBytes("GET", checks, [host(), ["Expect", "x"]]), { answers: 1 });
    expect(told(unknown)).toMatchObject({ answers: [[401, "signature_missing"]] });
    const bytes = sealed({ ...draft(), headers: [...draft().headers, ["Expect", "100-continue"]] });
    const end = await raw(road.origin, bytes, { answers: 2, patienceMs: 5_000 });
    expect(end.answers.map(({ status }) => status)).toEqual([100, 201]);
  });
});

describe("after all that", () => {
  it("the gateway works, and nothing of it was the gateway's fault", async () => {
    expect(await road.a.request("POST", checks, { body: { ...person } })).toMatchObject({ status: 201 });
    expect((await fetch(`${road.origin}/readyz`)).status).toBe(200);
    expect(road.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(road.mock("tencent-faceid").violations).toEqual([]);
  });
});
