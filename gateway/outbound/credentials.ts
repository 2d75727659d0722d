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

  /** Throws what `obtain` throws; a failure is not cached. */
  async get(adapter: string, key: string, obtain: () => Promise<Credential>): Promise<string> {
    const entries = this.#of(adapter);
    const entry = entries.get(key) ?? {};
    const usableUntil = (entry.credential?.expiresAt.getTime() ?? 0) - limits.credentialRenewalMs;
    if (entry.credential !== undefined && usableUntil > this.#now()) return entry.credential.value;
    entry.obtaining ??= obtain().finally(() => {
      delete entry.obtaining;
    });
    if (!entries.has(key)) this.#remember(entries, key, entry);
    const credential = await entry.obtaining;
    entry.credential = credential;
    return credential.value;
  }

  /** Forgets what a vendor refused, so that the next attempt asks for a new one. */
  drop(adapter: string, keys: Iterable<string>): void {
    for (const key of keys) this.#entries.get(adapter)?.delete(key);
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
