/** The contract at work: Ajv over its examples, express-openapi-validator over a socket. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import express from "express";
import type { NextFunction, Request, Response } from "express";
import * as OpenApiValidator from "express-openapi-validator";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBundle, readRequestBundle, readValidationBundle } from "#specs";
import { operationsOf } from "./generate/document.ts";
import type { Bundle, Media } from "./generate/document.ts";

const bundle = readBundle() as unknown as Bundle;
const ajv = new Ajv2020({ strict: false, allErrors: true, unicodeRegExp: true });
addFormats.default(ajv);
ajv.addSchema({ $id: "contract", ...readValidationBundle() });

const validator = (name: string) => ajv.compile({ $ref: `contract#/components/schemas/${name}` });
const operations = operationsOf(bundle).map((each) => ({ ...each, id: each.operation.operationId }));
const examplesOf = (media: Media | undefined) =>
  Object.entries(media?.examples ?? {}).map(([name, { value }]) => ({ name, value, ref: media?.schema?.$ref ?? "" }));

describe("examples", () => {
  it.each(operations)("$id: every body has examples, and each is valid", ({ operation }) => {
    const answers = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
    const media = [
      operation.requestBody?.content["application/json"],
      ...answers.map(([, answer]) => answer.content?.["application/json"]),
    ].filter((each) => each !== undefined);
    expect(media.length).toBeGreaterThan(0);
    for (const each of media) {
      const examples = examplesOf(each);
      expect(examples.length).toBeGreaterThan(0);
      for (const { name, value, ref } of examples) {
        const valid = ajv.compile({ $ref: `contract${ref}` });
        expect(valid(value), `${name}: ${ajv.errorsText(valid.errors)}`).toBe(true);
      }
    }
  });

  it.each(Object.entries(bundle.components.schemas).filter(([, schema]) => schema.examples))(
    "%s: its own examples are valid",
    (name, schema) => {
      const valid = validator(name);
      for (const example of schema.examples as unknown[])
        expect(valid(example), ajv.errorsText(valid.errors)).toBe(true);
    },
  );

  it("plans add up to the last minor unit", () => {
    const cents = ({ amount }: { amount: string }) => BigInt(amount.replace(".", ""));
    const plans = operations
      .flatMap(({ operation }) => Object.values(operation.responses))
      .flatMap((answer) => examplesOf(answer.content?.["application/json"]))
      .flatMap(({ value }) => plansIn(value));
    expect(plans.length).toBeGreaterThan(1);
    for (const { schedule, feeAmount, totalAmount } of plans) {
      const sum = (pick: (entry: Plan["schedule"][number]) => bigint) =>
        schedule.reduce((total, entry) => total + pick(entry), 0n);
      expect(sum((entry) => cents(entry.fee))).toBe(cents(feeAmount));
      expect(sum((entry) => cents(entry.amount))).toBe(cents(totalAmount));
      expect(sum((entry) => cents(entry.principal))).toBe(cents(totalAmount) - cents(feeAmount));
    }
  });
});

interface Money {
  amount: string;
}
interface Plan {
  schedule: { principal: Money; fee: Money; amount: Money }[];
  feeAmount: Money;
  totalAmount: Money;
}
function plansIn(value: unknown): Plan[] {
  const { plan, plans = [] } = value as { plan?: Plan; plans?: Plan[] };
  return plan ? [plan] : plans;
}

describe("money", () => {
  const money = validator("Money");
  const positive = validator("PositiveMoney");
  const inCny = (amount: string) => ({ amount, currency: "CNY" });

  it("positive money is money that is not zero", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789."), minLength: 1, maxLength: 20 });
    const written = fc
      .tuple(fc.nat(1_000_000), fc.nat(9_999), fc.integer({ min: 0, max: 4 }))
      .map(([whole, part, scale]) =>
        scale === 0 ? `${whole}` : `${whole % 3}.${String(part).padStart(4, "0").slice(0, scale)}`,
      );
    fc.assert(
      fc.property(fc.oneof(digits, written), (amount) => {
        expect(positive(inCny(amount)), amount).toBe(money(inCny(amount)) && /[1-9]/u.test(amount));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["-1", "+1", "1e3", "01", ".5", "1.", "1.23456", "1,000", "12345678901234", "NaN", "", "1 ", "１"])(
    "%j is no money",
    (amount) => expect(money(inCny(amount))).toBe(false),
  );
});

describe("requests over a socket", () => {
  let server: Server;
  let origin = "";

  beforeAll(async () => {
    const app = express();
    app.use(express.json());
    app.use(
      OpenApiValidator.middleware({
        apiSpec: readRequestBundle() as never,
        validateApiSpec: true,
        validateRequests: { allErrors: true },
        validateResponses: false,
        validateSecurity: false,
      }),
    );
    app.use((_request: Request, response: Response) => void response.json({ errors: [] }));
    app.use(
      (error: { status?: number; errors?: unknown[] }, _request: Request, response: Response, _next: NextFunction) => {
        response.status(error.status ?? 500).json({ errors: error.errors });
      },
    );
    server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function send(method: string, target: string, body?: unknown, key = '"8e03978e"') {
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key && { "idempotency-key": key }),
    };
    const answer = await fetch(origin + target, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { errors } = (await answer.json()) as { errors: { path: string; message: string }[] };
    return { status: answer.status, paths: [...new Set(errors.map(({ path }) => path))] };
  }
  const fill = (path: string) =>
    path.replaceAll(/\{(\w)(\w*)\}/gu, (_all, first: string, rest: string) =>
      String(([bundle.components.schemas[first.toUpperCase() + rest]?.examples].flat() as string[])[0]),
    );
  const consent = "cns_01JD9ZK3V7W8X9Y0Z1A2B3";

  it.each(operations)("$id accepts its examples", async ({ method, path, operation }) => {
    const query = path.startsWith("/v1/bank-accounts") ? `?consentId=${consent}` : "";
    const examples = examplesOf(operation.requestBody?.content["application/json"]);
    for (const { value } of examples.length > 0 ? examples : [{ value: undefined }]) {
      expect(await send(method, fill(path) + query, value)).toEqual({ status: 200, paths: [] });
    }
  });

  const person = { type: "id_two_factor", name: "张三", nationalId: "11010519491231002X" };
  const order = (payer: unknown) => ({
    amount: { amount: "1.00", currency: "CNY" },
    periods: 3,
    feeBearer: "customer",
    subject: "s",
    payer,
    reference: "r",
  });
  it.each([
    ["an unknown field", "/v1/identity-checks", { ...person, extra: 1 }, ["/body/extra"]],
    ["a tag that does not exist", "/v1/identity-checks", { ...person, type: "x" }, ["/body/type"]],
    ["a field of another branch", "/v1/identity-checks", { ...person, phone: "13800138000" }, ["/body/phone"]],
    [
      "a field that the tag requires",
      "/v1/identity-checks",
      { ...person, type: "phone_three_factor" },
      ["/body/phone"],
    ],
    ["a nested tag", "/v1/instalments", order({ type: "x", code: "1" }), ["/body/payer/type"]],
    ["a nested branch", "/v1/instalments", order({ type: "account" }), ["/body/payer/accountId"]],
    ["null", "/v1/instalments", order(null), ["/body/payer"]],
  ])("%s is refused at its place", async (_title, target, body, places) => {
    const { status, paths } = await send("POST", target, body);
    expect(status).toBe(400);
    expect(paths).toEqual(expect.arrayContaining(places));
    expect(paths.filter((path) => !places.some((place) => place.startsWith(path)))).toEqual([]);
  });

  it.each([
    ["missing", "", 400],
    ["empty", '""', 400],
    ["too long", "k".repeat(65), 400],
    ["with a comma", "a,b", 400],
    ["half quoted", '"a', 400],
    ["bare", "k".repeat(64), 200],
    ["quoted", `"${"k".repeat(64)}"`, 200],
  ])("an Idempotency-Key that is %s: %j", async (_title, key, status) => {
    const answer = await send("POST", "/v1/identity-checks", person, key);
    expect(answer).toEqual({ status, paths: status === 200 ? [] : ["/headers/idempotency-key"] });
  });

  it.each([
    "/v1/refunds/rfd_short",
    "/v1/refunds/ins_01JD9ZK3V7W8X9Y0Z1A2B3",
    "/v1/bank-accounts/..%2f2?consentId=x",
    "/v1/bank-accounts",
  ])("%s is refused", async (target) => expect((await send("GET", target)).status).toBe(400));
});
