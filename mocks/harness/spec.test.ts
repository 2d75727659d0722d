import { afterEach, describe, expect, it } from "vitest";
import type { RunningMock, WireAnswer } from "../types.ts";
import { fictitious, order, specFile } from "./fictitious.fixture.ts";
import { startMock } from "./start.ts";

let mock: RunningMock | undefined;

afterEach(async () => {
  await mock?.stop();
  mock = undefined;
});

interface Sent {
  target: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Starts the vendor, sends one request over a real socket, and says what left the spec. */
async function violationsOf(answer: WireAnswer, sent: Sent): Promise<string[]> {
  mock = await startMock(fictitious(() => answer));
  const response = await fetch(`${mock.origin}${sent.target}`, {
    method: sent.method ?? "GET",
    headers: { "x-trace": "t", ...sent.headers },
    ...(sent.body === undefined ? {} : { body: sent.body }),
  });
  await response.arrayBuffer();
  expect(response.status).toBe(answer.status);
  return mock.violations.map((violation) => `${violation.where} ${violation.operation} ${violation.message}`);
}

const form = { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };
const biz = encodeURIComponent(JSON.stringify({ id: "a1b2", amount: "1.00" }));
const made: WireAnswer = { ...order, headers: { "Content-Type": "text/html;charset=utf-8" } };
const create = (body: string): Sent => ({ target: "/gateway?op=order.create", method: "POST", headers: form, body });

describe("requests against the vendor's spec", () => {
  it("finds nothing in what the spec allows: JSON, form with JSON in a field, parameters, empty bodies", async () => {
    expect(await violationsOf(order, { target: "/orders/a1b2?page=2&tag=a&tag=b" })).toEqual([]);
    await mock?.stop();
    expect(await violationsOf(made, create(`method=order.create&count=3&biz=${biz}`))).toEqual([]);
    await mock?.stop();
    expect(await violationsOf({ status: 204 }, { target: "/orders/a1b2", method: "DELETE" })).toEqual([]);
  });

  it.each([
    ["path", { target: "/orders/LONGER" }, '/path/orderId: must match pattern "^[a-z0-9]{4}$"'],
    ["integer", { target: "/orders/a1b2?page=1e2" }, "/query/page: must be integer"],
    ["minimum", { target: "/orders/a1b2?page=0" }, "/query/page: must be >= 1"],
    ["array item", { target: "/orders/a1b2?tag=a&tag=long" }, "/query/tag/1: must NOT have more than 3 characters"],
    ["twice", { target: "/orders/a1b2?page=1&page=2" }, "/query/page: stands twice"],
    ["body", { target: "/orders/a1b2", method: "POST", body: "x" }, "/body: the spec has none for this operation"],
    ["method", { target: "/orders/a1b2", method: "PUT" }, "/: the spec has GET for this operation"],
  ])("finds a wrong %s", async (_what, sent: Sent, message) => {
    expect(await violationsOf(order, sent)).toContain(`request OrderQuery ${message}`);
  });

  it("finds a missing header", async () => {
    mock = await startMock(fictitious(() => order));
    await (await fetch(`${mock.origin}/orders/a1b2`)).text();
    expect(mock.violations).toEqual([
      { operation: "OrderQuery", where: "request", message: "/header/X-Trace: is missing" },
    ]);
  });

  it.each([
    ["a missing field", "method=order.create", "/body: must have required property 'biz'"],
    ["a wrong field", `method=order.creat&biz=${biz}`, "/body/method: must be equal to constant"],
    ["a wrong type", `method=order.create&count=x&biz=${biz}`, "/body/count: must be integer"],
    ["JSON in a field", "method=order.create&biz=%7B%22id%22", "/body: field 'biz' is not JSON"],
    ["JSON's content", "method=order.create&biz=%7B%22id%22%3A1%7D", "/body/biz/id: must be string"],
    ["a field twice", `method=order.create&method=order.create&biz=${biz}`, "/body: field 'method' stands twice"],
  ])("finds %s in a form", async (_what, body, message) => {
    expect(await violationsOf(made, create(body))).toContain(`request order.create ${message}`);
  });

  it("finds a media type and an operation that the spec lacks, and broken JSON", async () => {
    const ok: WireAnswer = { status: 200, headers: { "content-type": "text/plain" }, body: "OK" };
    const pay = { target: "/gateway?op=order.pay", method: "POST" };
    const json = { "content-type": "application/json" };
    expect(await violationsOf(ok, { ...pay, headers: { "content-type": "text/xml" }, body: "<a/>" })).toEqual([
      "request order.pay /header/content-type: the spec has no text/xml here",
    ]);
    await mock?.stop();
    expect(await violationsOf(ok, { ...pay, headers: json, body: '{"id":' })).toEqual([
      "request order.pay /body: body is not JSON",
    ]);
    await mock?.stop();
    expect(await violationsOf(ok, { ...pay, target: "/gateway?op=order.none" })).toEqual([
      "request order.none /: the spec has no such operation",
    ]);
  });

  it("never quotes a value", async () => {
    const secret = "Zhang-San-110101199003070011";
    const found = await violationsOf(
      { ...order, body: JSON.stringify({ id: 1, amount: secret, parts: [{ id: secret, amount: secret }] }) },
      { target: `/orders/${secret}?page=${secret}&tag=${secret}`, headers: { "x-trace": secret } },
    );
    expect(found.length).toBeGreaterThan(4);
    expect(found.join("\n")).not.toContain(secret);
  });
});

describe("answers against the vendor's spec", () => {
  const json = { "content-type": "application/json", "x-stamp": "s1" };
  it.each([
    ["status", { status: 302 }, "/: the spec has no status 302 for this operation"],
    ["media type", { ...order, headers: { ...json, "content-type": "text/plain" } }, "no text/plain here"],
    ["body", { status: 200, headers: json }, "/body: is missing"],
    ["JSON", { status: 200, headers: json, body: "{" }, "/body: body is not JSON"],
    ["field", { status: 200, headers: json, body: '{"id":"x"}' }, "/body: must have required property 'amount'"],
    [
      "extra field",
      { status: 200, headers: json, body: '{"id":"x","amount":"1.00","more":1}' },
      "/body: must NOT have additional properties 'more'",
    ],
    [
      "nested field",
      { status: 200, headers: json, body: '{"id":"x","amount":"1.00","parts":[{"id":"y","amount":"1"}]}' },
      '/body/parts/0/amount: must match pattern "^[0-9]+[.][0-9]{2}$"',
    ],
    ["header", { ...order, headers: { "content-type": "application/json" } }, "/header/x-stamp: is missing"],
    ["error body", { status: 422, headers: json, body: "{}" }, "/body: must have required property 'code'"],
  ])("finds a wrong %s", async (_what, answer: WireAnswer, message) => {
    const [found, ...more] = await violationsOf(answer, { target: "/orders/a1b2" });
    expect(found).toMatch(/^answer OrderQuery /);
    expect(found).toContain(message);
    expect(more).toEqual([]);
  });

  it("checks JSON under the text/html that it truly comes as, and text under a default answer", async () => {
    expect(await violationsOf({ ...made, body: '{"id":"x"}' }, create(`method=order.create&biz=${biz}`))).toEqual([
      "answer order.create /body: must have required property 'amount'",
    ]);
    await mock?.stop();
    const no: WireAnswer = { status: 503, headers: { "content-type": "text/plain" }, body: "NO" };
    expect(await violationsOf(no, { target: "/gateway?op=order.pay", method: "POST" })).toEqual([
      "answer order.pay /body: must be equal to constant",
    ]);
  });

  it("leaves alone what leaves the spec on purpose, pages, and requests that are no operation", async () => {
    expect(await violationsOf({ ...order, body: "{", offSpec: true }, { target: "/orders/a1b2" })).toEqual([]);
    expect(await (await fetch(`${mock?.origin}/page`)).text()).toBe("a page");
    expect((await fetch(`${mock?.origin}/nowhere`)).status).toBe(404);
    expect(mock?.violations).toEqual([]);
    expect(mock?.exchanges.map((exchange) => exchange.operation)).toEqual(["OrderQuery", undefined, undefined]);
  });

  it("checks the decoded body where the mock decodes it itself", async () => {
    const definition = fictitious(() => ({ ...order, body: Buffer.from(String(order.body)).toString("base64") }));
    mock = await startMock({
      ...definition,
      create: async (context) => ({
        ...(await definition.create(context)),
        specBody: ({ body }) => JSON.parse(Buffer.from(body.toString(), "base64").toString()) as unknown,
      }),
    });
    await (await fetch(`${mock.origin}/orders/a1b2`, { headers: { "x-trace": "t" } })).text();
    expect(mock.violations).toEqual([]);
  });

  it("records a mock that throws, without its words", async () => {
    mock = await startMock(
      fictitious(() => {
        throw new RangeError("a personal value");
      }),
    );
    const response = await fetch(`${mock.origin}/orders/a1b2`, { headers: { "x-trace": "t" } });
    expect(response.status).toBe(500);
    expect(mock.violations).toHaveLength(1);
    expect(mock.violations[0]?.message).toMatch(/^\/: the mock threw RangeError at .*spec\.test\.ts:\d+/);
  });
});

describe("a spec that cannot be used stops the start", () => {
  it.each([
    ["no OpenAPI 3.1", "openapi: 3.0.3\npaths: {}", "not an OpenAPI 3.1 document"],
    [
      "a $ref to nothing",
      "openapi: 3.1.0\npaths: {/a: {get: {operationId: a, parameters: [{$ref: '#/components/x'}], responses: {}}}}",
      "$ref #/components/x leads nowhere",
    ],
    [
      "a broken schema",
      "openapi: 3.1.0\npaths: {/a: {get: {operationId: a, responses: {'200': {content: {application/json: {schema: {type: strng}}}}}}}}",
      "#/paths/~1a/get/responses/200/content/application~1json/schema/type must be equal to one of the allowed values",
    ],
  ])("%s", async (_what, text, message) => {
    await expect(startMock(fictitious(() => order, { spec: specFile(text) }))).rejects.toThrow(message);
  });
});
