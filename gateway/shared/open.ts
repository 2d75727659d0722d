import type { Logger } from "pino";
import type { FarCounts } from "./counts.ts";
import { guarded } from "./guard.ts";
import type { GuardedCounts } from "./guard.ts";
import { memoryCounts } from "./memory.ts";
import type { NearCounts } from "./memory.ts";

/** Where and how counts are kept together with other gateways. */
export interface SharedSetting {
  url: string;
  prefix: string;
  timeoutMs: number;
}

export interface CountsPorts {
  nowMs(): number;
  logger: Logger;
  alarm(what: string, detail: Record<string, unknown>): void;
  /** For metrics. */
  onShared(name: FarCounts["name"], away: boolean): void;
  onAlone(name: FarCounts["name"], what: "quota" | "nonce"): void;
}

/** A question to the primary of this machine's workers; it may have to ask Redis first. */
const primaryTimeoutMs = 500;

/**
 * The counts of a process: its own (`own`), or shared through Redis where that is configured, or, of a worker, through the
 * primary of its machine. Does not fail when Redis is away: see `guarded`.
 */
export async function openCounts(
  ports: CountsPorts,
  {
    setting,
    primary,
    workers,
  }: { setting?: SharedSetting | undefined; primary?: FarCounts | undefined; workers?: number },
): Promise<GuardedCounts> {
  const near = memoryCounts(ports.nowMs, workers);
  if (primary !== undefined) return watched(primary, near, primaryTimeoutMs + (setting?.timeoutMs ?? 0), ports);
  if (setting === undefined) return { ...near, close: async () => undefined };
  const { redisCounts } = await import("./redis.ts");
  return watched(redisCounts(setting, ports.nowMs), near, setting.timeoutMs, ports);
}

function watched(far: FarCounts, near: NearCounts, timeoutMs: number, ports: CountsPorts): Promise<GuardedCounts> {
  const { name } = far;
  ports.onShared(name, false);
  return guarded(far, near, {
    timeoutMs,
    onAway(reason) {
      ports.onShared(name, true);
      ports.alarm("shared limits away", {
        at: name,
        reason,
        meanwhile: "rate limits and nonces are counted here alone",
      });
    },
    onBack() {
      ports.onShared(name, false);
      ports.logger.info({ at: name }, "shared limits are back");
    },
    onAlone: (what) => ports.onAlone(name, what),
  });
}
