/** Keeps a session running in a child, and replaces the child when a file of the adapter's folder changes. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Ask, Tell } from "./serve.ts";

const child = fileURLToPath(new URL("serve.ts", import.meta.url));
/** An editor writes a file in several steps, and a formatter writes it again. */
const settleMs = 150;
/** A recording writes into the folder itself, and a generator must not restart what it does not change. */
const ignored = /(^|[\\/])(fixtures|README\.md)|\.draft$|~$|\.swp$/;

export interface Keeping {
  /** Sends to the child that runs now; false while there is none. */
  ask(message: Ask): boolean;
  stop(): Promise<void>;
}

export interface KeepingOptions {
  folder: string;
  argv: readonly string[];
  told(message: Tell): void;
  /** A change was seen; the next `ready` or `failed` is of the new code. */
  restarting(file: string): void;
}

export function keepRunning({ folder, argv, told, restarting }: KeepingOptions): Keeping {
  let running = start();
  let timer: NodeJS.Timeout | undefined;
  let changing: Promise<void> = Promise.resolve();
  let stopped = false;

  const watcher = watch(folder, { recursive: true }, (_event, file) => {
    if (file === null || ignored.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      changing = restart(changing, file);
    }, settleMs);
  });

  async function restart(before: Promise<void>, file: string): Promise<void> {
    await before;
    if (stopped) return;
    restarting(file);
    await end(running);
    running = start();
  }

  function start(): ChildProcess {
    const started = fork(child, argv, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    started.on("message", (message) => told(message as Tell));
    return started;
  }

  return {
    ask: (message) => running.connected && running.send(message),
    async stop() {
      stopped = true;
      watcher.close();
      clearTimeout(timer);
      await changing;
      await end(running);
    },
  };
}

/** Closing the channel is what asks a child to stop; it lets go of its ports before the next one starts. */
async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = once(process, "exit");
  if (process.connected) process.disconnect();
  await exited;
}
