import type { Finding } from "./check.ts";
import { decisive } from "./history.ts";
import type { Effect, Final, History, LedgerTrade } from "./history.ts";

/**
 * Effects: never more than one of one key (I-1); a 2xx has its effect (I-2); a definite no has none (I-3); nothing stays
 * undecided (I-4).
 */
export function checkEffects(history: History, ledger: readonly LedgerTrade[]): Finding[] {
  const books = Map.groupBy(ledger, ({ subject }) => subject);
  const finals = new Map(history.finals.map((final) => [final.id, final]));
  return [
    ...history.effects.flatMap((effect) => [
      ...countOf(effect, books),
      ...agreement(effect, books, finals, history.effects),
      ...oneAnswer(effect),
    ]),
    ...orphans(history.effects, ledger),
  ];
}

/** How often the vendor carried it out. Undefined: its order is not in the books at all. */
function timesDone(effect: Effect, books: ReadonlyMap<string, LedgerTrade[]>): number | undefined {
  const trades = books.get(effect.about?.mark ?? effect.mark);
  switch (effect.operation) {
    case "instalments.create":
      return trades?.length ?? 0;
    case "refunds.create":
      return trades?.flatMap(({ refunds }) => refunds).filter(({ amountFen }) => amountFen === effect.amountFen).length;
    case "instalments.cancel":
      return trades?.some(({ closed, paid }) => closed && !paid) === true ? 1 : 0;
  }
}

function countOf(effect: Effect, books: ReadonlyMap<string, LedgerTrade[]>): Finding[] {
  const times = timesDone(effect, books) ?? 0;
  return Array.from({ length: Math.max(0, times - 1) }, () => ({
    invariant: "I-1",
    what: `${name(effect)} was done ${times} times`,
  }));
}

function agreement(
  effect: Effect,
  books: ReadonlyMap<string, LedgerTrade[]>,
  finals: ReadonlyMap<string, Final>,
  all: readonly Effect[],
): Finding[] {
  const attempt = decisive(effect);
  if (attempt === undefined) return [];
  const times = timesDone(effect, books) ?? 0;
  switch (attempt.verdict) {
    case "unknown":
      return [{ invariant: "I-4", what: `${name(effect)} was never decided: ${attempt.code ?? attempt.status}` }];
    case "ok":
      return accepted(effect, times, finals.get(attempt.id ?? ""));
    case "not_sent":
      if (times === 0 || effect.attempts.some(({ hungUp }) => hungUp)) return [];
      return refused(effect, times, all);
    case "failed":
      return times === 0 ? [] : refused(effect, times, all);
  }
}

function accepted(effect: Effect, times: number, final: Final | undefined): Finding[] {
  if (final?.status !== 200) {
    return [{ invariant: "I-2", what: `${name(effect)} was accepted, its resource reads ${final?.status ?? "never"}` }];
  }
  if (effect.operation === "instalments.cancel") {
    // A 200 shows what became of it; a 202 promised no more than to find out. Either way the books decide.
    return final.state === "closed" && times === 0
      ? [{ invariant: "I-2", what: `${name(effect)} reads closed, the vendor's order is not` }]
      : [];
  }
  const exists = final.state !== "failed" && final.state !== "unknown";
  if (exists && times === 0)
    return [{ invariant: "I-2", what: `${name(effect)} reads ${final.state}, but is nowhere` }];
  if (final.state === "failed" && times > 0)
    return [{ invariant: "I-3", what: `${name(effect)} reads failed, the vendor did it` }];
  return [];
}

/** A cancel that was refused has no effect of its own, if another one of the same order has not. */
function refused(effect: Effect, times: number, all: readonly Effect[]): Finding[] {
  const others = all.filter((other) => other !== effect && other.about?.id === effect.about?.id);
  const byAnother =
    effect.operation === "instalments.cancel" &&
    others.some((other) => other.operation === effect.operation && decisive(other)?.verdict !== "failed");
  const { code, verdict } = decisive(effect) ?? {};
  return byAnother || times === 0
    ? []
    : [{ invariant: "I-3", what: `${name(effect)} was answered ${code} (${verdict}), and yet the vendor did it` }];
}

/** All replays under a key are one answer, byte for byte, and no yes ever follows a no. */
function oneAnswer(effect: Effect): Finding[] {
  const replays = new Set(effect.attempts.filter(({ replayed }) => replayed).map(({ text }) => text));
  const verdicts = new Set(effect.attempts.map(({ verdict }) => verdict));
  const ids = new Set(effect.attempts.flatMap(({ id }) => (id === undefined ? [] : [id])));
  return [
    ...(replays.size > 1 ? [`${name(effect)} was replayed with ${replays.size} different answers`] : []),
    ...(verdicts.has("ok") && verdicts.has("failed") ? [`${name(effect)} was answered yes and no`] : []),
    ...(ids.size > 1 ? [`${name(effect)} names ${ids.size} resources`] : []),
  ].map((what) => ({ invariant: "I-2", what }));
}

/** What stands in the vendor's books without any partner having asked for it. */
function orphans(effects: readonly Effect[], ledger: readonly LedgerTrade[]): Finding[] {
  const asked = new Set(effects.map(({ about, mark, amountFen }) => `${about?.mark ?? mark} ${amountFen}`));
  return ledger.flatMap(({ subject, amountFen, refunds }) =>
    [amountFen, ...refunds.map((refund) => refund.amountFen)]
      .filter((fen) => !asked.has(`${subject} ${fen}`))
      .map((fen): Finding => ({ invariant: "I-9", what: `the vendor has ${subject} over ${fen} fen: nobody asked` })),
  );
}

function name({ partner, operation, key }: Effect): string {
  return `${operation} of partner ${partner} under ${key}`;
}
