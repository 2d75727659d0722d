/** A process of the project's, as a user starts it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const projectDir = fileURLToPath(new URL("../..", import.meta.url));

export interface Process {
  output(): string;
  /** Waits until it printed the text; throws with all that it printed if it ended before. */
  until(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code; null when a signal ended it. */
  exited: Promise<number | null>;
}

const running = new Set<() => void>();

/** Starts `node <file> <args>` with these variables beside the tests' own. */
export function startProcess(
  file: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Process {
  const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, ...env } });
  const kill = (): void => void child.kill("SIGKILL");
  running.add(kill);
  let output = "";
  const heard = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on("data", heard);
  child.stderr.on("data", heard);
  const exited = once(child, "close").then(([code]) => {
    running.delete(kill);
    return code as number | null;
  });
  return {
    output: () => output,
    async until(text) {
      const ended = exited.then(() => "ended");
      while (!output.includes(text)) {
        const next = await Promise.race([once(child.stdout, "data"), ended]);
        if (next === "ended" && !output.includes(text)) throw new Error(`ended without "${text}":\n${output}`);
      }
    },
    signal: (name) => void child.kill(name),
    exited,
  };
}

/** Ends what a failed test left running. */
export function killLeftovers(): void {
  for (const kill of running) kill();
}
