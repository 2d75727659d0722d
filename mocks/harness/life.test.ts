import { once } from "node:events";
import { mkdtempSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { MockContext, MockDefinition, RunningMock } from "../types.ts";
import { fictitious, order, spoilt } from "./fictitious.fixture.ts";
import { getOrder, raw } from "./raw.fixture.ts";
import { maxExchanges, maxRequestBodyBytes, maxSendAnswerBytes } from "./limits.ts";
import { startMock, type StartMockOptions } from "./start.ts";

const open: RunningMock[] = [];

/** Starts the vendor and hands out its context. */
async function started(
  options: StartMockOptions = {},
  definition: MockDefinition = fictitious(() => order),
): Promise<{ mock: RunningMock; context: MockContext }> {
  const { promise, resolve } = Promise.withResolvers<MockContext>();
  const create: MockDefinition["create"] = (context) => {
    resolve(context);
    return definition.create(context);
  };
  const mock = await startMock({ ...definition, create }, options);
  open.push(mock);
  return { mock, context: await promise };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((mock) => mock.stop()));
});

describe("kill and revive", () => {
  it("cuts open connections, refuses new ones, and is back on the same port", async () => {
    const { mock } = await started(
      {},
      fictitious(() => spoilt("hang")),
    );
    const hanging = raw(mock.origin, getOrder, 2_000);
    await sleep(50);
    await mock.kill();
    expect((await hanging).end).not.toBe("patience");
    expect((await raw(mock.origin, getOrder)).end).toBe("ECONNREFUSED");
    await mock.revive();
    expect((await raw(mock.origin, "GET /page HTTP/1.1\r\nHost: v\r\n\r\n", 100)).text).toContain("a page");
  });

  it("holds back what falls due while the vendor is dead", async () => {
    const { mock, context } = await started();
    const ran: string[] = [];
    context.later(10, () => void ran.push("while dead"));
    await mock.kill();
    await sleep(40);
    expect(ran).toEqual([]);
    await mock.revive();
    await sleep(10);
    expect(ran).toEqual(["while dead"]);
  });

  it("stop drops timers and frees the port for good", async () => {
    const { mock, context } = await started();
    let ran = false;
    context.later(20, () => {
      ran = true;
    });
    const idle = connect({ host: "127.0.0.1", port: Number(new URL(mock.origin).port) });
    await once(idle, "connect");
    await mock.stop();
    await once(idle, "close");
    await sleep(40);
    expect(ran).toBe(false);
    await expect(mock.revive()).rejects.toThrow("fictitious was stopped");
    const again = await startMock(
      fictitious(() => order),
      { port: Number(new URL(mock.origin).port) },
    );
    await again.stop();
  });

  it("a taken port rejects, and a failed start leaves nothing listening", async () => {
    const { mock } = await started();
    const port = Number(new URL(mock.origin).port);
    await expect(
      startMock(
        fictitious(() => order),
        { port },
      ),
    ).rejects.toMatchObject({ code: "EADDRINUSE" });
    await mock.stop();
    const broken = fictitious(() => order, { create: () => Promise.reject(new Error("no key")) });
    await expect(startMock(broken, { port })).rejects.toThrow("no key");
    expect((await raw(mock.origin, getOrder)).end).toBe("ECONNREFUSED");
  });
});

