import { setTimeout as sleep } from "node:timers/promises";
import type { OperationId } from "#capability";
import { operations, readBundle, resources } from "#specs";
import type { ResourceName } from "#specs";
import type { Lie, Sample } from "#mocks";
import type { Bench } from "../bench.ts";
import { inParallel, perform } from "../calls.ts";
import { bringTo, read } from "../customer.ts";
import { fileOf, finding, inWords } from "../findings.ts";
import { samplesOf } from "../samples.ts";
import { schemasIn } from "../pointers.ts";
import type { Check, Finding, Law, Subject } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { waysOf } from "../ways.ts";

const moneyMember = /amount|money|fee|price|total/i;
const watchedMs = 900;
const pollEveryMs = 60;
const bundle = readBundle();

/** One check per creation that names money, or whose vendor can be made to lie. */
export function lies(subject: Subject): ReturnType<Law["checks"]> {
  return subject.operations
    .filter((operationId) => operations[operationId].creates)
    .map((operationId): Check => {
      const name = `${operationId}: no other amount, currency or order, and no wrong signature, is a success`;
      return { name, prove: async (bench) => (await everyLie(bench)).get(operationId) ?? [] };
    });
}

/** All lies about all operations, side by side: each takes its time to be believed. */
function everyLie(bench: Bench): Promise<Map<OperationId, Finding[]>> {
  return bench.shared("lies", async () => {
    const creations = bench.subject.operations.filter((operationId) => operations[operationId].creates);
    return new Map(await inParallel(creations, async (id) => [id, await proveLies(bench, id)] as const));
  });
}

async function proveLies(bench: Bench, operationId: OperationId): Promise<Finding[]> {
  const own = bench.facts().lies?.[operationId] ?? {};
  const [first] = samplesOf(bench, operationId);
  const told = (Object.entries(own) as [Lie, Sample | readonly Sample[]][]).flatMap(([lie, samples]) =>
    [samples].flat().map((sample): [Lie, Sample] => [lie, { ...first, ...sample }]),
  );
  const findings = await inParallel(told, ([lie, sample]) => believed(bench, operationId, lie, sample));
  const lacksAmount = !told.some(([lie]) => lie === "amount") && (await namesMoney(bench, operationId));
  const expected = `kit.lies["${operationId}"].amount: a request to which the vendor answers about another amount`;
  return [
    ...findings.flat(),
    ...(lacksAmount
      ? [finding(bench.subject, "mock.ts", expected, "the request and the vendor's answers name money")]
      : []),
  ];
}

/** Whether the request names an amount and the vendor repeats one, at the creation or later. */
async function namesMoney(bench: Bench, operationId: OperationId): Promise<boolean> {
  const asked = [...schemasIn(bundle, operationId)].some((name) => name.endsWith("Money"));
  if (!asked) return false;
  const [capability = ""] = operationId.split(".");
  const { operations: vendorOperations } = vendorDoc(bench.subject);
  const calls = (await waysOf(bench))
    .filter((way) => way.operationId.startsWith(`${capability}.`))
    .flatMap((way) => way.calls);
  return calls.some((id) =>
    [...(vendorOperations.get(id)?.answerMembers ?? [])].some((name) => moneyMember.test(name)),
  );
}

/** Plays the lie to its end: customer included. */
async function believed(bench: Bench, operationId: OperationId, lie: Lie, sample: Sample): Promise<Finding[]> {
  const gateway = await bench.usual();
  const capability = operationId.split(".")[0] as ResourceName;
  const { finalStates, failedState, resting } = resources[capability];
  const performed = await perform(bench, gateway, operationId, { sample });
  const { answer, said } = performed;
  const wrong = (happened: string): Finding[] => [
    finding(
      bench.subject,
      fileOf(operationId),
      `${operationId}: a wrong ${lie} in the vendor's answer not to be believed`,
      happened,
    ),
  ];
  if (answer.status >= 300) return said["code"] === "internal_error" ? wrong(inWords(answer)) : [];
  // The truth may be told later; the answer that nobody signed rightly must not have counted.
  if (lie === "signature") return said["status"] === "unknown" ? [] : wrong(inWords(answer));
  const successes = [...finalStates, ...resting].filter((state) => state !== failedState);
  const until = performance.now() + watchedMs;
  const id = String(said["id"]);
  await bringTo(bench, gateway, capability, said, Object.keys(resources[capability].states));
  for (let status = String(said["status"]); ; status = String((await read(gateway, capability, id))["status"])) {
    if (successes.includes(status)) return wrong(`the resource became ${status}`);
    if (performance.now() > until) return [];
    await sleep(pollEveryMs);
  }
}
