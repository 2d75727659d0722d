/** The real gateway as a child process, to be killed. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const node = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));
const readyWithinMs = 60_000;
const drainWithinMs = 35_000;
const pollEveryMs = 25;
const maxKeptTextChars = 4_000;

export interface GatewayAddress {
  origin: string;
  adminOrigin: string;
  configFile: string;
  /** Compiled code is kept here from one life to the next, so that a restart is quick. */
  cacheDir: string;
}

export interface GatewayProcess {
  readonly address: GatewayAddress;
  /** Starts it and waits until it says that it is ready. Throws with its last words if it dies or takes too long. */
  start(): Promise<void>;
  readonly ready: boolean;
  /** SIGKILL: no word to it. */
  kill(): Promise<void>;
  /** SIGTERM: it may finish what it has. Resolves when it is gone; what it should not have done goes to `onFault`. */
  drain(): Promise<void>;
}

/** One gateway at one address; `onFault` gets what no process may do: die by itself, or leave other than with 0. */
export function gatewayProcess(address: GatewayAddress, onFault: (what: string) => void): GatewayProcess {
  let child: ChildProcess | undefined;
  let ready = false;
  let lastWords = "";

  async function end(signal: "SIGKILL" | "SIGTERM", withinMs: number): Promise<number | null> {
    const dying = child;
    if (dying === undefined) return null;
    child = undefined;
    ready = false;
    const gone = once(dying, "exit") as Promise<[number | null]>;
    dying.kill(signal);
    const timer = setTimeout(() => {
      onFault(`not gone ${withinMs} ms after ${signal}`);
      dying.kill("SIGKILL");
    }, withinMs);
    const [code] = await gone;
    clearTimeout(timer);
    return code;
  }

  return {
    address,
    get ready() {
      return ready;
    },
    async start() {
      const { configFile: QIAO_CONFIG, cacheDir: NODE_COMPILE_CACHE } = address;
      const env = { PATH: process.env["PATH"], NO_PROXY: "*", QIAO_CONFIG, NODE_COMPILE_CACHE };
      const started = spawn(node, ["gateway/main.ts"], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
      child = started;
      lastWords = "";
      const listen = (text: Buffer): void => void (lastWords = (lastWords + text.toString()).slice(-maxKeptTextChars));
      started.stdout.on("data", listen);
      started.stderr.on("data", listen);
      started.once("exit", (code, signal) => {
        if (child !== started) return;
        child = undefined;
        if (ready) onFault(`a gateway died by itself (${code ?? signal}): ${lastWords}`);
        ready = false;
      });
      const deadline = performance.now() + readyWithinMs;
      while (!(await answers(`${address.adminOrigin}/readyz`))) {
        if (child !== started) throw new Error(`the gateway did not start: ${lastWords}`);
        if (performance.now() > deadline) throw new Error(`the gateway is not ready after ${readyWithinMs} ms`);
        await sleep(pollEveryMs);
      }
      ready = child === started;
    },
    async kill() {
      await end("SIGKILL", drainWithinMs);
    },
    async drain() {
      if (child === undefined) return;
      const code = await end("SIGTERM", drainWithinMs);
      if (code !== 0) onFault(`left with ${code} after SIGTERM: ${lastWords}`);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
