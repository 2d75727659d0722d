/** `npm run adapter:dev -- <name>`: one adapter on the bench. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Interface } from "node:readline/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchError } from "./bench.ts";
import type { Fireable } from "./examples.ts";
import { keepRunning } from "./keep-running.ts";
import type { Keeping } from "./keep-running.ts";
import { printed } from "./print.ts";
import { ask, menu } from "./prompt.ts";
import { openSession } from "./session.ts";
import { readSettings } from "./settings.ts";
import type { Settings } from "./settings.ts";
import type { Tell } from "./serve.ts";

const colours = process.stdout.isTTY;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  const settings = await readSettings(process.argv.slice(2));
  if (settings.fire.length > 0) await fireAndExit(settings);
  else await develop(settings);
} catch (error) {
  const known = error instanceof Error && (error instanceof BenchError || error.name === "ConfigError");
  process.stderr.write(
    `${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : "unknown"}\n`,
  );
  process.exitCode = 1;
}

/** Fires in order, prints, waits for callbacks after each. Exit code 1 if anything left a spec or an operation is not mapped. */
async function fireAndExit(settings: Settings): Promise<void> {
  let violations = 0;
  const session = await openSession({
    ...settings,
    onShown(shown) {
      violations += shown.violations.length;
      say(printed(shown, colours));
    },
  });
  try {
    for (const input of settings.fire) {
      await session.fire(input).catch((error: unknown) => {
        throw new BenchError(error instanceof Error ? error.message : "unknown", { cause: error });
      });
      await sleep(settings.waitMs);
    }
  } finally {
    await session.stop();
  }
  if (violations > 0) process.exitCode = 1;
}

/** Runs until Ctrl-C, and starts anew whenever a file of the folder changes. */
async function develop(settings: Settings): Promise<void> {
  let operations: Fireable[] = [];
  const terminal = process.stdin.isTTY ? createInterface({ input: process.stdin, output: process.stdout }) : undefined;
  const keeping = keepRunning({
    folder: join(settings.adaptersDir, settings.name),
    argv: process.argv.slice(2),
    restarting: (file) => say(`\n${file} changed: starting anew`),
    told(message: Tell) {
      if ("shown" in message) say(`\n${printed(message.shown, colours)}`);
      else if ("failed" in message) say(`\n${message.failed}`);
      else {
        const { page, title, vendor, unsupported } = message.ready;
        operations = message.ready.operations;
        say(`\n${title} · vendor: ${vendor} · page: ${page}\n${menu(operations)}`);
        if (unsupported > 0) say(`  ${unsupported} more declared unsupported`);
      }
    },
  });
  const stop = new AbortController();
  const ended = once(stop.signal, "abort");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  terminal?.once("close", () => stop.abort());
  if (terminal !== undefined) void converse(terminal, keeping, () => operations, stop.signal);
  await ended;
  terminal?.close();
  await keeping.stop();
}

/** Asks, fires, asks again, until the workbench stops. */
async function converse(
  terminal: Interface,
  keeping: Keeping,
  operations: () => readonly Fireable[],
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    try {
      const input = await ask(terminal, operations());
      if (input === undefined) continue;
      if (keeping.ask({ fire: input })) await sleep(afterFireMs);
      else say("not running: mend what is said above");
    } catch (error) {
      if (stopped.aborted || (error as Error).name === "AbortError") return;
      say(error instanceof Error ? error.message : "unknown");
    }
  }
}

/** So that the exchange usually stands above the next question. */
const afterFireMs = 400;
