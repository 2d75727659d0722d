import type { WireFault } from "#mocks";
import { Refusal } from "./answer.ts";

/** The last two characters of a `Name`: refusals that concern the account or the vendor as a whole. */
const refusals: Record<string, [code: string, message: string]> = {
  欠费: ["UnauthorizedOperation.Arrears", "帐号已欠费。"],
  未开: ["UnauthorizedOperation.Nonactivated", "未开通服务。"],
  限频: ["RequestLimitExceeded", "请求的次数超过了频率限制。"],
  停服: ["ServiceUnavailable", "当前服务暂时不可用。"],
  内错: ["InternalError", "内部错误。"],
  未知: ["FailedOperation.UnKnown", "内部未知错误。"],
  新码: ["FailedOperation.NotYetDocumented", "A code that no document has."],
};

const faults: Record<string, WireFault> = {
  挂起: "hang",
  头挂: "hang_after_headers",
  滴漏: "drip",
  重置: "reset",
  半断: "reset_mid_body",
  截断: "truncate",
  网页: "html_502",
};

/** How long a slow answer takes. */
const slowAnswerMs = 2_000;

/** How the answer to this person is spoilt. */
export interface Spoil {
  fault?: WireFault;
  delayMs?: number;
  /** Leave out what the vendor promised. */
  offSpec?: true;
}

export function ending(name: string | undefined): string {
  return [...(name ?? "")].slice(-2).join("");
}

/** Throws the refusal that the name asks for, if it asks for one. */
export function refuseByName(name: string | undefined): void {
  const refusal = refusals[ending(name)];
  if (refusal !== undefined) throw new Refusal(...refusal);
}

export function spoilOf(name: string | undefined): Spoil {
  const end = ending(name);
  const fault = faults[end];
  if (fault !== undefined) return { fault };
  if (end === "慢速") return { delayMs: slowAnswerMs };
  return end === "跑偏" ? { offSpec: true } : {};
}
