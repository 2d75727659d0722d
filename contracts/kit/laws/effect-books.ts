/** What an effect is, what the vendor's books hold of it, and what a repeat may do. */
import type { OperationId } from "#capability";
import type { Bench } from "../bench.ts";
import { send } from "../calls.ts";
import type { Performed } from "../calls.ts";
import { fileOf, finding, inWords } from "../findings.ts";
import type { KitGateway } from "../gateway.ts";
import type { Finding } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { kindOf } from "../ways.ts";
import type { Way } from "../ways.ts";
import { neverKnown } from "./resolved.ts";

/** What a vendor does by itself after an answer (a refund that is made later) is no second effect; it has this long. */
export const settleMs = 30;

export function hasEffect(operationId: OperationId): boolean {
  return ["creates", "acts"].includes(kindOf(operationId));
}

/** The vendor's operation that has the effect: the last that is no read, or the last at all. */
export function effectOf(bench: Bench, { calls }: Way): { vendorOperation: string; isEffect: boolean } {
  const { operations } = vendorDoc(bench.subject);
  const effect = calls.findLast((id) => operations.get(id)?.effect !== "read");
  return { vendorOperation: effect ?? calls.at(-1) ?? "", isEffect: effect !== undefined };
}

/** What the vendor's own books hold, or else how many of its effects were answered. */
export function books(bench: Bench): number {
  const { effects } = bench.facts();
  if (effects !== undefined) return effects();
  const { operations } = vendorDoc(bench.subject);
  return bench.layer.passed.filter(({ operation, answer }) => {
    return operations.get(operation)?.effect !== "read" && (answer?.status ?? 500) < 300;
  }).length;
}

export function wrong(bench: Bench, way: Way, expected: string, happened: string): Finding {
  return finding(bench.subject, fileOf(way.operationId), `${way.operationId}: ${expected}`, happened);
}

/** The same key again, and reading until it is known: nothing more happens at the vendor. */
export async function repeated(bench: Bench, gateway: KitGateway, way: Way, first: Performed): Promise<Finding[]> {
  const settled = first.answer.status < 500 || first.said["code"] === "outcome_lost";
  if (!settled || first.key === undefined) return [];
  const again = await send(bench, gateway, first, { key: first.key });
  const findings: Finding[] = [];
  if (again.answer.text !== first.answer.text) {
    const happened = `${inWords(first.answer)}, then ${inWords(again.answer)}`;
    findings.push(wrong(bench, way, "the same answer to the same key", happened));
  }
  if (again.passed.length > 0) {
    findings.push(
      wrong(bench, way, "a repeat answered from the store", `the vendor was asked for ${again.passed[0]?.operation}`),
    );
  }
  if (first.said["status"] === "unknown") await neverKnown(bench, [first]);
  return findings;
}
