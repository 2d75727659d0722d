/** What a partner may be told of each fault, by what the operation promises. */
import type { StrikeName } from "../../../mocks/faults/index.ts";
import type { Bench } from "../bench.ts";
import type { Performed } from "../calls.ts";
import type { Subject } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { isAskable, kindOf } from "../ways.ts";
import { resources } from "#specs";

export type Fault = StrikeName | "refuse";

/** The request surely was not acted on. */
const notSent: Partial<Record<Fault, string>> = {
  refuse: "vendor_unavailable",
  limited: "vendor_rate_limited",
  limited_silently: "vendor_rate_limited",
};

/** The vendor may have acted: what a call without effect says of it. */
const unknown: Partial<Record<Fault, string>> = {
  hang: "vendor_timeout",
  hang_after_headers: "vendor_timeout",
  drip: "vendor_timeout",
  reset_unread: "vendor_fault",
  reset: "vendor_fault",
  reset_mid_body: "vendor_fault",
  truncate: "vendor_fault",
  html_502: "vendor_fault",
};
const invalid = "vendor_invalid_answer";
const vendorsOwn = new Set(["vendor_unavailable", "vendor_rate_limited", "vendor_timeout", "vendor_fault", invalid]);

/** What was promised, if the answer is something else; undefined if it is as it should be. */
export function judge(bench: Bench, performed: Performed, vendorOperation: string, fault: Fault): string | undefined {
  const { operationId, answer, said } = performed;
  const kind = kindOf(operationId);
  // Nobody can see a change in what nobody signed.
  if (fault === "tampered" && unsignedWhy(bench.subject, vendorOperation) !== undefined) return undefined;
  if (kind === "gets") return asItStands(performed);
  const code = notSent[fault];
  if (code !== undefined) {
    const isThat = said["code"] === code && answer.status === 503;
    if (!isThat) return `503 ${code}, for nothing was sent`;
    const waits = fault !== "limited" || Number(answer.headers["retry-after"]) >= 1;
    return waits ? undefined : "the vendor's Retry-After";
  }
  if (kind === "reads") {
    const wanted = unknown[fault] ?? invalid;
    return said["code"] === wanted ? undefined : `the problem ${wanted}`;
  }
  // What only prepares an effect (a token, a lookup) may also fail as "not sent, try again".
  const prepares = vendorDoc(bench.subject).operations.get(vendorOperation)?.effect === "read";
  if (prepares && vendorsOwn.has(String(said["code"]))) return undefined;
  if (kind === "acts")
    return answer.status < 300 ? undefined : "the resource as it stands, since the act may have happened";
  if (!isAskable(bench, operationId)) {
    return said["code"] === "outcome_lost"
      ? undefined
      : "504 outcome_lost, for it may have happened and cannot be asked about";
  }
  const isUnknown = answer.status === 202 && said["status"] === "unknown";
  return isUnknown ? undefined : "202 and status unknown, for it may have happened";
}

/** Reading what the vendor cannot tell now neither fails nor moves the resource to a failure. */
function asItStands({ operationId, answer, said, resource }: Performed): string | undefined {
  const { failedState } = resources[operationId.split(".")[0] as keyof typeof resources];
  if (answer.status !== 200) return "200 and the resource as it stands";
  const moved = said["status"] === failedState && resource?.["status"] !== failedState;
  return moved ? `the resource as it stands, not ${failedState}` : undefined;
}

/** Why a changed answer cannot be told from a true one, if nobody signs it. */
function unsignedWhy(subject: Subject, vendorOperation: string): string | undefined {
  const { verify } = subject.adapter.protocol;
  return typeof verify === "function"
    ? vendorDoc(subject).operations.get(vendorOperation)?.unsignedWhy
    : verify.unsigned;
}
