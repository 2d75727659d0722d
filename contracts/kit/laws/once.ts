import { setTimeout as sleep } from "node:timers/promises";
import type { OperationId } from "#capability";
import { strikes } from "../../../mocks/faults/index.ts";
import type { Bench } from "../bench.ts";
import { prepare, send } from "../calls.ts";
import type { Performed } from "../calls.ts";
import { inWords } from "../findings.ts";
import type { KitGateway } from "../gateway.ts";
import { carries, referenceOf } from "../references.ts";
import type { Check, Finding, Law } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { isAskable, kindOf, waysOf } from "../ways.ts";
import type { Way } from "../ways.ts";
import { books, effectOf, hasEffect, repeated, settleMs, wrong } from "./effect-books.ts";

/** One request of a partner's has at most one effect at the vendor, under one reference, whatever happens in between. */
export const once: Law = {
  name: "once",
  promise: "at most one effect at the vendor, under one reference, over retries and restarts",
  checks: (subject) => {
    const effects = subject.operations.filter(hasEffect);
    const each = (name: string, prove: (bench: Bench, way: Way) => Promise<Finding[]>) =>
      effects.map((operationId): Check => ({
        name: `${operationId}: ${name}`,
        prove: (bench) => overWays(bench, operationId, prove),
      }));
    return [
      ...each("an answer that was lost is not asked for by doing it again", lost),
      ...each("what was not sent is sent again under the same key, and done once", notSent),
      ...each("a repeat after a restart finds what was done", restarted),
    ];
  },
};

async function overWays(
  bench: Bench,
  operationId: OperationId,
  prove: (bench: Bench, way: Way) => Promise<Finding[]>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const way of await waysOf(bench)) {
    if (way.operationId === operationId && way.calls.length > 0) findings.push(...(await prove(bench, way)));
  }
  return findings;
}

async function lost(bench: Bench, way: Way): Promise<Finding[]> {
  const gateway = await bench.usual();
  const { vendorOperation, isEffect } = effectOf(bench, way);
  const prepared = await prepare(bench, gateway, way.operationId, way.sample);
  await sleep(settleMs);
  const before = books(bench);
  const first = await send(bench, gateway, prepared, {
    plans: [{ operation: vendorOperation, strike: strikes.reset }],
  });
  const asked = first.passed.filter(({ operation }) => operation === vendorOperation).length;
  const findings: Finding[] = [];
  if (isEffect && asked > 1) {
    findings.push(
      wrong(bench, way, `one ${vendorOperation}, whose effect must not be repeated blindly`, `${asked} were sent`),
    );
  }
  findings.push(...(await repeated(bench, gateway, way, first)));
  const made = books(bench) - before;
  if (made > 1) findings.push(wrong(bench, way, "one effect in the vendor's books at most", `${made}`));
  return findings;
}

async function notSent(bench: Bench, way: Way): Promise<Finding[]> {
  const gateway = await bench.usual();
  const { vendorOperation } = effectOf(bench, way);
  const prepared = await prepare(bench, gateway, way.operationId, way.sample);
  await sleep(settleMs);
  const before = books(bench);
  const refused = await send(bench, gateway, prepared, {
    plans: [{ operation: vendorOperation, strike: strikes.limited }],
  });
  const key = refused.key === undefined ? {} : { key: refused.key };
  const again = await send(bench, gateway, prepared, key);
  const made = books(bench) - before;
  const findings: Finding[] = [];
  if (again.answer.status >= 300)
    findings.push(wrong(bench, way, "success once the vendor takes it", inWords(again.answer)));
  if (made > 1) findings.push(wrong(bench, way, "one effect in the vendor's books at most", `${made}`));
  return [...findings, ...(await underReference(bench, gateway, way, again))];
}

/** The vendor has our reference: without it nobody could ask what became of a request. */
async function underReference(bench: Bench, gateway: KitGateway, way: Way, performed: Performed): Promise<Finding[]> {
  const { operationId, said, passed } = performed;
  if (kindOf(operationId) !== "creates" || !isAskable(bench, operationId) || performed.answer.status >= 300) return [];
  const reference = await referenceOf(gateway, String(said["id"]));
  const other = await referenceOf(gateway, String(way.performed.said["id"]));
  if (reference === other) return [wrong(bench, way, "another reference for another request", "the same")];
  const { operations } = vendorDoc(bench.subject);
  const keyed = passed.filter(({ operation }) => operations.get(operation)?.effect !== "read");
  const isKnown = (keyed.length > 0 ? keyed : passed).some(({ request }) => carries(request, reference));
  if (isKnown) return [];
  const expected = `call.reference in what is sent (${passed.map(({ operation }) => operation).join(", ")})`;
  return [wrong(bench, way, expected, "it stands nowhere: a repeat would be another order, and nobody could ask")];
}

/** Every answer lost, one restart for all, and each key once more. */
async function restarted(bench: Bench, way: Way): Promise<Finding[]> {
  const found = await bench.shared("a restart", async () => {
    const gateway = await bench.gateway();
    const ways = (await waysOf(bench)).filter(({ operationId, calls }) => hasEffect(operationId) && calls.length > 0);
    const lostOnes: { of: Way; first: Performed }[] = [];
    for (const of of ways) {
      const { vendorOperation } = effectOf(bench, of);
      const prepared = await prepare(bench, gateway, of.operationId, of.sample);
      const plans = [{ operation: vendorOperation, strike: strikes.reset }];
      lostOnes.push({ of, first: await send(bench, gateway, prepared, { plans }) });
    }
    await sleep(settleMs);
    const before = books(bench);
    await gateway.restart();
    const findings = new Map<Way, Finding[]>();
    for (const { of, first } of lostOnes) findings.set(of, await repeated(bench, gateway, of, first));
    const made = books(bench) - before;
    return { findings, made };
  });
  const findings = found.findings.get(way) ?? [];
  return found.made <= 0
    ? findings
    : [...findings, wrong(bench, way, "no effect in the vendor's books after the restart", `${found.made} in all`)];
}
