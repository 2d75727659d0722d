/** Axes that are a matter of what lies in the store. */
import { randomBytes } from "node:crypto";
import { copyFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { flat, inTurns, modestRound, noneFailed, pointOf, warmUp } from "./points.ts";
import type { Place, Seen } from "./points.ts";
import { addEndpoints, prefill } from "./prefill.ts";
import type { Prefilling } from "./prefill.ts";
import type { Axis, Setting } from "./types.ts";

const dayMs = 24 * 3_600_000;

function filling({ stage, say }: Setting, name: string, operations: number): Prefilling {
  const keys = [{ id: "1", key: randomBytes(32).toString("base64url") }];
  return { file: join(stage.dir, `${name}.db`), keys, partners: stage.partners, operations, say };
}

const startOn = ({ stage }: Setting, { file, keys }: Pick<Prefilling, "file" | "keys">, more: object = {}) =>
  stage.start("qiao", [], { gateway: { store: { file, keys }, ...more } });

/** Operations with their claims, answers, history, events and evidence. */
export const storedAxis: Axis = async (setting) => {
  const [most, tenth] = [setting.stored, Math.floor(setting.stored / 10)];
  const large = filling(setting, "stored", tenth);
  await prefill(large);
  const small = { ...large, file: join(setting.stage.dir, "stored-tenth.db") };
  await copyFile(large.file, small.file);
  await prefill({ ...large, operations: most - tenth });
  const places: Place[] = [
    { x: 0, on: await setting.plain() },
    { x: tenth, on: await startOn(setting, small) },
    { x: most, on: await startOn(setting, large) },
  ];
  for (const { on } of places) await warmUp(setting, on);
  return flat("stored operations", await inTurns(setting, "stored", places));
};

/** Events that wait for endpoints which take the connection and never answer. */
export const backlogAxis: Axis = async (setting) => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/hooks`;
  const sockets = new Set<{ destroy(): void }>();
  silent.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  try {
    const places: Place[] = [];
    for (const events of [0, setting.stored / 2]) {
      const store = filling(setting, `backlog-${events}`, events);
      await addEndpoints(store, url);
      await prefill(store);
      places.push({ x: events, on: await startOn(setting, store) });
    }
    for (const { on } of places) await warmUp(setting, on);
    return flat("undelivered events, endpoints hung", await inTurns(setting, "backlog", places));
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
};

/** The gateway's upkeep prunes for the first time so long after its start. */
const firstUpkeepMs = 60_000;
const eventsDays = 7;
const pruningWithin = 2;
const maxWaitMs = 20_000;

/** Events past their retention, deleted by the gateway's own upkeep while it serves. */
export const pruningAxis: Axis = async (setting) => {
  const { rounds, seconds, say } = setting;
  const events = setting.stored / 4;
  const store = filling(setting, "pruning", events);
  await prefill({ ...store, ageMs: (eventsDays + 1) * dayMs });
  const beganMs = performance.now();
  const on = await startOn(setting, store, { retention: { eventsDays } });
  await warmUp(setting, on);
  const untilUpkeepMs = (): number => beganMs + firstUpkeepMs - performance.now();
  const before: Seen[] = [];
  while (before.length === 0 || (before.length < rounds && untilUpkeepMs() > 2 * seconds * 1_000))
    before.push(await modestRound(setting, on));
  say(`pruning: measured before it; waiting ${Math.ceil(untilUpkeepMs() / 1_000)} s for the upkeep`);
  await sleep(Math.max(0, untilUpkeepMs()));
  const meanwhile: Seen[] = [];
  const first = oldEvents(store.file);
  let left = first;
  while (left > 0 && untilUpkeepMs() > -maxWaitMs - rounds * seconds * 1_000) {
    const measured = await modestRound(setting, on);
    const now = oldEvents(store.file);
    if (now < left) meanwhile.push(measured);
    say(`pruning: ${left - now} events went in a round, ${now} are left, p99 ${measured.p99Ms.toFixed(1)} ms`);
    left = now;
  }
  if (meanwhile.length === 0) throw new Error("the upkeep pruned nothing while it was measured");
  const points = [pointOf(0, "before", before), pointOf(first - left, "while pruned", meanwhile)];
  const ratio = (points[1]?.p99Ms ?? NaN) / (points[0]?.p99Ms ?? NaN);
  return {
    title: "events pruned while serving",
    points,
    judged: "p99Ms",
    finding: `p99 × ${ratio.toFixed(2)} while ${(first - left).toLocaleString("en")} events were deleted`,
    holds: ratio <= pruningWithin && noneFailed(points),
  };
};

/** Events past their retention, seen from outside. */
function oldEvents(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const row = db
      .prepare("SELECT count(*) AS n FROM events WHERE created_at_ms <= ?")
      .get(Date.now() - eventsDays * dayMs);
    return Number(row?.["n"]);
  } finally {
    db.close();
  }
}
