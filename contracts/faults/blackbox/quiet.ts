/** The good time after: no fault any more, and everything has to come to its end by itself. */
import { setTimeout as sleep } from "node:timers/promises";
import { resourceOf } from "./history.ts";
import type { Effect, Final, History, PartnerName } from "./history.ts";
import type { PartnerCalls } from "./partner-calls.ts";
import type { Choices } from "./random.ts";
import { isFinalState } from "./states.ts";
import { fenOf } from "./vendor.ts";
import type { World } from "./world.ts";
import { calm } from "./weather.ts";

const pollEveryMs = 100;
const maxReadsAtOnce = 16;

/**
 * Waits until the owners were told how everything ended; then has undecided effects decided by their keys,
 * and waits again; then reads every resource. Ends at `untilMs` in any case: what is open then, the judge will say.
 */
export async function comeToRest(
  world: World,
  stories: Promise<unknown>,
  choices: Choices,
  untilMs: number,
  onWait: (what: string) => void,
): Promise<void> {
  const stop = (): boolean => performance.now() > untilMs;
  const { history } = world;
  world.setWeather(calm);
  onWait("stories to end");
  await stories;
  // Half of what is left, so that something that never ends leaves time to decide the rest.
  const halfwayMs = (performance.now() + untilMs) / 2;
  await allTold(world, () => performance.now() > halfwayMs, onWait);
  const undecided = history.effects.filter((effect) => isUndecided(effect));
  onWait(`${undecided.length} to be decided`);
  await Promise.all(undecided.map((effect) => ownerOf(world, effect.partner).insist(effect, choices.fork(), stop)));
  await allTold(world, stop, onWait);
  onWait("reading everything");
  history.finals.push(...(await readAll(world, choices, stop)));
}

/** Waits, without asking, until every end was told. */
async function allTold(world: World, stop: () => boolean, onWait: (what: string) => void): Promise<void> {
  for (let left = untold(world).length; left > 0 && !stop(); left = untold(world).length) {
    onWait(`${left} to be told`);
    await sleep(pollEveryMs);
  }
}

/** Resources of which no webhook told a final state, but for orders that may wait for ever and are not paid. */
function untold({ history, vendor }: World): string[] {
  const told = new Set(
    history.arrivals.filter((arrival) => arrival.accepted && isEnd(arrival)).map(({ resourceId }) => resourceId),
  );
  const waiting = new Set(vendor.ledger().flatMap(({ subject, paid, closed }) => (paid || closed ? [] : [subject])));
  return [...known(history)].flatMap(([id, { mark, waits }]) =>
    told.has(id) || (waits === true && waiting.has(mark)) ? [] : [id],
  );
}

const isEnd = ({ resourceId, state }: { resourceId: string; state: string }): boolean =>
  isFinalState(resourceId, state);

/** Every resource that an answer named, with the effect that made it. */
function known({ effects }: History): Map<string, Effect> {
  return new Map(
    effects.flatMap((effect) => {
      const id = effect.operation === "instalments.cancel" ? undefined : resourceOf(effect);
      return id === undefined ? [] : [[id, effect] as const];
    }),
  );
}

/** No answer said what became of it; one that the vendor could not be asked for was given up, and stays so. */
function isUndecided({ attempts }: Effect): boolean {
  const last = attempts.at(-1);
  return (
    !attempts.some(({ verdict }) => verdict === "ok" || verdict === "failed") &&
    (last?.verdict !== "not_sent" || attempts.some(({ hungUp }) => hungUp))
  );
}

function ownerOf(world: World, partner: PartnerName): PartnerCalls {
  return partner === "a" ? world.a : world.b;
}

async function readAll(world: World, choices: Choices, stop: () => boolean): Promise<Final[]> {
  const left = [...known(world.history)];
  const finals: Final[] = [];
  const readers = Array.from({ length: maxReadsAtOnce }, async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [id, { partner }] = next;
      finals.push(await readOne(ownerOf(world, partner), id, choices, stop));
    }
  });
  await Promise.all(readers);
  return finals;
}

async function readOne(owner: PartnerCalls, id: string, choices: Choices, stop: () => boolean): Promise<Final> {
  for (;;) {
    const read = await owner.read(id, choices);
    if (read !== undefined) {
      const { amount } = (read.body as { amount?: { amount: string } }).amount ?? {};
      const final: Final = { partner: owner.name, id, status: read.status };
      if (read.state !== undefined) final.state = read.state;
      if (amount !== undefined) final.amountFen = fenOf(amount);
      return final;
    }
    if (stop()) return { partner: owner.name, id, status: 0 };
    await sleep(pollEveryMs);
  }
}
