/**
 * The signature profile as a partner writes it: node:crypto and nothing of the gateway's. It is a second
 * implementation on purpose,
 * so that a mistake on either side shows as a disagreement.
 */
import { constants, createHash, randomBytes, sign, verify } from "node:crypto";
import type { JsonWebKeyInput, SigningOptions } from "node:crypto";

export type Jwk = JsonWebKeyInput["key"] & { readonly kid?: string };

export interface Jwks {
  readonly keys: readonly Jwk[];
}

export type Header = readonly [name: string, value: string];

/** A request as signed; what the answer is checked against. */
export interface Signed {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly Header[];
  readonly signatureInput: string;
  readonly signature: string;
  readonly base: string;
}

export interface ToSign {
  readonly method: string;
  /** As it will be sent. */
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  readonly jwk: Jwk;
  /** Epoch seconds. */
  readonly created?: number | undefined;
  readonly nonce?: string | undefined;
}

/** Signs a request; the returned headers are all that must be sent. */
export function signAsPartner({ method, url, headers, body, jwk, created, nonce }: ToSign): Signed {
  const digest: Header[] = body.length > 0 ? [["Content-Digest", `sha-256=:${sha256(body)}:`]] : [];
  const sent = [...headers, ...digest];
  const covered = ["content-digest", "content-type", "authorization", "dpop", "idempotency-key"].filter((n) =>
    valueOf(sent, n),
  );
  const ids = ["@method", "@target-uri", ...covered].map((name) => `"${name}"`).join(" ");
  const seconds = created ?? Math.floor(Date.now() / 1000);
  const once = nonce ?? randomBytes(16).toString("hex");
  const signatureInput = `(${ids});created=${seconds};keyid="${jwk.kid}";nonce="${once}";tag="fapi-2-request"`;
  const lines = [`"@method": ${method}`, `"@target-uri": ${url}`, ...covered.map((n) => `"${n}": ${valueOf(sent, n)}`)];
  const base = [...lines, `"@signature-params": ${signatureInput}`].join("\n");
  const signature = `:${sign(hashFor(jwk), Buffer.from(base), keyInput(jwk)).toString("base64")}:`;
  const added: Header[] = [...digest, ["Signature-Input", `sig=${signatureInput}`], ["Signature", `sig=${signature}`]];
  return { method, url, headers: [...headers, ...added], signatureInput, signature, base };
}

export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

/** How far the answer's clock may be from ours. */
const maxClockDifferenceSeconds = 60;

/**
 * Checks an answer's signature against the gateway's published keys and our request. Returns the keyid; throws
 * with the reason.
 */
export function checkAnswer(answer: Answer, sent: Signed, jwks: Jwks, unbound = answer.status >= 400): string {
  const [, label, input = "", list = ""] = /^(\w+)=(\(([^)]*)\);.*)$/.exec(need(answer, "signature-input")) ?? [];
  const param = (name: string) => new RegExp(`;${name}="?([^";]*)`).exec(input)?.[1] ?? "";
  if (param("tag") !== "fapi-2-response") throw new Error("its signature is no answer's signature");
  if (Math.abs(Date.now() / 1000 - Number(param("created"))) > maxClockDifferenceSeconds)
    throw new Error("it is not fresh");
  const ids = list.split(" ");
  for (const id of mustCover(answer, unbound))
    if (!ids.includes(id)) throw new Error(`its signature does not cover ${id}`);
  if (answer.body.length > 0 && need(answer, "content-digest") !== `sha-256=:${sha256(answer.body)}:`) {
    throw new Error("its body is not what its digest says");
  }
  const base = [...ids.map((id) => `${id}: ${componentOf(id, answer, sent)}`), `"@signature-params": ${input}`].join(
    "\n",
  );
  const jwk = jwks.keys.find(({ kid }) => kid === param("keyid"));
  if (jwk === undefined) throw new Error(`no published key has the keyid ${param("keyid")}`);
  const signature = Buffer.from(need(answer, "signature").slice(`${label}=:`.length, -1), "base64");
  if (!verify(hashFor(jwk), Buffer.from(base), keyInput(jwk), signature)) {
    throw new Error(`its signature does not verify over this base:\n${base}`);
  }
  return param("keyid");
}

/** An answer must speak of our very request; an unbound one may come from before the gateway knew who asked. */
function mustCover({ body }: Answer, unbound: boolean): string[] {
  const always = ['"@status"', '"@method";req', '"@target-uri";req', ...(body.length > 0 ? ['"content-digest"'] : [])];
  return unbound ? always : [...always, '"signature";req;key="sig"'];
}

function componentOf(id: string, answer: Answer, sent: Signed): string {
  const own: Record<string, string> = {
    '"@status"': String(answer.status),
    '"@method";req': sent.method,
    '"@target-uri";req': sent.url,
    '"signature";req;key="sig"': sent.signature,
    '"signature-input";req;key="sig"': sent.signatureInput,
  };
  const name = id.slice(1, id.indexOf('"', 1));
  const value = own[id] ?? valueOf(id.endsWith(";req") ? sent.headers : answer.headers, name);
  if (value === undefined) throw new Error(`its signature covers ${id}, which is not there`);
  return value;
}

function valueOf(headers: readonly Header[], name: string): string | undefined {
  const values = headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);
  return values.length > 0 ? values.join(", ") : undefined;
}

function need({ headers }: Answer, name: string): string {
  const value = valueOf(headers, name);
  if (value === undefined) throw new Error(`it has no ${name}`);
  return value;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("base64");
/** For `sign` and `verify`: the hash of the key's algorithm, and the key with its encoding. */
export const hashFor = ({ kty }: Jwk): string | null => (kty === "OKP" ? null : "sha256");
export const keyInput = (jwk: Jwk): JsonWebKeyInput & SigningOptions => ({
  key: jwk,
  format: "jwk",
  ...encodingFor(jwk),
});

/** ES256 is r‖s; PS256 is PSS with a salt as long as the hash. */
function encodingFor({ kty }: Jwk): SigningOptions {
  if (kty === "EC") return { dsaEncoding: "ieee-p1363" };
  return kty === "RSA" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
}
