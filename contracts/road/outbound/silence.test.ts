/** What people and vendors entrust to us is seen by nobody whom it does not concern: no log, metric, transcript, file. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { personalFields } from "#specs";
import type { Answered } from "../../../mocks/partner/client.ts";
import { visit } from "../../journeys/browser.ts";
import { openRoad, until } from "../setup.fixture.ts";
import type { Road } from "../setup.fixture.ts";
import { flownInto, personalPointers, plant } from "./canaries.fixture.ts";
import { keysOf } from "./callbacks.fixture.ts";
import { personalCalls } from "./personal-calls.fixture.ts";
import { callVendor, vendorNames } from "./vendors.fixture.ts";

let road: Road;
const answers: { answer: Answered; expected: number | undefined; what: string }[] = [];
/** Planted by the partner; said by vendors about people; secrets of ours and of the vendors. */
const planted = new Set<string>();
const told = new Set<string>();
const secrets = new Set<string>();
const covered = new Set<string>();

async function ask(method: "GET" | "POST", path: string, options: Parameters<Road["a"]["request"]>[2] = {}) {
  const answer = await road.a.request(method, path, options);
  answers.push({ answer, expected: undefined, what: `${method} ${path}` });
  if (answer.status < 300) harvest(answer.body);
  return answer.body as Record<string, string>;
}

/** Personal values in an answer, by the names of the contract's personal fields. */
const personalNames = new Set(personalFields.map(({ field }) => field));
function harvest(value: unknown, personal = false): void {
  if (typeof value === "string" && personal && value.length >= 6) {
    told.add(value);
    const tokens = URL.canParse(value) ? [...new URL(value).searchParams.values()] : [];
    for (const token of tokens) if (token.length >= 16) told.add(token);
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) harvest(member, personal || personalNames.has(name));
}

async function journey(): Promise<void> {
  const face = { name: "Quokka face", nationalId: "11010519491231002X", returnUrl: "https://partner.example/r" };
  const { id: faceId = "", url = "" } = await ask("POST", "/v1/face-verifications", {
    body: { ...face, reference: "f" },
  });
  await visit(url, /pass|good face/i);
  await ask("GET", `/v1/face-verifications/${faceId}`);
  const consent = await callVendor(road.a, "openbanking-uk");
  harvest(consent.body);
  const { id: consentId, authorisationUrl } = consent.body as { id: string; authorisationUrl: string };
  await visit(authorisationUrl, /approve/i);
  const accounts = await ask("GET", `/v1/bank-accounts?consentId=${consentId}`);
  const [first] = accounts["data"] as unknown as { id: string }[];
  for (const part of ["", "/balances", "/transactions"]) {
    await ask("GET", `/v1/bank-accounts/${first?.id}${part}?consentId=${consentId}`);
  }
  for (const { answer } of answers.slice()) {
    const location = answer.status < 300 ? answer.headers["location"] : undefined;
    if (location !== undefined) await ask("GET", location);
  }
  await ask("GET", "/v1/customer-accounts");
}

/** Requests that do not even get as far as an operation. */
async function spoilt(): Promise<void> {
  const { body, values } = plant({ type: "id_two_factor", name: "$name", nationalId: "$nationalId" });
  for (const value of values.values()) planted.add(value);
  const text = JSON.stringify(body);
  const path = "/v1/identity-checks";
  await ask("POST", path, { body: `${text}}` });
  await ask("POST", path, { body: text.replace("{", '{"name":"x",') });
  await ask("POST", path, { body, headers: { "Content-Type": "text/plain" } });
  await ask("POST", path, { body, tamper: (wire) => ({ ...wire, body: Buffer.from(text.replace("two", "six")) }) });
  await ask("POST", path, { body, idempotencyKey: "quiet-key" });
  await ask("POST", path, { body: { ...body, reference: "another" }, idempotencyKey: "quiet-key" });
  await ask("GET", `${path}/${[...values.values()][0]}`);
}

beforeAll(async () => {
  road = await openRoad({ adapters: vendorNames });
  for (const { operationId, path, body: template, status } of personalCalls) {
    const { body, values } = plant(template);
    for (const [pointer, value] of values) {
      planted.add(value);
      covered.add(`${operationId} ${pointer}`);
    }
    const answer = await road.a.request("POST", path, { body });
    answers.push({ answer, expected: status, what: `${operationId} ${answer.text}` });
    if (answer.status < 300) harvest(answer.body);
  }
  await spoilt();
  await journey();
  for (const value of await secretValues()) secrets.add(value);
  await until("the last line is written", () => linesOf(answers.at(-1)?.answer).length > 0);
});
afterAll(() => road.close());

