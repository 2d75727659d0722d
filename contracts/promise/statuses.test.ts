/**
 * Each operation is brought to each status that it documents, over HTTP, and each answer is held against the contract. A
 * status that cannot be brought about is a promise that nobody keeps: it has to leave the contract, or the gateway to learn it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations } from "#specs";
import type { OperationId } from "#specs";
import { differences } from "../road/contract.fixture.ts";
import { defect, makers, send, whileStopping } from "./statuses/makers.fixture.ts";
import type { Produced } from "./statuses/makers.fixture.ts";
import { openWorld } from "./statuses/world.fixture.ts";
import type { World } from "./statuses/world.fixture.ts";

const ids = Object.keys(operations) as OperationId[];
const produced = new Map<OperationId, Map<number, Produced>>(ids.map((id) => [id, new Map()]));
const faults: string[] = [];
let world: World;

const documented = (id: OperationId): number[] => [
  ...operations[id].successStatuses,
  ...operations[id].problemStatuses,
];
const lacks = (id: OperationId, status: number): boolean =>
  documented(id).includes(status) && produced.get(id)?.has(status) === false;

/** Keeps an answer, of whatever status, and holds it against the contract. */
function keep(id: OperationId, answer: Produced | undefined): void {
  if (answer === undefined || produced.get(id)?.has(answer.status) === true) return;
  produced.get(id)?.set(answer.status, answer);
  const { method, path } = operations[id];
  const waits = (answer.body as { retry?: string } | undefined)?.retry === "after";
  // One response may carry problems that pass and others that do not: only the former say when to come back.
  faults.push(...differences(method, path, answer).filter((fault) => waits || !fault.endsWith("header Retry-After")));
}

beforeAll(async () => {
  world = await openWorld();
  // First of all, since it puts resources into the statuses that others need.
  for (const id of ids) await world.requests.good(id);
  await world.requests.spentKey();
  await Promise.all(ids.flatMap((id) => [make(id, patient), make(id, others(id))]));
  for (const id of ids) if (lacks(id, 500)) keep(id, await defect(world, id));
  const late = ids.filter((id) => lacks(id, 503));
  for (const [id, answer] of await whileStopping(world, late)) keep(id, answer);
  const { full, close } = await world.productionWithoutAdapters();
  for (const id of ids) {
    if (lacks(id, 501) || (lacks(id, 404) && operations[id].sandbox)) {
      keep(id, await send(full, id, await world.requests.good(id)));
    }
  }
  await close();
}, 60_000);

/** Statuses that take time and disturb nobody. */
const patient = [408];
/** A vendor that fails too often is left alone for a while, which is a 503 as well: that one comes last. */
const others = (id: OperationId): number[] =>
  documented(id)
    .filter((status) => !patient.includes(status))
    .toSorted((a, b) => Number(a === 503) - Number(b === 503));

async function make(id: OperationId, statuses: readonly number[]): Promise<void> {
  for (const status of statuses) {
    for (const maker of makers[status] ?? []) if (lacks(id, status)) keep(id, await maker(world, id));
  }
}

afterAll(() => world.close());

describe("each documented status is produced", () => {
  it.each(ids)("by %s", (id) => {
    expect(documented(id).filter((status) => lacks(id, status))).toEqual([]);
  });
});

it("and nothing that is produced is undocumented or differs from what is documented", () => {
  expect(faults).toEqual([]);
  const count = [...produced.values()].reduce((sum, { size }) => sum + size, 0);
  expect(count).toBeGreaterThan(ids.length * 10);
  expect(world.vendor.mock.violations).toEqual([]);
});
