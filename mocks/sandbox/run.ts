/** The process of `npm start`. */
import { rmSync } from "node:fs";
import { banner } from "./banner.ts";
import { SandboxError } from "./failure.ts";
import { readSettings } from "./settings.ts";
import { startSandbox, type RunningSandbox } from "./start.ts";

/** The gateway itself gives calls under way 25 s. */
const stopWithinMs = 35_000;
/** npm passes on the signal that the terminal sent as well: a twin inside this time is the same Ctrl-C. */
const sameSignalMs = 1_000;

let running: RunningSandbox | undefined;
let askedToStopAt: number | undefined;

process.on("SIGINT", () => askToStop(130));
process.on("SIGTERM", () => askToStop(143));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

try {
  running = await startSandbox(readSettings(process.env));
  if (askedToStopAt === undefined) process.stdout.write(`${banner(running)}\n`);
  else void stop();
} catch (error) {
  fail(error);
}

function askToStop(exitCode: number): void {
  const now = performance.now();
  if (askedToStopAt !== undefined) {
    if (now - askedToStopAt > sameSignalMs) process.exit(exitCode);
    return;
  }
  askedToStopAt = now;
  process.stdout.write("\nStopping: calls under way are finished first. Ctrl-C again stops at once.\n");
  if (running !== undefined) void stop();
}

async function stop(): Promise<void> {
  const late = setTimeout(() => fail(new SandboxError(`not stopped after ${stopWithinMs / 1_000} s`)), stopWithinMs);
  try {
    await running?.stop();
    clearTimeout(late);
    process.stdout.write("Stopped.\n");
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  const expected = error instanceof SandboxError || (error instanceof Error && error.name === "ConfigError");
  const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`\nThe sandbox ${running === undefined ? "did not start" : "failed"}: ${text}\n`);
  if (running !== undefined) rmSync(running.file, { force: true });
  process.exit(1);
}
