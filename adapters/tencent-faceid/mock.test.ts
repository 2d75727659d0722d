import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import definition from "./mock.ts";
import { billOf, codeOf, goodKey, sdkClient } from "./sdk.fixture.ts";
import { authorization } from "./sign.ts";

const person = { Name: "张三", IdCard: "11010519491231002X" };

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock(definition);
});
afterAll(() => mock.stop());

interface Sent {
  headers?: Record<string, string>;
  body?: string;
  secondsOff?: number;
  method?: string;
}

/** A call signed by hand with the good key; `headers` are put over the right ones. */
async function raw({ headers = {}, body = JSON.stringify(person), secondsOff = 0, method = "POST" }: Sent) {
  const url = new URL(`${mock.origin}/`);
  const action = "IdCardVerification";
  const timestampSeconds = Math.floor(Date.now() / 1000) + secondsOff;
  const contentType = "application/json";
  const signed = { method, url, host: url.host, contentType, action, body: Buffer.from(body), timestampSeconds };
  const answer = await fetch(url, {
    method,
    body,
    headers: {
      "content-type": contentType,
      "x-tc-action": action,
      "x-tc-version": "2018-03-01",
      "x-tc-timestamp": `${timestampSeconds}`,
      authorization: authorization(signed, "faceid", goodKey(mock)),
      ...headers,
    },
  });
  expect(answer.status).toBe(200);
  const { Response } = (await answer.json()) as { Response: { Error?: { Code: string }; Result?: string } };
  return Response.Error?.Code ?? Response.Result;
}

describe("the mock refuses as the vendor does", () => {
  it.each<[string, Sent, string]>([
    ["a signature over host with port", {}, "0"],
    ["a clock 290 s slow", { secondsOff: -290 }, "0"],
    ["a clock 290 s fast", { secondsOff: 290 }, "0"],
    ["a clock 310 s slow", { secondsOff: -310 }, "AuthFailure.SignatureExpire"],
    ["a clock 310 s fast", { secondsOff: 310 }, "AuthFailure.SignatureExpire"],
    [
      "another timestamp than signed",
      { headers: { "x-tc-timestamp": `${Math.floor(Date.now() / 1000) - 5}` } },
      "AuthFailure.SignatureFailure",
    ],
    ["no timestamp", { headers: { "x-tc-timestamp": "" } }, "InvalidParameter"],
    ["another action than signed", { headers: { "x-tc-action": "PhoneVerification" } }, "AuthFailure.SignatureFailure"],
    ["no Authorization to read", { headers: { authorization: "Bearer x" } }, "AuthFailure.InvalidAuthorization"],
    ["a session token", { headers: { "x-tc-token": "t" } }, "AuthFailure.TokenFailure"],
    ["another version", { headers: { "x-tc-version": "2017-03-12" } }, "NoSuchVersion"],
    ["PUT", { method: "PUT" }, "UnsupportedProtocol"],
    ["a missing parameter", { body: '{"Name":"张三"}' }, "MissingParameter"],
    ["an unknown parameter", { body: JSON.stringify({ ...person, Colour: 1 }) }, "UnknownParameter"],
    ["a mistyped parameter", { body: '{"Name":"张三","IdCard":11}' }, "InvalidParameter"],
    ["null for a required parameter", { body: '{"Name":"张三","IdCard":null}' }, "MissingParameter"],
    ["a body that is no JSON", { body: "{" }, "InvalidParameter"],
    ["a body that is no object", { body: "[]" }, "InvalidParameter"],
  ])("%s", async (_name, sent, code) => {
    expect(await raw(sent)).toBe(code);
  });

  it("an unsigned request", async () => {
    const answer = await fetch(`${mock.origin}/?Action=IdCardVerification&Version=2018-03-01`);
    expect(await answer.text()).toContain("AuthFailure.InvalidAuthorization");
  });

  it("and the harness noticed each request that left the spec", () => {
    const messages = mock.violations.filter(({ where }) => where === "request").map(({ message }) => message);
    expect(messages.some((message) => message.includes("Colour"))).toBe(true);
    expect(mock.violations.filter(({ where }) => where === "answer")).toEqual([]);
  });
});

describe("the wire's faults, by the end of the name", () => {
  const ask = (name: string) => raw({ body: JSON.stringify({ ...person, Name: name }) });

  it.each(["张重置", "张半断", "张截断"])("%s: no whole answer comes, though the vendor charges", async (name) => {
    const before = await billOf(mock);
    await expect(ask(name)).rejects.toThrow(TypeError);
    expect((await billOf(mock)).billed).toBe(before.billed + 1);
  });

  it("网页: a proxy's page comes instead", async () => {
    const fault = codeOf(sdkClient(mock).request("IdCardVerification", { ...person, Name: "张网页" }));
    expect(await fault).not.toBe("answered");
    expect(mock.exchanges.at(-1)?.answer.fault).toBe("html_502");
  });

  it("慢速: the answer is late, and right", async () => {
    const start = performance.now();
    expect(await ask("张慢速")).toBe("0");
    expect(performance.now() - start).toBeGreaterThan(1_900);
  });

  it("跑偏: the answer leaves the spec, on purpose", async () => {
    expect(await ask("张跑偏")).toBeUndefined();
    expect(mock.exchanges.at(-1)?.answer.offSpec).toBe(true);
  });
});

it("keeps keys, sessions and the bill over a restart", async () => {
  const dir = await mkdtemp(join(tmpdir(), "tencent-faceid-"));
  const first = await startMock(definition, { dir });
  const opened = await sdkClient(first).request("DetectAuth", { RuleId: "1", ...person });
  await first.stop();
  const second = await startMock(definition, { dir });
  const asked = { BizToken: opened.BizToken, RuleId: "1" };
  expect(goodKey(second)).toEqual(goodKey(first));
  expect((await sdkClient(second).request("GetDetectInfoEnhanced", asked)).Text).toMatchObject({ ErrCode: null });
  expect((await billOf(second)).entries.map(({ action }) => action)).toEqual(["DetectAuth", "GetDetectInfoEnhanced"]);
  await second.stop();
  await rm(dir, { recursive: true });
});
