import { setTimeout as sleep } from "node:timers/promises";
import type { OperationId } from "#capability";
import { operations, resources } from "#specs";
import { visit } from "../../journeys/browser.ts";
import { differences } from "../contract.ts";
import type { Bench } from "../bench.ts";
import { perform } from "../calls.ts";
import type { Performed } from "../calls.ts";
import { buttonFor, pageIn } from "../customer.ts";
import { fileOf, finding, inWords } from "../findings.ts";
import { samplesOf } from "../samples.ts";
import type { Check, Finding, Law } from "../types.ts";
import { waysOf } from "../ways.ts";

/** How long a new resource is watched as it moves on. */
const watchedMs = 700;
const pollEveryMs = 60;

/** Both specs are kept: what is sent is the vendor's, what is answered is ours. */
export const answers: Law = {
  name: "answers",
  promise: "every request is the vendor's spec, every answer is ours",
  checks: (subject) => [
    ...subject.operations.map((operationId): Check => ({
      name: operationId,
      prove: (bench) => proveOne(bench, operationId),
    })),
    ...subject.adapter.unsupported.map(({ operation, why }): Check => ({ name: operation, skip: why })),
    {
      name: "nothing left the vendor's spec, in either direction",
      prove: (bench) =>
        Promise.resolve(
          bench.mock.violations.map(({ operation, where, message }) =>
            finding(subject, "vendor.openapi.yaml", `the ${where} of ${operation} as the spec has it`, message),
          ),
        ),
    },
  ],
};

async function proveOne(bench: Bench, operationId: OperationId): Promise<Finding[]> {
  // What cannot be learned shows in the answers themselves.
  await waysOf(bench).catch(() => undefined);
  const gateway = await bench.usual();
  const findings: Finding[] = [];
  for (const [nth, sample] of samplesOf(bench, operationId).entries()) {
    const performed = await perform(bench, gateway, operationId, { sample });
    findings.push(...judge(bench, performed, nth === 0));
    if (performed.answer.status < 300 && operations[operationId].creates)
      findings.push(...(await watch(bench, performed)));
  }
  return [...findings, ...alarms(bench, gateway.lines, operationId)];
}

/** The first sample must succeed; any other be answered, be it by a documented no. */
function judge(bench: Bench, { operationId, target, answer, passed }: Performed, mustSucceed: boolean): Finding[] {
  const { method } = operations[operationId];
  const look = fileOf(operationId);
  const said = answer.status < 300 || (!mustSucceed && answer.status < 500);
  const asked = passed
    .map(({ operation, answer: given }) => `${operation} ${given?.status ?? "unanswered"}`)
    .join(", ");
  return [
    ...(said
      ? []
      : [
          finding(
            bench.subject,
            look,
            `${operationId} to succeed`,
            `${inWords(answer)}; the vendor was asked: ${asked}`,
          ),
        ]),
    ...differences(method, target, answer).map((difference) =>
      finding(bench.subject, look, `${operationId} as the contract has it`, difference),
    ),
  ];
}

/** Reads a new resource as the vendor and the customer move it on. */
async function watch(bench: Bench, { operationId, said }: Performed): Promise<Finding[]> {
  const gateway = await bench.usual();
  const [capability = ""] = operationId.split(".");
  const { finalStates, resting } = resources[capability as keyof typeof resources];
  const get = `${capability}.get` as OperationId;
  const target = operations[get].path.replace(/\{[^}]+\}/, String(said["id"]));
  const page = pageIn(bench, said);
  if (page !== undefined) await visit(page, buttonFor(bench, "agrees"));
  const until = performance.now() + watchedMs;
  for (;;) {
    const answer = await gateway.partner.request("GET", target);
    const wrong = differences("GET", target, answer);
    if (answer.status !== 200) wrong.push(`${get} answered ${inWords(answer)}`);
    const status = String((answer.body as { status?: unknown } | undefined)?.status);
    if (wrong.length > 0) {
      return wrong.map((each) => finding(bench.subject, fileOf(get), `${get} as the contract has it`, each));
    }
    if ([...finalStates, ...resting].includes(status) || performance.now() > until) return [];
    await sleep(pollEveryMs);
  }
}

/** The gateway's own alarms about this adapter. */
function alarms(bench: Bench, lines: readonly Record<string, unknown>[], operationId: OperationId): Finding[] {
  return lines
    .filter(({ alarm }) => typeof alarm === "string" && alarm.includes("breaks the contract"))
    .map(({ alarm, violation }) =>
      finding(
        bench.subject,
        fileOf(operationId),
        "no alarm of the gateway's",
        `${String(alarm)}: ${String(violation ?? "")}`,
      ),
    );
}
