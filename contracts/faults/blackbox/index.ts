/** Harness (c): the real process on a real engine, bad weather around it, and `kill -9`; judged by what partners saw. */
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { counted } from "../report.ts";
import type { HarnessReport } from "../report.ts";
import { check } from "./check.ts";
import type { EngineName } from "./engine.ts";
import type { PartnerCalls } from "./partner-calls.ts";
import { comeToRest } from "./quiet.ts";
import { choicesOf } from "./random.ts";
import type { Choices } from "./random.ts";
import { badTime } from "./rounds.ts";
import { buildWorld } from "./world.ts";
import type { World } from "./world.ts";

export interface BlackBoxOptions {
  /** How long faults rain; the time to come to rest is added. */
  minutes?: number;
  seed?: number;
  engine?: EngineName;
  /** Gateways on one database; two need PostgreSQL. */
  processes?: 1 | 2;
  /** Writes the whole history to this file, for looking. */
  historyFile?: string;
  /** Called often, with one line. */
  onProgress?(line: string): void;
}

const defaultMinutes = 1;
const minuteMs = 60_000;
/** Everything has to be over this long after the last fault. A lease of a dead process's claim alone lasts 15 s. */
const maxRestMs = 90_000;
const registerWithinMs = 20_000;
const maxSeed = 2 ** 31;

/** Runs it. Throws only if the harness itself fails; what the gateway does wrong is in the report. */
export async function runBlackBox(options: BlackBoxOptions = {}): Promise<HarnessReport> {
  const { minutes = defaultMinutes, engine = "sqlite", onProgress = () => {} } = options;
  const { seed = Math.floor(Math.random() * maxSeed), processes = 1 } = options;
  const choices = choicesOf(seed);
  const startedMs = performance.now();
  const world = await buildWorld({ engine, processes, choices });
  try {
    // One after the other: the first makes the schema.
    for (const gateway of world.gateways) await gateway.start();
    await register(world.a, world, choices);
    await register(world.b, world, choices);
    const untilMs = performance.now() + minutes * minuteMs;
    const restUntilMs = untilMs + maxRestMs;
    const line = (text: string): void =>
      onProgress(`blackbox ${engine} x${processes} seed ${seed}: ${text}, ${world.tally.total()} faults`);
    const { rounds, stories, kills } = await badTime({
      world,
      choices: choices.fork(),
      run: `run ${seed}`,
      untilMs,
      stop: () => performance.now() > restUntilMs,
      onRound: (round, open, deaths) => line(`round ${round}, ${open} stories open, ${deaths} kills`),
    });
    await comeToRest(world, stories, choices, restUntilMs, (what) => line(`${rounds} rounds, at rest: ${what}`));
    await Promise.all(world.gateways.map((gateway) => gateway.drain()));

    const ledger = world.vendor.ledger();
    if (options.historyFile !== undefined) await writeFile(options.historyFile, asText({ ledger, ...world.history }));
    const how = `--seed ${seed} --minutes ${minutes} --engine ${engine} --processes ${processes}`;
    const replay = `node contracts/faults/blackbox/run.ts ${how}`;
    const violations = check(world.history, ledger).map((finding) => ({ ...finding, replay }));
    violations.push(
      ...world.vendor.mock.violations.map(({ operation, where, message }) => ({
        invariant: "harness" as const,
        what: `${operation} ${where} left the vendor's spec: ${message}`,
        replay,
      })),
    );
    const { effects, reads } = world.history;
    return {
      harness: "blackbox",
      rounds,
      steps: reads.length + effects.reduce((sum, { attempts }) => sum + attempts.filter(wasAnswered).length, 0),
      faults: { ...world.tally.counts(), "kill -9": kills },
      ...counted(violations),
      violations,
      seeds: [seed],
      durationMs: Math.round(performance.now() - startedMs),
    };
  } finally {
    await world.close();
  }
}

/** A door that is closed is no call. */
const wasAnswered = ({ code }: { code?: string }): boolean => code !== "ECONNREFUSED";

const asText = (value: unknown): string =>
  JSON.stringify(value, (_name, part: unknown) => (typeof part === "bigint" ? `${part}` : part), 1);

/** Has a partner register its endpoint over the API, as partners do. */
async function register(partner: PartnerCalls, world: World, choices: Choices): Promise<void> {
  const deadline = performance.now() + registerWithinMs;
  for (;;) {
    const body = { url: world.sink.url(partner.name), types: ["*"] };
    const answer = await partner.call("POST", "/v1/webhook-endpoints", choices, body);
    if (answer?.status === 201) return;
    if (performance.now() > deadline) throw new Error(`no webhook endpoint: ${answer?.status} ${answer?.text}`);
    await sleep(200);
  }
}