describe("state", () => {
  it("keeps tables and secrets over a restart, in a file of the owner's only", async () => {
    const dir = mkdtempSync(join(tmpdir(), "qiao-state-"));
    const first = await started({ dir });
    const orders = first.context.table<{ amount: string }>("orders");
    orders.set("b", { amount: "1.00" });
    orders.set("a", { amount: "2.00" });
    orders.set("b", { amount: "3.00" });
    orders.set("gone", { amount: "0.00" });
    orders.delete("gone");
    const secret = await first.context.keep("key", () => ({ k: crypto.randomUUID() }));
    await first.mock.stop();

    const second = await started({ dir });
    const again = second.context.table<{ amount: string }>("orders");
    expect(again.entries()).toEqual([
      ["b", { amount: "3.00" }],
      ["a", { amount: "2.00" }],
    ]);
    expect(again.get("gone")).toBeUndefined();
    expect(second.context.table("other").entries()).toEqual([]);
    expect(await second.context.keep("key", () => ({ k: "made anew" }))).toEqual(secret);
    expect(statSync(join(dir, "vendors", "fictitious.sqlite")).mode & 0o777).toBe(0o600);
  });

  it("makes a secret once, also when asked twice at the same time, and again after a failure", async () => {
    const { context } = await started();
    let made = 0;
    const make = async (): Promise<number> => {
      await sleep(5);
      return (made += 1);
    };
    expect(await Promise.all([context.keep("n", make), context.keep("n", make)])).toEqual([1, 1]);
    await expect(context.keep("m", () => Promise.reject(new Error("not now")))).rejects.toThrow("not now");
    expect(await context.keep("m", () => "now")).toBe("now");
    await expect(context.keep("u", () => undefined)).rejects.toThrow("only JSON values");
  });
});

describe("bounds", () => {
  it("keeps the last exchanges only, and answers 413 to a body over the limit", async () => {
    const { mock } = await started();
    for (let index = 0; index < maxExchanges + 5; index += 1)
      await (await fetch(`${mock.origin}/page?${index}`)).text();
    expect(mock.exchanges).toHaveLength(maxExchanges);
    expect(mock.exchanges[0]?.request.target).toBe("/page?5");

    const head = `POST /gateway HTTP/1.1\r\nHost: v\r\nContent-Length: ${maxRequestBodyBytes + 1}\r\n\r\n`;
    const result = await raw(mock.origin, head + "x".repeat(maxRequestBodyBytes + 1), 2_000);
    expect(result.text).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe("send", () => {
  it("calls out, in time, and takes no more than its limit", async () => {
    const seen: string[] = [];
    const partner = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${String(request.headers["x-sig"])}`);
      if (request.url === "/hang") return;
      response.writeHead(202, { "x-kind": "ack" });
      response.end(request.url === "/huge" ? Buffer.alloc(maxSendAnswerBytes * 2, 0x61) : "success");
    }).listen(0, "127.0.0.1");
    await once(partner, "listening");
    const origin = `http://127.0.0.1:${(partner.address() as AddressInfo).port}`;
    try {
      const { mock, context } = await started();
      const post = { method: "POST", headers: { "x-sig": "s" }, body: "a=1" };
      expect(await context.send({ ...post, url: `${origin}/notify` })).toMatchObject({
        status: 202,
        headers: { "x-kind": "ack" },
        body: "success",
      });
      expect((await context.send({ ...post, url: `${origin}/huge` })).body).toHaveLength(maxSendAnswerBytes);
      await expect(context.send({ ...post, url: `${origin}/hang`, timeoutMs: 50 })).rejects.toThrow("/hang");
      const cut = context.send({ ...post, url: `${origin}/hang` });
      await sleep(20);
      await Promise.all([expect(cut).rejects.toMatchObject({ name: "SendFailed" }), mock.stop()]);
      expect(seen[0]).toBe("POST /notify s");
    } finally {
      partner.closeAllConnections();
      partner.close();
    }
  });

  it("a callback that does not get through is the network's matter; any other failure is the mock's", async () => {
    const { mock, context } = await started();
    context.later(0, async () => void (await context.send({ method: "GET", url: "http://127.0.0.1:1/", headers: {} })));
    context.later(0, () => Promise.reject(new TypeError("a value")));
    await sleep(60);
    expect(mock.violations).toHaveLength(1);
    expect(mock.violations[0]).toMatchObject({ operation: "later" });
    expect(mock.violations[0]?.message).toContain("the mock threw TypeError at");
  });
});
