/**
 * Verifies an exported document as a stranger would: from its text and `howToVerify`, with node:crypto and nothing of the
 * gateway's. Throws with what does not hold.
 */
import { constants, createHash, createPublicKey, verify } from "node:crypto";
import type { JsonWebKeyInput } from "node:crypto";

type Jwk = JsonWebKeyInput["key"] & { kid: string; kty: string };
type Json = string | number | { [name: string]: Json };
type Facts = Record<string, string | number>;

interface Head {
  chain: string;
  number: number;
  hash: string;
  atMs: number;
  keyid: string;
  signature: string;
}

interface Document {
  rows: {
    row: { chain: string; number: number; hash: string; partner?: string; facts: Facts };
    previousHash: string;
    links: string[];
    checkpoint?: Head;
    attestation: Head;
  }[];
  keys: { gateway: { keys: Jwk[] }; partners: Record<string, { keys: Jwk[] }> };
}

/** What was verified of a row. */
export interface Verdict {
  partner: string | undefined;
  request: boolean;
  answer: boolean;
  linkedToCheckpoint: boolean;
}

/** @param target the request's target with its query, for a row whose `target` is not all of it */
export function verifyDocument(text: string, target?: string): Verdict[] {
  const { rows, keys } = JSON.parse(text) as Document;
  for (const { keys: set } of [keys.gateway, ...Object.values(keys.partners)]) set.forEach(holdThumbprint);
  return rows.map(({ row, previousHash, links, checkpoint, attestation }) => {
    hold(linked(previousHash, row) === row.hash, "the row's hash");
    for (const head of [attestation, ...(checkpoint === undefined ? [] : [checkpoint])]) {
      const signed = `${head.chain}\n${head.number}\n${head.hash}\n${head.atMs}`;
      hold(isSigned(keyOf(keys.gateway.keys, head.keyid), signed, head.signature), "the signature of a head");
    }
    hold(attestation.hash === row.hash && attestation.number === row.number, "the attestation of this row");
    let hash = row.hash;
    for (const digest of links) hash = sha256(hash + digest);
    if (checkpoint !== undefined) hold(checkpoint.hash === hash, "the checkpoint of these links");
    return {
      partner: row.partner,
      request: holdsRequest(row.facts, row.partner, keys, target),
      answer: holdsAnswer(row.facts, keys, target),
      linkedToCheckpoint: checkpoint !== undefined,
    };
  });
}

function holdsRequest(facts: Facts, partner: string | undefined, keys: Document["keys"], target?: string): boolean {
  if (facts["signature"] === undefined || partner === undefined) return false;
  const base = baseOf(String(facts["signatureInput"]), (id) => requestValue(id, facts, target));
  const key = keyOf(keys.partners[partner]?.keys ?? [], String(facts["keyid"]));
  hold(isSigned(key, base, String(facts["signature"]).slice(1, -1)), "the partner's signature");
  return true;
}

function holdsAnswer(facts: Facts, keys: Document["keys"], target?: string): boolean {
  const [, input = ""] = /^\w+=(.*)$/.exec(String(facts["answerSignatureInput"])) ?? [];
  const own: Record<string, string | number | undefined> = {
    '"@status"': facts["status"],
    '"content-digest"': facts["answerContentDigest"],
    '"content-type"': facts["answerContentType"],
    '"idempotency-replayed"': "?1",
  };
  const base = baseOf(input, (id) =>
    id.includes(";req") ? requestValue(id.slice(0, id.indexOf(";req")), facts, target) : own[id],
  );
  const key = keyOf(keys.gateway.keys, String(facts["answerKeyid"]));
  const [, signature = ""] = /^\w+=:(.*):$/.exec(String(facts["answerSignature"])) ?? [];
  hold(isSigned(key, base, signature), "the gateway's signature");
  return true;
}

function requestValue(id: string, facts: Facts, target: string | undefined): string | number | undefined {
  const uri = target ?? String(facts["target"]);
  if (id === '"@target-uri"') hold(sha256(uri) === facts["targetSha256"], "the target");
  const values: Facts = {
    '"@target-uri"': uri,
    '"@method"': facts["method"] ?? "",
    '"content-digest"': facts["contentDigest"] ?? "",
    '"content-type"': facts["contentType"] ?? "",
    '"idempotency-key"': facts["idempotencyKey"] ?? "",
    '"signature"': facts["signature"] ?? "",
    '"signature-input"': facts["signatureInput"] ?? "",
  };
  return values[id];
}

function baseOf(input: string, valueOf: (id: string) => string | number | undefined): string {
  const list = input.slice(1, input.indexOf(")"));
  const lines = list.split(" ").map((id) => {
    const value = valueOf(id);
    hold(value !== undefined, `a value for ${id}`);
    return `${id}: ${value}`;
  });
  return [...lines, `"@signature-params": ${input}`].join("\n");
}

function isSigned(jwk: Jwk, text: string, signature: string): boolean {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const bytes = Buffer.from(signature, "base64");
  if (jwk.kty === "OKP") return verify(null, Buffer.from(text), key, bytes);
  if (jwk.kty === "EC") return verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, bytes);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify("sha256", Buffer.from(text), { key, padding, saltLength: 32 }, bytes);
}

function keyOf(keys: readonly Jwk[], keyid: string): Jwk {
  const key = keys.find(({ kid }) => kid === keyid);
  if (key === undefined) throw new Error(`there is no key ${keyid}`);
  return key;
}

/** RFC 7638: SHA-256 over the required members in lexical order. */
function holdThumbprint(jwk: Jwk): void {
  const members: Record<string, string[]> = {
    OKP: ["crv", "kty", "x"],
    EC: ["crv", "kty", "x", "y"],
    RSA: ["e", "kty", "n"],
  };
  const required = (members[jwk.kty] ?? []).map((name) => [name, jwk[name as keyof Jwk]]);
  const thumbprint = createHash("sha256")
    .update(JSON.stringify(Object.fromEntries(required)))
    .digest("base64url");
  hold(thumbprint === jwk.kid, "a key's thumbprint");
}

/** Canonical JSON (RFC 8785): members sorted by name, no spaces. */
function canonical(value: Json): string {
  if (typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

function linked(previousHash: string, { hash: _hash, ...row }: { hash: string }): string {
  return sha256(previousHash + sha256(canonical(row)));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hold(holds: boolean, what: string): void {
  if (!holds) throw new Error(`${what} does not hold`);
}
