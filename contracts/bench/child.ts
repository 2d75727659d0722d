/** A process of the bench that answers one message at a time, pinned to a core where the system can. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

export interface Child {
  readonly pid: number;
  ask<Answer>(message: unknown): Promise<Answer>;
  /** What it says first of itself. */
  first<Answer>(): Promise<Answer>;
  stop(): Promise<void>;
}

/** Whether processes can be pinned here: Linux, with more than one core. */
export const canPin = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0;

/** Cores: the build under test has one to itself; load and vendor share another. */
export const cores = { build: 0, around: 1 } as const;

/** Starts `file`; its output goes into `log`. */
export function startChild(
  file: string,
  options: {
    core?: number;
    log: string;
    args?: readonly string[];
    nodeArgs?: readonly string[];
    env?: NodeJS.ProcessEnv;
  },
): Child {
  const { core, log, args = [], nodeArgs = [], env } = options;
  const command = [process.execPath, ...nodeArgs, fileURLToPath(new URL(file, import.meta.url)), ...args];
  const [program = "", ...rest] = canPin && core !== undefined ? ["taskset", "-c", String(core), ...command] : command;
  const out = openSync(log, "a");
  const child: ChildProcess = spawn(program, rest, {
    stdio: ["ignore", out, out, "ipc"],
    env: { ...process.env, NODE_ENV: "production", ...env },
  });
  closeSync(out);
  const next = <Answer>(): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`${file} ended with ${code}: see ${log}`));
      child.once("exit", ended);
      child.once("message", (message: { answer?: Answer; error?: string }) => {
        child.off("exit", ended);
        if (message.error === undefined) resolve("answer" in message ? message.answer : (message as Answer));
        else reject(new Error(message.error));
      });
    });
  return {
    pid: child.pid ?? 0,
    first: next,
    ask(message) {
      const answer = next();
      child.send(message as object);
      return answer as Promise<never>;
    },
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}
