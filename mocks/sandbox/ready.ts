import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "./failure.ts";

const readyWithinMs = 10_000;
const probeTimeoutMs = 2_000;
const probeEveryMs = 20;

/** Waits until the URL answers with 200 (or at all, where `anyStatus`). Throws a `SandboxError` when it does not in time. */
export async function answers(what: string, url: string, anyStatus = false): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  let last = "no answer";
  while (performance.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs), redirect: "manual" });
      await response.body?.cancel();
      if (anyStatus || response.status === 200) return;
      last = `status ${response.status}`;
    } catch (error) {
      last = error instanceof Error ? error.message : "no answer";
    }
    await sleep(probeEveryMs);
  }
  throw new SandboxError(`${what} is not ready after ${readyWithinMs / 1_000} s: ${url}: ${last}`);
}
