/** A webhook's two signatures, checked as a partner writes it: node:crypto and nothing of the gateway's. */
import { createHash, createHmac, timingSafeEqual, verify } from "node:crypto";
import { type Header, type Jwk, type Jwks, hashFor, keyInput } from "./profile.ts";

const maxAgeSeconds = 300;

/** Rule 12: verifies one delivery against the URL that was registered. Returns the keyid; throws with the reason. */
export function checkWebhook(delivery: {
  url: string;
  headers: readonly Header[];
  body: Buffer;
  jwks: Jwks;
  nowMs?: number;
}): string {
  const { url, headers, body, jwks, nowMs = Date.now() } = delivery;
  const [, label, input = "", list = ""] = /^(\w+)=(\(([^)]*)\);.*)$/.exec(need(headers, "signature-input")) ?? [];
  const param = (name: string): string => new RegExp(`;${name}="?([^";]*)`).exec(input)?.[1] ?? "";
  if (param("tag") !== "gateway-webhook") throw new Error("its signature is no webhook's signature");
  const ageSeconds = nowMs / 1000 - Number(param("created"));
  if (!(Math.abs(ageSeconds) <= maxAgeSeconds)) throw new Error("it is not fresh");
  const ids = list.split(" ");
  for (const id of ["@method", "@target-uri", "content-digest", "content-type", "webhook-id"]) {
    if (!ids.includes(`"${id}"`)) throw new Error(`its signature does not cover ${id}`);
  }
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  if (need(headers, "content-digest") !== digest) throw new Error("its body is not what its digest says");
  const own: Record<string, string> = { '"@method"': "POST", '"@target-uri"': url };
  const lines = ids.map((id) => `${id}: ${own[id] ?? need(headers, id.slice(1, -1))}`);
  const base = [...lines, `"@signature-params": ${input}`].join("\n");
  const jwk = jwks.keys.find(({ kid }) => kid === param("keyid"));
  if (jwk === undefined) throw new Error(`no published key has the keyid ${param("keyid")}`);
  const signature = Buffer.from(need(headers, "signature").slice(`${label}=:`.length, -1), "base64");
  if (!verified(jwk, base, signature)) throw new Error(`its signature does not verify over this base:\n${base}`);
  return param("keyid");
}

function verified(jwk: Jwk, base: string, signature: Buffer): boolean {
  return verify(hashFor(jwk), Buffer.from(base), keyInput(jwk), signature);
}

/**
 * The other signature, for those who have Standard Webhooks code: whether any of `webhook-signature` is ours with this secret, and
 * fresh.
 */
export function checkStandardWebhook(
  headers: readonly Header[],
  body: Buffer,
  secret: string,
  nowMs: number = Date.now(),
): boolean {
  const timestamp = need(headers, "webhook-timestamp");
  if (!(Math.abs(nowMs / 1000 - Number(timestamp)) <= maxAgeSeconds)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const content = Buffer.concat([Buffer.from(`${need(headers, "webhook-id")}.${timestamp}.`), body]);
  const expected = createHmac("sha256", key).update(content).digest();
  return need(headers, "webhook-signature")
    .split(" ")
    .map((each) => Buffer.from(each.replace(/^v1,/, ""), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

/** The value of a header field; repeated ones joined. */
export function valueOf(headers: readonly Header[], name: string): string | undefined {
  const values = headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
  return values.length > 0 ? values.join(", ") : undefined;
}

function need(headers: readonly Header[], name: string): string {
  const value = valueOf(headers, name);
  if (value === undefined) throw new Error(`it has no ${name}`);
  return value;
}
