import { setTimeout as sleep } from "node:timers/promises";
import { strikes } from "../../../mocks/faults/index.ts";
import type { StrikeName } from "../../../mocks/faults/index.ts";
import type { Bench } from "../bench.ts";
import { inParallel, send } from "../calls.ts";
import type { Performed, Prepared } from "../calls.ts";
import { fileOf, finding, inWords } from "../findings.ts";
import type { KitGateway } from "../gateway.ts";
import type { Finding, Law } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { kindOf, readied, waysOf } from "../ways.ts";
import type { Way } from "../ways.ts";
import { judge } from "./outcome-classes.ts";
import { hastyDeadlineMs as deadlineMs, silentTrials } from "./trials.ts";

const places = 3;
const load = 2 * places;
/** Nobody waits for a place, so that who finds none is told at once. */
const fewPlaces = { isolation: { maxInFlightPerGroup: places, maxWaitingPerGroup: 0 } };
/** Beside the deadline, on a busy machine. */
const slackMs = 1_000;
/** What is refused for want of a place is refused long before what hangs is given up, also on a busy machine. */
const placesDeadlineMs = 2_000;
const atOnceMs = 1_500;
const settleMs = 250;

/** Bounds hold at twice the load, and what hangs keeps nobody else waiting. */
export const limits: Law = {
  name: "limits",
  promise: "deadline, places and answer size hold at twice the load; one hung group starves no other",
  checks: () => [
    { name: "deadline: a vendor that hangs, and a mapping that waits, are given up", prove: deadlines },
    { name: "answer size: a flood of oversized answers is cut off", prove: floods },
    { name: "places: what finds none is refused at once, and other groups go on", prove: inPlaces },
  ],
};

/** Every way, left hanging. */
async function deadlines(bench: Bench): Promise<Finding[]> {
  const trials = (await silentTrials(bench)).filter(({ fault }) => fault === "hang");
  return trials.flatMap((trial) => late(bench, trial, trial.vendorOperation));
}

function late(
  bench: Bench,
  { operationId, answer }: Performed,
  vendorOperation: string,
  withinMs: number = deadlineMs,
): Finding[] {
  if (answer.durationMs <= withinMs + slackMs) return [];
  const expected = `${operationId}: an answer within its ${withinMs} ms, whatever ${vendorOperation} does`;
  return [finding(bench.subject, fileOf(operationId), expected, `${inWords(answer)} after ${answer.durationMs} ms`)];
}

/** One way into each of the vendor's groups. */
async function perGroup(bench: Bench): Promise<{ way: Way; vendorOperation: string; group: string }[]> {
  const { operations } = vendorDoc(bench.subject);
  const found = new Map<string, { way: Way; vendorOperation: string; group: string }>();
  for (const way of await waysOf(bench)) {
    for (const vendorOperation of way.calls) {
      const group = operations.get(vendorOperation)?.group ?? vendorOperation;
      if (!found.has(group)) found.set(group, { way, vendorOperation, group });
    }
  }
  return [...found.values()];
}

/** One group's load, and a call that needs nothing of the group, if there is one. */
interface Load {
  way: Way;
  vendorOperation: string;
  ready: readonly Prepared[];
  other: Prepared | undefined;
}

/** A gateway with few places and all the time there is. */
function narrow(bench: Bench): Promise<KitGateway> {
  return bench.shared("the narrow gateway", () => bench.gateway(fewPlaces));
}

async function floods(bench: Bench): Promise<Finding[]> {
  const gateway = await narrow(bench);
  const [first] = (await waysOf(bench)).filter(({ calls }) => calls.length > 0);
  if (first === undefined) return [];
  const vendorOperation = first.calls[0] ?? "";
  const ready = await many(bench, gateway, first);
  const answers = await Promise.all(
    ready.map((prepared) => send(bench, gateway, prepared, plan(vendorOperation, "oversized"))),
  );
  return answers.flatMap((performed) => {
    // Half of them find no place; the others read no more than they may.
    const fault: StrikeName | "refuse" = performed.passed.some(({ struck }) => struck) ? "oversized" : "refuse";
    const expected = judge(bench, performed, vendorOperation, fault);
    const what = `${first.operationId} under a flood: ${expected}`;
    return expected === undefined
      ? []
      : [finding(bench.subject, fileOf(first.operationId), what, inWords(performed.answer))];
  });
}

function many(bench: Bench, gateway: KitGateway, way: Way): Promise<Prepared[]> {
  return inParallel(Array.from({ length: load }), () => readied(bench, gateway, way), places);
}

async function loadsOf(bench: Bench, gateway: KitGateway): Promise<Load[]> {
  const ways = (await waysOf(bench)).filter(({ calls }) => calls.length > 0);
  const { operations } = vendorDoc(bench.subject);
  const loads: Load[] = [];
  for (const { way, vendorOperation, group } of await perGroup(bench)) {
    const elsewhere = ways.find(({ calls }) => calls.every((id) => operations.get(id)?.group !== group));
    const other = elsewhere === undefined ? undefined : await readied(bench, gateway, elsewhere);
    loads.push({ way, vendorOperation, ready: await many(bench, gateway, way), other });
  }
  return loads;
}

async function inPlaces(bench: Bench): Promise<Finding[]> {
  const gateway = await narrow(bench);
  // Made ready with all the time there is, so that the short deadline is spent on what hangs alone.
  const loads = await loadsOf(bench, gateway);
  await gateway.restart({ ...fewPlaces, maxDeadlineMs: placesDeadlineMs });
  const findings: Finding[] = [];
  for (const { way, vendorOperation, ready, other } of loads) {
    const before = bench.layer.passed.length;
    const hung = Promise.all(ready.map((prepared) => send(bench, gateway, prepared, plan(vendorOperation, "hang"))));
    await sleep(settleMs);
    const under = bench.layer.passed.slice(before).filter((each) => each.operation === vendorOperation).length;
    const free = other === undefined ? undefined : await send(bench, gateway, other);
    const answered = await hung;
    // A resource that cannot be asked about now is shown as it stands.
    const refusal = kindOf(way.operationId) === "gets" ? 200 : 503;
    const refused = answered.filter(({ answer }) => answer.durationMs < atOnceMs && answer.status === refusal);
    const what = `${way.operationId} with ${load} hanging in ${vendorOperation}`;
    const wrong = (expected: string, happened: string): void =>
      void findings.push(finding(bench.subject, "vendor.openapi.yaml", `${what}: ${expected}`, happened));
    if (under > places) wrong(`${places} at the vendor at once`, `${under}`);
    if (refused.length < load - places) wrong(`${load - places} refused at once`, `${refused.length}`);
    findings.push(...answered.flatMap((performed) => late(bench, performed, vendorOperation, placesDeadlineMs)));
    if (free !== undefined && free.answer.status >= 300) {
      wrong(`${free.operationId}, of another group, to go on`, inWords(free.answer));
    }
  }
  return findings;
}

function plan(operation: string, strike: StrikeName) {
  return { plans: [{ operation, strike: strikes[strike] }] };
}
