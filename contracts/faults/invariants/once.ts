import { fenOf } from "../world/money.ts";
import type { LedgerEntry } from "../world/ledger.ts";
import type { CallSeen, Finding, Judge, Observed } from "./observed.ts";

/** I-1: at most one effect at the vendors, all together, of one partner and key. */
export const once: Judge = ({ calls, ledger }) => {
  const wishOf = new Map<string, string>();
  for (const { partner, key, memo } of calls)
    if (key !== undefined && memo !== "") wishOf.set(memo, `${partner} ${key}`);
  const effects = Map.groupBy(ledger, ({ memo }) => wishOf.get(memo) ?? `unasked ${memo}`);
  return [...effects].flatMap(([wish, entries]) => {
    if (wish.startsWith("unasked ")) return [{ invariant: "I-1", what: `an effect that nobody asked for: ${wish}` }];
    const names = entries.map(({ vendor, no, state }) => `${vendor}/${no.slice(0, 6)} ${state}`).join(", ");
    return entries.length < 2
      ? []
      : [{ invariant: "I-1", what: `${entries.length} effects of one key (${wish}): ${names}` }];
  });
};

/** I-2: what a 2xx says has happened has happened, with that amount, and is readable for good. */
export const kept: Judge = (observed) => {
  const byMemo = effectsByMemo(observed);
  const byId = new Map(observed.resources.map((resource) => [resource.id, resource]));
  return observed.calls.flatMap((call): Finding[] => {
    const { resource, status = 0 } = call;
    if (resource === undefined || status >= 300) return [];
    const now = byId.get(resource.id);
    if (now?.readStatus === undefined)
      return [{ invariant: "I-2", what: `${said(call)}, and ${resource.id} is not readable any more` }];
    if (call.key !== undefined && call.memo !== "" && now.memo !== call.memo)
      return [{ invariant: "I-2", what: `${said(call)}, which is another wish's resource` }];
    const effect = byMemo.get(now.memo);
    const wrong = isContradicted(resource.status, effect, fenOf(resource.amount));
    return wrong === undefined ? [] : [{ invariant: "I-2", what: `${said(call)}, but ${wrong}` }];
  });
};

/** What of the vendor's truth contradicts a status that a partner was shown; undefined when nothing does. */
function isContradicted(status: string, effect: LedgerEntry | undefined, amountFen: bigint): string | undefined {
  if (status === "unknown" || status === "failed") return undefined;
  if (effect === undefined) return "the vendor has no such effect";
  if (effect.amountFen !== amountFen) return `the vendor has ${effect.amountFen} fen of it`;
  if (status === "paid" && effect.state !== "paid") return `at the vendor it is ${effect.state}`;
  if (status === "closed" && effect.state !== "closed") return `at the vendor it is ${effect.state}`;
  if (status === "succeeded" && effect.state !== "done") return `at the vendor it is ${effect.state}`;
  return undefined;
}

/** I-3: a definite no, as an answer or as a resource, means that there is no effect, ever. */
export const refusedForGood: Judge = (observed) => {
  const byMemo = effectsByMemo(observed);
  const standing = (memo: string): LedgerEntry | undefined => {
    const effect = byMemo.get(memo);
    return effect?.state === "failed" ? undefined : effect;
  };
  return [
    ...observed.calls.flatMap((call): Finding[] => {
      if (call.memo === "" || call.key === undefined) return [];
      const definite = call.problem?.retry === "never" || call.resource?.status === "failed";
      const effect = definite ? standing(call.memo) : undefined;
      return effect === undefined
        ? []
        : [{ invariant: "I-3", what: `${said(call)}, but ${effect.vendor} has it ${effect.state}` }];
    }),
    ...observed.resources.flatMap(({ id, status, memo }): Finding[] => {
      const effect = status === "failed" || status === "void" ? standing(memo) : undefined;
      return effect === undefined
        ? []
        : [{ invariant: "I-3", what: `${id} (${memo}) is ${status}, but ${effect.vendor} has it ${effect.state}` }];
    }),
  ];
};

function effectsByMemo({ ledger }: Observed): ReadonlyMap<string, LedgerEntry> {
  return new Map(ledger.map((entry) => [entry.memo, entry]));
}

function said({ partner, operationId, memo, status, problem, resource }: CallSeen): string {
  const what = problem === undefined ? `${resource?.id ?? ""} ${resource?.status ?? ""}` : problem.code;
  return `${partner} was told ${status} ${what} by ${operationId} ${memo}`.trim();
}
