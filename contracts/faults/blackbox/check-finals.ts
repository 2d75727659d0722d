import type { Finding } from "./check.ts";
import { resourceOf } from "./history.ts";
import type { Effect, Final, History, LedgerTrade } from "./history.ts";
import { isFinalState } from "./states.ts";

/** After quiet: nothing is open that the vendor has closed (I-4), and the sums of both books are equal (I-9). */
export function checkFinals(history: History, ledger: readonly LedgerTrade[]): Finding[] {
  return [...unfinished(history, ledger), ...sums(history, ledger)];
}

function unfinished(history: History, ledger: readonly LedgerTrade[]): Finding[] {
  const makers = history.effects.filter(({ operation }) => operation !== "instalments.cancel");
  const made = new Map(makers.map((effect) => [resourceOf(effect), effect]));
  const books = new Map(ledger.map((trade) => [trade.subject, trade]));
  return history.finals.flatMap(({ id, state }): Finding[] => {
    if (state === undefined || isFinalState(id, state)) return [];
    const effect = made.get(id);
    const trade = books.get(effect?.about?.mark ?? effect?.mark ?? "");
    const open = trade !== undefined && !trade.paid && !trade.closed;
    return effect?.waits === true && state === "awaiting_payment" && open
      ? []
      : [{ invariant: "liveness", what: `${id} is still ${state}` }];
  });
}

function sums({ finals, effects }: History, ledger: readonly LedgerTrade[]): Finding[] {
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
  const ours = (prefix: string, state: string): bigint =>
    sum(finals.flatMap((final) => (isIn(final, prefix, state) ? [final.amountFen ?? 0n] : [])));
  const lines: [string, bigint, bigint][] = [
    ["paid", ours("ins", "paid"), sum(ledger.flatMap(({ paid, amountFen }) => (paid ? [amountFen] : [])))],
    [
      "refunded",
      ours("rfd", "succeeded"),
      sum(ledger.flatMap(({ refunds }) => refunds.flatMap(({ made, amountFen }) => (made ? [amountFen] : [])))),
    ],
  ];
  return [
    ...lines.flatMap(([what, ourFen, theirFen]): Finding[] =>
      ourFen === theirFen ? [] : [{ invariant: "I-9", what: `${what}: ${ourFen} fen here, ${theirFen} at the vendor` }],
    ),
    ...effects.flatMap((effect) => otherAmount(effect, finals)),
  ];
}

const isIn = ({ id, state }: Final, prefix: string, wanted: string): boolean =>
  id.startsWith(prefix) && state === wanted;

function otherAmount(effect: Effect, finals: readonly Final[]): Finding[] {
  if (effect.operation === "instalments.cancel") return [];
  const id = resourceOf(effect);
  const final = finals.find((each) => each.id === id);
  if (final?.amountFen === undefined || final.amountFen === effect.amountFen) return [];
  return [{ invariant: "I-9", what: `${id} is over ${final.amountFen} fen, asked were ${effect.amountFen}` }];
}
