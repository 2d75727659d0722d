import type { Credential } from "#capability";
import { outboundLimits as limits } from "./limits.ts";

interface Entry {
  credential?: Credential;
  obtaining?: Promise<Credential>;
}

/**
 * Tokens, tickets and vendors' certificates: one cache for all adapters, single-flight, renewed before they end, never
 * shared between adapters. In memory only: a restart asks for new ones.
 */
export class CredentialCache {
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws what `obtain` throws; a failure is not cached. Rejects with the signal's reason when the waiter's own time ends. */
  async get(adapter: string, key: string, obtain: () => Promise<Credential>, signal: AbortSignal): Promise<string> {
    const entries = this.#of(adapter);
    const entry = entries.get(key) ?? {};
    const usableUntil = (entry.credential?.expiresAt.getTime() ?? 0) - limits.credentialRenewalMs;
    if (entry.credential !== undefined && usableUntil > this.#now()) return entry.credential.value;
    entry.obtaining ??= obtain()
      .then((credential) => (entry.credential = credential))
      .finally(() => {
        delete entry.obtaining;
      });
    if (!entries.has(key)) this.#remember(entries, key, entry);
    return (await unlessAborted(entry.obtaining, signal)).value;
  }

  /** Forgets the very credentials (key and value) that a vendor refused; one that was renewed meanwhile stays. */
  drop(adapter: string, refused: ReadonlyMap<string, string>): void {
    const entries = this.#of(adapter);
    for (const [key, value] of refused) {
      if (entries.get(key)?.credential?.value === value) entries.delete(key);
    }
  }

  #of(adapter: string): Map<string, Entry> {
    const known = this.#entries.get(adapter);
    if (known !== undefined) return known;
    const made = new Map<string, Entry>();
    this.#entries.set(adapter, made);
    return made;
  }

  #remember(entries: Map<string, Entry>, key: string, entry: Entry): void {
    const oldest = entries.size >= limits.maxCredentialsPerAdapter ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
    entries.set(key, entry);
  }
}

/** The promise's own end, or the signal's, whichever comes first: one caller's long wait is not another's. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const first = Promise.race([promise, aborted.promise]);
    if (signal.aborted) abort();
    return await first;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
