import type { OperationId } from "#capability";
import { operations } from "#specs";
import { until } from "../until.ts";
import type { Bench } from "../bench.ts";
import { fileOf, finding, inWords } from "../findings.ts";
import type { Check, Finding, Law, Subject } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { waysOf } from "../ways.ts";
import { judge } from "./outcome-classes.ts";
import type { Fault } from "./outcome-classes.ts";
import { disturbances } from "./disturbances.ts";
import { lies } from "./lies.ts";
import { proveResolved } from "./resolved.ts";
import { hastyDeadlineMs, silent, struckIn, trialsOf } from "./trials.ts";
import type { Trial } from "./trials.ts";

/** What a busy machine may take beside the call itself. */
const slackMs = 2_500;
const socketsWithinMs = 3_000;
/** Whatever an answer looks like, these change it: one that did not strike was never sent. */
const alwaysStrike: readonly Fault[] = ["hang", "reset", "html_502", "limited"];

/** Whatever the wire does, the partner is told what is known of the effect: done, refused, not sent, or unknown. */
export const outcomes: Law = {
  name: "outcomes",
  promise: "whatever the wire does ends in the right class, inside the deadline, with the socket released",
  checks: (subject) => [
    ...subject.operations.map((operationId): Check => ({
      name: operationId,
      prove: (bench) => ofOperation(bench, operationId),
    })),
    {
      name: "what is unknown becomes known by reading",
      prove: async (bench) => proveResolved(bench, await trialsOf(bench)),
    },
    { name: "sockets are released, and the vendor saw nothing off its spec", prove: leftBehind },
    ...unsigned(subject),
    ...lies(subject),
    ...disturbances(subject),
  ],
};

/** The report shows what nobody can verify. */
function unsigned(subject: Subject): Check[] {
  const { verify } = subject.adapter.protocol;
  if (typeof verify !== "function") return [{ name: "a changed answer is refused", skip: verify.unsigned }];
  return [...vendorDoc(subject).operations.values()].flatMap(({ id, unsignedWhy: why }) =>
    why === undefined ? [] : [{ name: `${id}: a changed answer is refused`, skip: why }],
  );
}

async function ofOperation(bench: Bench, operationId: OperationId): Promise<Finding[]> {
  const trials = (await trialsOf(bench)).filter((trial) => trial.operationId === operationId);
  const findings = trials.flatMap((trial) => judgeTrial(bench, trial));
  const ways = (await waysOf(bench)).filter((way) => way.operationId === operationId);
  for (const vendorOperation of new Set(ways.flatMap(({ calls }) => calls))) {
    const struck = trials.filter((trial) => trial.vendorOperation === vendorOperation && struckIn(trial));
    const missed = alwaysStrike.filter((fault) => !struck.some((trial) => trial.fault === fault));
    if (missed.length === 0) continue;
    const expected = `${missed.join(", ")} of ${vendorOperation} to strike ${operationId}`;
    findings.push(finding(bench.subject, "mock.ts", expected, "it was not asked: kit.samples may say how"));
  }
  return findings;
}

function judgeTrial(bench: Bench, trial: Trial): Finding[] {
  const { operationId, answer, fault, vendorOperation } = trial;
  const look = fileOf(operationId);
  const what = `${operationId}, ${vendorOperation} struck by ${fault}`;
  if (!struckIn(trial)) return [];
  const deadlineMs = Math.min(operations[operationId].deadlineMs, silent.has(fault) ? hastyDeadlineMs : Infinity);
  if (answer.durationMs > deadlineMs + slackMs) {
    const expected = `${what}: an answer within ${deadlineMs} ms`;
    return [finding(bench.subject, look, expected, `${inWords(answer)} after ${answer.durationMs} ms`)];
  }
  const expected = judge(bench, trial, vendorOperation, fault);
  return expected === undefined ? [] : [finding(bench.subject, look, `${what}: ${expected}`, inWords(answer))];
}

async function leftBehind(bench: Bench): Promise<Finding[]> {
  await trialsOf(bench);
  const findings = bench.mock.violations.map(({ operation, where, message }) =>
    finding(bench.subject, "vendor.openapi.yaml", `the ${where} of ${operation} as the spec has it`, message),
  );
  const released = await until("sockets", () => bench.sockets.underWay() === 0, socketsWithinMs).then(
    () => true,
    () => false,
  );
  if (released) return findings;
  const happened = `${bench.sockets.underWay()} answers are still under way`;
  return [...findings, finding(bench.subject, "protocol.ts", "every connection let go of", happened)];
}
