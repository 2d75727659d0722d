import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { html, startMock, type RunningMock } from "#mocks";
import { visit } from "./browser.ts";
import { misfits } from "./expect.ts";
import { fill, type Known } from "./fill.ts";
import { play, type Answer, type Caller } from "./play.ts";
import type { Step } from "./step.ts";

let bank: RunningMock | undefined;

afterEach(async () => {
  await bank?.stop();
  bank = undefined;
});

/** A bank with a consent page that leads back over `/callback` to the partner, and remembers what was posted. */
async function startBank(posted: string[]): Promise<string> {
  const spec = join(mkdtempSync(join(tmpdir(), "qiao-journey-")), "vendor.openapi.yaml");
  writeFileSync(spec, "openapi: 3.1.0\npaths: {}\n");
  bank = await startMock({
    adapter: "bank",
    title: "Bank",
    spec: pathToFileURL(spec),
    create: ({ origin }) => ({
      credentials: {},
      config: {},
      operationOf: () => undefined,
      handle: () => ({ status: 500 }),
      notFound: () => ({ status: 404 }),
      page: (request) => {
        if (request.path === "/callback")
          return { status: 303, headers: { location: "https://partner.example/back?s=1" } };
        if (request.path !== "/consent") return undefined;
        if (request.method === "GET") {
          return html({
            title: "Consent",
            actions: [
              { label: "Decline", fields: { answer: "no" } },
              { label: "Approve & go on", fields: { answer: 'yes "indeed" <1>' } },
              { label: "Break", action: "/broken" },
            ],
          });
        }
        posted.push(`${request.query.get("id")} ${request.body.toString()}`);
        return { status: 302, headers: { location: `${origin}/callback?code=1` } };
      },
    }),
  });
  return bank.origin;
}

describe("the customer's browser", () => {
  it("presses the button, and follows the redirects until the partner's page", async () => {
    const posted: string[] = [];
    const origin = await startBank(posted);
    expect(await visit(`${origin}/consent?id=7`, /approve/i)).toBe("https://partner.example/back");
    expect(posted).toEqual([`7 ${new URLSearchParams({ answer: 'yes "indeed" <1>' }).toString()}`]);
  });

  it("says what stood there instead", async () => {
    const origin = await startBank([]);
    await expect(visit(`${origin}/consent`, /pay/i)).rejects.toThrow('but "Decline", "Approve & go on", "Break"');
    await expect(visit(`${origin}/nowhere?secret=1`, /pay/i)).rejects.toThrow(`${origin}/nowhere answered 404`);
    await expect(visit(`${origin}/consent`, /break/i)).rejects.toThrow("/broken, which answered 404");
  });
});

const answers = (...all: Answer[]): { caller: Caller; asked: unknown[][] } => {
  const asked: unknown[][] = [];
  const request: Caller["request"] = (...call) => {
    asked.push(call);
    return Promise.resolve(all[Math.min(asked.length, all.length) - 1] ?? { status: 0, body: {}, verified: false });
  };
  return { caller: { request }, asked };
};

const state = (status: string): Answer => ({ status: 200, body: { status }, verified: true });

describe("a step", () => {
  const create: Step = {
    title: "create",
    kind: "call",
    method: "POST",
    path: "/v1/things",
    body: { of: "{other.id}", list: ["{run}"] },
    status: 201,
    expect: { status: "open", data: { 0: { id: /^x/ } } },
    saveAs: "thing",
  };
  const good: Answer = { status: 201, body: { id: "t1", status: "open", data: [{ id: "x1" }] }, verified: true };

  it("sends what earlier steps brought, under a key of its own, and remembers the answer", async () => {
    const { caller, asked } = answers(good);
    const known: Known = { run: "J-1", other: { id: "o1" } };
    const played = await play(create, caller, known, "J-1-0");
    expect(played).toMatchObject({ faults: [], status: "201 open", partnerSide: "t1" });
    expect(asked).toEqual([["POST", "/v1/things", { body: { of: "o1", list: ["J-1"] }, idempotencyKey: "J-1-0" }]]);
    expect(known["thing"]).toEqual(good.body);
  });

  it.each<[string, Answer, string]>([
    ["another status", { ...good, status: 202 }, "202 instead of 201"],
    ["an unsigned answer", { ...good, verified: false }, "signature was not verified"],
    ["another value", { ...good, body: { status: "open", data: [{ id: "y" }] } }, '/data/0/id: "y" is not /^x/'],
    ["a missing value", { ...good, body: { data: [{ id: "x" }] } }, '/status: nothing is not "open"'],
  ])("is off with %s", async (_what, answer, fault) => {
    const { faults } = await play(create, answers(answer).caller, { run: "", other: { id: "" } }, "k");
    expect(faults.join()).toContain(fault);
  });

  it("is off if the story does not know what it needs", async () => {
    const { caller, asked } = answers(good);
    expect((await play(create, caller, { run: "" }, "k")).faults).toEqual(["no earlier step brought {other.id}"]);
    expect(asked).toEqual([]);
  });

  const waiting: Step = {
    title: "wait",
    kind: "wait",
    path: "/v1/things/{thing.id}",
    expect: { status: "ready" },
    while: ["pending"],
    withinSeconds: 0.6,
  };

  it("waits while it makes sense, and no longer", async () => {
    const known = { thing: { id: "t1" } };
    const ready = answers(state("pending"), state("ready"));
    expect((await play(waiting, ready.caller, known, "k")).faults).toEqual([]);
    expect(ready.asked).toHaveLength(2);

    const failed = answers(state("failed"));
    expect((await play(waiting, failed.caller, known, "k")).faults).toEqual(['/status: "failed" is not "ready"']);
    expect(failed.asked).toHaveLength(1);

    const stuck = answers(state("pending"));
    expect((await play(waiting, stuck.caller, known, "k")).faults).toEqual(['/status: "pending" is not "ready"']);
    expect(stuck.asked.length).toBeLessThanOrEqual(3);
  });
});

describe("the small parts", () => {
  it("fill reaches into lists and numbers, and leaves other braces alone", () => {
    expect(fill({ a: "{x.data.0.id}/{n}", b: 1, c: "{ }" }, { x: { data: [{ id: "i" }] }, n: 3 })).toEqual({
      a: "i/3",
      b: 1,
      c: "{ }",
    });
  });

  it("misfits finds a value where an object should be", () => {
    expect(misfits({ a: { b: 1 } }, { a: "x" })).toEqual(['/a: "x" is no object']);
  });
});
