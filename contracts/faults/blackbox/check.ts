/** The judge: one history against the vendor's books. It asks nobody and believes nobody. */
import type { Violation } from "../report.ts";
import { checkDrains } from "./check-drains.ts";
import { checkEffects } from "./check-effects.ts";
import { checkFinals } from "./check-finals.ts";
import { checkOrder } from "./check-order.ts";
import { checkWebhooks } from "./check-webhooks.ts";
import type { History, LedgerTrade } from "./history.ts";

/** A broken promise, before it is said how to see it again. */
export type Finding = Pick<Violation, "invariant" | "what">;

/** Everything that the history and the books do not agree on. Empty: every promise was kept. */
export function check(history: History, ledger: readonly LedgerTrade[]): Finding[] {
  return [
    ...checkEffects(history, ledger),
    ...checkFinals(history, ledger),
    ...checkOrder(history),
    ...checkWebhooks(history),
    ...checkDrains(history),
    ...history.untrusted.map((why): Finding => ({ invariant: "I-7", what: `an answer does not verify: ${why}` })),
    ...history.trespasses.flatMap(({ partner, what, status }): Finding[] =>
      status === 404 ? [] : [{ invariant: "I-8", what: `partner ${partner}: ${what} of the other's gave ${status}` }],
    ),
    ...history.processFaults.map((what): Finding => ({ invariant: "harness", what })),
  ];
}
