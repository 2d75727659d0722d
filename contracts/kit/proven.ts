/** Whether a report of the kit is whole: every check of every law was made and held, or the adapter says itself why not. */
import { noCallbacks } from "./laws/callbacks.ts";
import { laws } from "./laws/index.ts";
import type { CheckReport, Law, Subject } from "./types.ts";
import { vendorDoc } from "./vendor-doc.ts";

/** What a report leaves unproven of an adapter, in words; empty when it proves every law. */
export function unproven(
  subject: Subject,
  { adapter, results }: Pick<CheckReport, "adapter" | "results">,
  toProve: readonly Law[] = laws,
): string[] {
  if (adapter !== subject.adapter.name) return [`the report is of ${adapter}`];
  const reasons = statedReasons(subject);
  const missing: string[] = [];
  for (const law of toProve) {
    const checks = law.checks(subject);
    if (checks.length === 0) missing.push(`${law.name}: it checks nothing`);
    for (const check of checks) {
      const what = `${law.name}: ${check.name}`;
      const found = results.filter((result) => result.law === law.name && result.check === check.name);
      const [result] = found;
      if (result === undefined) missing.push(`${what}: not checked`);
      else if (found.some((each) => each.result === "failed")) missing.push(`${what}: does not hold`);
      else if (result.result !== ("skip" in check ? "skipped" : "passed")) missing.push(`${what}: ${result.result}`);
      else if ("skip" in check && !reasons.has(check.skip)) missing.push(`${what}: skipped, and no line says so`);
    }
  }
  return missing;
}

/** Why a check may be left out: lines of the manifest and of the vendor's document, and that there are no callbacks. */
function statedReasons(subject: Subject): Set<string> {
  const { unsupported, protocol, callbacks } = subject.adapter;
  return new Set([
    ...unsupported.map(({ why }) => why),
    ...(typeof protocol.verify === "function" ? [] : [protocol.verify.unsigned]),
    ...[...vendorDoc(subject).operations.values()].flatMap(({ unsignedWhy }) => unsignedWhy ?? []),
    ...(callbacks === undefined ? [noCallbacks] : []),
  ]);
}