const linesOf = (answer: Answered | undefined) =>
  road.lines.filter(({ msg, requestId }) => msg === "call" && requestId === answer?.headers["request-id"]);

/** Keys and secrets of everybody: as the sandbox hands them out, as it keeps them, and the tokens of the bank. */
async function secretValues(): Promise<string[]> {
  const strings = (value: unknown): string[] => {
    if (typeof value === "string") return value.split("\n").filter((line) => !line.startsWith("-----"));
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
  };
  const { a, b } = road.sandbox.keys.partners;
  const { jwk } = road.sandbox.keys.gateway;
  const own = [a.jwk["d"], b.jwk["d"], jwk["d"], ...road.sandbox.keys.store.map(({ key }) => key)];
  const tokens = ["tokens", "codes", "pushed"].flatMap((table) => keysOf(road, "openbanking-uk", table));
  const all = [...own, ...tokens, ...strings(road.sandbox.info.vendors)].map(String);
  return all.filter((value) => value.length >= 16 && !URL.canParse(value));
}

const everything = (): string[] => [...planted, ...told, ...secrets];

describe("the calls", () => {
  it("are about every personal field that the contract's requests have", () => {
    const missing = personalPointers().filter(([operation, pointer]) => !covered.has(`${operation} ${pointer}`));
    // A country's two letters are no canary.
    expect(missing.map((one) => one.join(" "))).toEqual(["creditReports.create /subject/address/country"]);
    expect(planted.size).toBeGreaterThan(150);
    expect(told.size).toBeGreaterThan(20);
    expect(secrets.size).toBeGreaterThan(20);
  });

  it("succeed and fail as they should", () => {
    for (const { answer, expected, what } of answers)
      if (expected !== undefined) expect(answer.status, what).toBe(expected);
    const statuses = new Set(answers.map(({ answer }) => answer.status));
    for (const status of [200, 201, 202, 400, 401, 404, 415, 422, 501, 503, 504]) expect(statuses).toContain(status);
  });

  it("leave one line each, which names partner, operation, adapter, outcome and duration", () => {
    for (const { answer, what } of answers) {
      const [line, ...more] = linesOf(answer);
      expect(more).toEqual([]);
      expect(line, what).toMatchObject({ status: answer.status, durationMs: expect.any(Number) as number });
      if (answer.status === 401) continue;
      expect(line, what).toMatchObject({ partner: "partner-a", operation: expect.any(String) as string });
      const reached = answer.status < 300 || (answer.body as { origin?: string }).origin === "vendor";
      if (!reached || answer.headers["idempotency-replayed"] !== undefined) continue;
      expect(line, what).toMatchObject({
        operation: expect.stringMatching(/^\w+\.\w+$/) as string,
        adapter: expect.any(String) as string,
        outcome: expect.stringMatching(/^(done|rejected|not_sent|unknown|stored)$/) as string,
      });
    }
  });
});

describe("nothing of it is seen", () => {
  it("in the log", () => {
    expect(road.lines.length).toBeGreaterThan(answers.length);
    expect(flownInto(road.lines.map((line) => JSON.stringify(line)).join("\n"), everything())).toEqual([]);
  });

  it.each(["/metrics", "/breakers", "/readyz"])("at the operators' %s", async (path) => {
    const text = await (await fetch(road.admin + path)).text();
    expect(text.length).toBeGreaterThan(0);
    expect(flownInto(text, everything())).toEqual([]);
  });

  it("in the transcripts of the vendors' calls", async () => {
    let attempts = 0;
    for (const { answer } of answers) {
      const text = await (await fetch(`${road.admin}/transcripts/${answer.headers["request-id"]}`)).text();
      attempts += (JSON.parse(text) as { data: unknown[] }).data.length;
      expect(flownInto(text, everything())).toEqual([]);
    }
    expect(attempts).toBeGreaterThan(30);
  });

  it("in a problem", () => {
    const problems = answers.filter(({ answer }) => answer.status >= 400).map(({ answer }) => answer.text);
    expect(problems.length).toBeGreaterThan(25);
    expect(flownInto(problems.join("\n"), everything())).toEqual([]);
  });

  it("in plain text in the gateway's files", async () => {
    const files = (await readdir(road.sandbox.dir)).filter((file) => file.startsWith("qiao.sqlite"));
    const whole = await Promise.all(files.map((file) => readFile(join(road.sandbox.dir, file), "latin1")));
    // What is no secret stands there, so the files are the right ones.
    expect(whole.join("")).toContain(
      answers.find(({ answer }) => answer.status === 201)?.answer.headers["location"]?.slice(-22),
    );
    const bytes = everything().map((value) => Buffer.from(value).toString("latin1"));
    expect(flownInto(whole.join("\n"), bytes)).toEqual([]);
  });
});
