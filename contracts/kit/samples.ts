/** Requests to try an operation with: the contract's own examples, or what the adapter's mock names instead. */
import type { OperationId } from "#capability";
import type { Sample } from "#mocks";
import { examplesOf } from "./contract.ts";
import type { Bench } from "./bench.ts";

/** The day of which the contract's examples tell. */
const exampleDayMs = Date.parse("2026-11-22T12:00:00Z");
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const date = /^\d{4}-\d{2}-\d{2}$/;

/** The samples of an operation, the first of which must succeed. At least one, with an empty body if it has none. */
export function samplesOf(bench: Bench, operationId: OperationId): Sample[] {
  const own = bench.facts().samples?.[operationId];
  const given = own === undefined ? [] : [own].flat();
  const examples = exampleSamples(operationId);
  if (given.length === 0) return examples.length === 0 ? [{}] : examples;
  const [first] = examples;
  return given.map((sample) => ({ ...(first === undefined ? {} : first), ...sample }));
}

/** The contract's own examples of an operation's request, as of today. */
export function exampleSamples(operationId: OperationId): Sample[] {
  return Object.values(examplesOf(operationId)).map((body) => ({ body: moved(body) as Sample["body"] & {} }));
}

/** The examples' days moved to today, so that what had yet to come still has. Dates of birth stay. */
function moved(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => moved(item, name));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, moved(member, key)]));
  }
  if (typeof value !== "string" || /birth/i.test(name)) return value;
  const shiftedMs = Date.parse(value) + Date.now() - exampleDayMs;
  if (timestamp.test(value)) return new Date(shiftedMs).toISOString().replace(/\.\d+/, "");
  return date.test(value) ? new Date(shiftedMs).toISOString().slice(0, 10) : value;
}
