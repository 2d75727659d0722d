/**
 * Requests made from the contract against the sandbox with every vendor: what the contract takes gets an answer that it
 * documents, what it does not take never has an effect, and the gateway breaks on neither. Seeded: the same in every run.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations, problems } from "#specs";
import type { OperationId, ProblemCode } from "#specs";
import { adapterFolders } from "#gateway";
import type { Answered } from "../../mocks/partner/client.ts";
import { differences, examplesOf } from "../road/contract.fixture.ts";
import { openRoad } from "../road/setup.fixture.ts";
import type { Road } from "../road/setup.fixture.ts";
import { adaptersDir } from "./adapters.ts";
import { valid } from "./requests/samples.fixture.ts";
import { bodySchema, fits, withBody } from "./requests/schema.fixture.ts";
import { parametersOf, sampleOf } from "./statuses/requests.fixture.ts";
import { spoiled } from "./requests/spoiled.fixture.ts";

const seed = 20_261_122;
const positives = 8;
const maxNegatives = 40;
const atOnce = 8;
let road: Road;

beforeAll(async () => {
  road = await openRoad({ adapters: await adapterFolders(adaptersDir) });
});
afterAll(() => road.close());

/** A path whose resources do not exist: what is refused is refused before they are looked for. */
function pathOf(operation: OperationId): string {
  return parametersOf(operation)
    .filter((parameter) => parameter.in === "path")
    .reduce((path, parameter) => path.replace(`{${parameter.name}}`, sampleOf(parameter)), operations[operation].path);
}

function schemaOf(operation: OperationId) {
  const schema = bodySchema(operation);
  if (schema === undefined) throw new Error(`${operation} takes no body`);
  return schema;
}

async function send(operation: OperationId, body: unknown, partner = road.a): Promise<Answered> {
  const key = operations[operation].idempotent ? {} : { idempotencyKey: false as const };
  return partner.request("POST", pathOf(operation), { body: JSON.stringify(body), ...key });
}

/** What is wrong with the answer to a request that the contract takes. */
function faultsOf(operation: OperationId, answer: Answered): string[] {
  const { code } = (answer.body ?? {}) as { code?: ProblemCode };
  const vendors = code !== undefined && (problems[code].origin === "vendor" || code === "operation_unsupported");
  const ours = answer.status >= 500 && !vendors;
  const waits = answer.headers["retry-after"] !== undefined || (answer.body as { retry?: string }).retry === "after";
  const differs = differences("POST", pathOf(operation), answer).filter(
    (each) => waits || !each.endsWith("Retry-After"),
  );
  return [...(ours ? [`${answer.status} ${code}`] : []), ...differs];
}

/** A few at a time, so that the vendors' limits are not what is tested. */
async function inTurns<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += atOnce) await Promise.all(all.slice(from, from + atOnce).map(work));
}

describe.each(withBody)("%s", (operation) => {
  const hints = Object.values(examplesOf(operation));
  const hinted = hints.length === 0 ? [undefined] : hints;
  const near = fc.oneof(...hinted.map((each) => valid(schemaOf(operation), each)));
  const good = near.filter((body) => fits(operation, body));

  it("answers what the contract takes as it documents", async () => {
    const bodies = [...hints, ...fc.sample(good, { seed, numRuns: positives })];
    expect(bodies.length).toBeGreaterThanOrEqual(positives);
    const faults: string[] = [];
    await inTurns(bodies, async (body) => {
      const answer = await send(operation, body);
      // What a vendor cannot take is 422 `request_unsuitable`; a 400 means that the gateway reads the contract otherwise.
      if (answer.status === 400) faults.push(`refused: ${JSON.stringify(body)}: ${answer.text}`);
      faults.push(...faultsOf(operation, answer).map((fault) => `${fault}: ${JSON.stringify(body)}`));
    });
    expect(faults).toEqual([]);
  });

  it("refuses what the contract does not take", async () => {
    const seeds = fc.sample(good, { seed, numRuns: 3 });
    const all = [...hints, ...seeds].flatMap((each) => spoiled(schemaOf(operation), each));
    const different = [...new Map(all.map((each) => [each.what, each])).values()];
    const wrong = different.filter(({ value }) => !fits(operation, value));
    expect(wrong.length).toBeGreaterThan(3);
    const count = Math.min(wrong.length, maxNegatives);
    const chosen = fc.sample(fc.shuffledSubarray(wrong, { minLength: count, maxLength: count }), {
      seed,
      numRuns: 1,
    })[0];
    const faults: string[] = [];
    await inTurns(chosen ?? [], async ({ what, value }) => {
      const answer = await send(operation, value, road.b);
      const { code } = (answer.body ?? {}) as { code?: string };
      if (answer.status !== 400) faults.push(`${what}: ${answer.status} ${code}`);
      faults.push(...differences("POST", pathOf(operation), answer).map((fault) => `${what}: ${fault}`));
    });
    expect(faults).toEqual([]);
  });
});

describe("afterwards", () => {
  it("nothing exists that somebody asked for wrongly", async () => {
    for (const list of ["/v1/events", "/v1/webhook-endpoints", "/v1/customer-accounts"]) {
      expect((await road.b.request("GET", list)).body, list).toEqual({ data: [] });
    }
  });

  it("no vendor got what it never promised to take, and nothing of the gateway broke", () => {
    for (const mock of road.sandbox.mocks) expect(mock.violations, mock.adapter).toEqual([]);
    expect(road.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});
