import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "#store";
import { ConfigError } from "../config/index.ts";

/** Pauses between attempts to reach a database that is away; the last one repeats. */
const retryAfterMs = [250, 500, 1_000, 2_000, 5_000];

export interface PatiencePorts {
  /** The database does not answer; told once for each reason. */
  onAway(reason: string): void;
  /** Ends the attempts. */
  signal: AbortSignal;
}

/**
 * Begins what needs the database: now, or as soon as it answers. Rejects with a `ConfigError` when it answers no, since
 * that does not pass by itself.
 * @returns `later`: undefined when it is done; else it resolves when it is, and rejects when it was refused then, or `signal`
 *   came first.
 */
export async function beginWhenThere(
  begin: () => Promise<void>,
  ports: PatiencePorts,
): Promise<{ later: Promise<void> | undefined }> {
  const away = await attempt(begin);
  if (away === undefined) return { later: undefined };
  ports.onAway(away);
  const later = keepTrying(begin, away, ports);
  // Whoever waits for it is told; the start goes on meanwhile.
  later.catch(() => undefined);
  return { later };
}

async function keepTrying(begin: () => Promise<void>, told: string, { onAway, signal }: PatiencePorts): Promise<void> {
  let known = told;
  for (let failures = 1; ; failures += 1) {
    const delayMs = retryAfterMs[Math.min(failures, retryAfterMs.length) - 1];
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw new StoreError("store_closed", "ended before the database answered");
    const away = await attempt(begin);
    if (away === undefined) return;
    if (away !== known) onAway(away);
    known = away;
  }
}

/** Undefined when it is done; why, when the database is away. */
async function attempt(begin: () => Promise<void>): Promise<string | undefined> {
  try {
    await begin();
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const advice = adviceOn(error);
    if (advice !== undefined) throw new ConfigError(`store: ${error.message}\n  ${advice}`, { cause: error });
    return error.message || error.code;
  }
}

/** What an operator has to do about it; undefined when the database is just not there. */
function adviceOn({ code, message }: StoreError): string | undefined {
  switch (code) {
    case "schema_mismatch":
      return "the schema of this database is not that of this gateway: run `npm run migrate` of the same release";
    case "wrong_key":
      return "store.keys must have the keys that this database was sealed with, the oldest last";
    case "store_unavailable":
      // SQLSTATE classes (PostgreSQL, appendix A): the server is there, and refuses the login (28) or knows no such database (3D).
      return /^PostgreSQL (?:28|3D)/.test(message)
        ? "check the user, the password and the name of the database in store.url"
        : undefined;
    case "store_busy":
      return undefined;
    default:
      return "this does not pass by itself";
  }
}
