import { Fault } from "#capability";
import type { VendorClient } from "#capability";
import type { JSONWebKeySet } from "jose";
import type { Config } from "./config.ts";
import type { components, operations } from "./vendor.d.ts";
import { UnknownKey } from "./verify.ts";

export type Vendor = VendorClient<operations>;
export type Metadata = components["schemas"]["Metadata"];

const metadataLifetimeMs = 3_600_000;
const keysLifetimeMs = 3_600_000;
/** At most one look for a rotated key in this time. */
const keysRefreshIntervalMs = 60_000;

/**
 * The bank's discovery document, kept for an hour. Throws `vendor_invalid_answer` if it speaks for another issuer
 * (OpenID Connect Discovery 1.0, 4.3).
 */
export async function bankMetadata(vendor: Vendor, config: Config, now: Date): Promise<Metadata> {
  const value = await vendor.credential("metadata", async () => {
    const { body } = await vendor.call("OpenIdConfiguration", {});
    if (body.issuer !== config.issuer) throw invalidAnswer("the discovery document speaks for another issuer");
    return { value: JSON.stringify(body), expiresAt: new Date(now.getTime() + metadataLifetimeMs) };
  });
  return JSON.parse(value) as Metadata;
}

/**
 * Runs a check against the bank's published keys, kept for an hour; if the bank signed with a key that we do not know,
 * its keys are fetched anew, at most once a minute. Throws what the check throws.
 */
export async function withBankKeys<T>(
  vendor: Vendor,
  now: Date,
  check: (keys: JSONWebKeySet) => Promise<T>,
): Promise<T> {
  try {
    return await check(await bankKeys(vendor, "keys", now));
  } catch (error) {
    if (!(error instanceof UnknownKey)) throw error;
    const minute = Math.floor(now.getTime() / keysRefreshIntervalMs);
    return check(await bankKeys(vendor, `keys:${minute}`, now));
  }
}

async function bankKeys(vendor: Vendor, key: string, now: Date): Promise<JSONWebKeySet> {
  const value = await vendor.credential(key, async () => {
    const { body } = await vendor.call("Jwks", {});
    return { value: JSON.stringify(body), expiresAt: new Date(now.getTime() + keysLifetimeMs) };
  });
  return JSON.parse(value) as JSONWebKeySet;
}

/** What the bank said makes no sense: its effect is unknown, and the bank is at fault. */
export function invalidAnswer(detail: string, cause?: unknown): Fault {
  return new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail, cause });
}
