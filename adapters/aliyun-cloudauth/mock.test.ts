import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import definition from "./mock.ts";
import { customer } from "./road.fixture.ts";
import { ask, goodKey, sdkClient } from "./sdk.fixture.ts";
import { authorization, contentHash } from "./sign.ts";

const form = "ParamType=normal&IdentifyNum=11010519491231002X&UserName=%E5%BC%A0%E4%B8%89";

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock(definition);
});
afterAll(() => mock.stop());

interface Sent {
  method?: string;
  query?: string;
  body?: string;
  secondsOff?: number;
  nonce?: string;
  /** Put over the right headers before signing; undefined leaves one out. */
  signed?: Record<string, string | undefined>;
  /** Put over them after signing. */
  changed?: Record<string, string>;
}

let nonces = 0;

/** A call signed by hand with the good key. */
function raw(sent: Sent): Promise<{ status: number; code: string; hostId?: string }> {
  const { method = "POST", query = "", secondsOff = 0, nonce = `nonce-${(nonces += 1)}`, signed = {} } = sent;
  const body = Buffer.from(sent.body ?? (method === "POST" ? form : ""));
  const { host, hostname, port } = new URL(mock.origin);
  const headers = Object.fromEntries(
    Object.entries({
      host,
      "content-type": "application/x-www-form-urlencoded",
      "x-acs-action": "Id2MetaVerify",
      "x-acs-version": "2019-03-07",
      "x-acs-date": `${new Date(Date.now() + secondsOff * 1000).toISOString().slice(0, 19)}Z`,
      "x-acs-signature-nonce": nonce,
      "x-acs-content-sha256": contentHash(body),
      ...signed,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const proof = authorization({ method, path: "/", query, headers, body }, goodKey(mock));
  const path = query === "" ? "/" : `/?${query}`;
  const wire = { ...headers, authorization: proof, ...sent.changed };
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, method, path, headers: wire, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => {
        const { Code: code, HostId: hostId } = JSON.parse(text) as { Code: string; HostId?: string };
        resolve({ status: answer.statusCode ?? 0, code, ...(hostId === undefined ? {} : { hostId }) });
      });
    })
      .on("error", reject)
      .end(body);
  });
}

describe("the mock takes", () => {
  it.each<[string, Sent]>([
    ["a form", {}],
    ["the same by GET in the query", { method: "GET", query: form.split("&").toSorted().join("&") }],
    ["a parameter in the query and the others in the form", { query: "ParamType=normal", body: form.slice(17) }],
    ["a clock 890 s slow", { secondsOff: -890 }],
    ["a clock 890 s fast", { secondsOff: 890 }],
    ["a signed header that it does not know", { signed: { "x-acs-region-id": "cn-shanghai" } }],
  ])("%s", async (_name, sent) => {
    expect(await raw(sent)).toEqual({ status: 200, code: "200" });
  });
});

describe("the mock refuses as the vendor does", () => {
  it.each<[string, Sent, number, string]>([
    ["a clock 910 s slow", { secondsOff: -910 }, 400, "InvalidTimeStamp.Expired"],
    ["a clock 910 s fast", { secondsOff: 910 }, 400, "InvalidTimeStamp.Expired"],
    [
      "a date with milliseconds",
      { signed: { "x-acs-date": "2026-11-22T12:00:00.000Z" } },
      400,
      "InvalidTimeStamp.Format",
    ],
    ["another date than signed", { changed: { "x-acs-date": "2026-11-22T12:00:00Z" } }, 400, "SignatureDoesNotMatch"],
    ["another action than signed", { changed: { "x-acs-action": "BankMetaVerify" } }, 400, "SignatureDoesNotMatch"],
    [
      "another body's hash",
      { signed: { "x-acs-content-sha256": contentHash(Buffer.from("x")) } },
      400,
      "SignatureDoesNotMatch",
    ],
    ["an unsigned x-acs header", { changed: { "x-acs-security-token": "t" } }, 400, "IncompleteSignature"],
    ["no nonce", { signed: { "x-acs-signature-nonce": undefined } }, 400, "IncompleteSignature"],
    ["an empty nonce", { nonce: "" }, 400, "MissingSignatureNonce"],
    ["no Authorization to read", { changed: { authorization: "Bearer x" } }, 400, "IncompleteSignature"],
    ["another version", { signed: { "x-acs-version": "2020-01-01" } }, 400, "InvalidVersion"],
    ["an action that it has not", { signed: { "x-acs-action": "Id9MetaVerify" } }, 404, "InvalidApi.NotFound"],
    ["PUT", { method: "PUT" }, 400, "UnsupportedHTTPMethod"],
    ["MD5 where the source takes none", { body: form.replace("normal", "md5") }, 200, "401"],
    ["an empty parameter", { body: form.replace("normal", "") }, 200, "400"],
    ["a body that is no form", { body: "{" }, 200, "400"],
  ])("%s", async (_name, sent, status, code) => {
    expect(await raw(sent)).toMatchObject({ status, code });
  });

  it("a nonce that was used, though not one that somebody without the key used up", async () => {
    expect(await raw({ nonce: "once", changed: { "x-acs-version": "1" } })).toMatchObject({
      code: "SignatureDoesNotMatch",
    });
    expect(await raw({ nonce: "once" })).toMatchObject({ code: "200" });
    expect(await raw({ nonce: "once" })).toEqual({
      status: 400,
      code: "SignatureNonceUsed",
      hostId: new URL(mock.origin).host,
    });
  });

  it("whoever signs nothing", async () => {
    const answer = await fetch(`${mock.origin}/`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ Code: "IncompleteSignature", Recommend: expect.any(String) });
  });
});

describe("the sandbox keeps", () => {
  it("keys and sessions across a restart, and closes a page after thirty minutes", async () => {
    const dir = await mkdtemp(join(tmpdir(), "qiao-aliyun-"));
    try {
      const first = await startMock(definition, { dir });
      const { credentials, config } = first;
      const opened = await ask.open(sdkClient(first));
      const port = Number(new URL(first.origin).port);
      await first.stop();
      const late = () => new Date(Date.now() + 31 * 60_000);
      const second = await startMock(definition, { dir, port });
      expect(second).toMatchObject({ credentials, config });
      expect((await fetch(opened?.resultObject?.certifyUrl ?? "")).status).toBe(200);
      await second.stop();
      const third = await startMock(definition, { dir, port, now: late });
      expect(await customer(opened?.resultObject?.certifyUrl ?? "", "pass")).toMatchObject({ status: 410 });
      await third.stop();
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it("pages only for sessions of its own, and takes no outcome that it has not", async () => {
    const opened = await ask.open(sdkClient(mock));
    const url = opened?.resultObject?.certifyUrl ?? "";
    expect(await customer(url, "win")).toMatchObject({ status: 400 });
    expect(await customer(url, "fail", "999")).toMatchObject({ status: 400 });
    expect((await fetch(`${mock.origin}/h5?certifyId=nobody`)).status).toBe(404);
    expect(await customer(url, "expire")).toMatchObject({ status: 302 });
    expect((await fetch(url)).status).toBe(410);
  });
});
