/** Answers as they came over a bare socket: is the signature good, and what does it speak of? */
import { createHash, verify } from "node:crypto";
import type { Jwks } from "../../mocks/partner/profile.ts";
import type { RawAnswer } from "./socket.fixture.ts";

/** The request that an answer may name; undefined where the bytes were no request. */
export interface Asked {
  method: string;
  url: string;
  /** Its fields, for an answer that is bound to its signature. */
  fields?: Record<string, string>;
}

/** What an answer's signature covers when the request's own was not valid (rule 10), and when there was no request. */
export const unboundCoverage = ['"@status"', '"content-digest"', '"@method";req', '"@target-uri";req'];
export const orphanCoverage = ['"@status"', '"content-digest"'];

const maxClockDifferenceSeconds = 5;

/**
 * Verifies an answer's digest and signature with the published keys, by node:crypto alone. Returns the identifiers that it
 * covers; throws with what is wrong.
 */
export function coverageOf(answer: RawAnswer, asked: Asked | undefined, jwks: Jwks): string[] {
  const field = (name: string): string => {
    const values = answer.headers.filter(([known]) => known.toLowerCase() === name).map(([, value]) => value);
    if (values.length !== 1) throw new Error(`${values.length} times ${name}`);
    return values[0] ?? "";
  };
  if (answer.body.length > 0) {
    const digest = `sha-256=:${createHash("sha256").update(answer.body).digest("base64")}:`;
    if (field("content-digest") !== digest) throw new Error("the digest is not that of the body");
  }
  const [, input = "", list = ""] = /^sig=(\(([^)]*)\);.*)$/.exec(field("signature-input")) ?? [];
  const created = Number(/;created=(\d+);/.exec(input)?.[1]);
  const keyid = /;keyid="([^"]+)"/.exec(input)?.[1];
  if (!input.endsWith(';tag="fapi-2-response"')) throw new Error("not the tag of an answer");
  if (!(Math.abs(created - Date.now() / 1_000) < maxClockDifferenceSeconds)) throw new Error("created is not now");
  const ids = list.split(" ");
  const value = (id: string): string => {
    if (id === '"@status"') return String(answer.status);
    if (id === '"@method";req') return asked?.method ?? "";
    if (id === '"@target-uri";req') return asked?.url ?? "";
    if (id.endsWith(';req;key="sig"')) return asked?.fields?.[nameIn(id)]?.replace(/^sig=/, "") ?? "";
    return id.endsWith(";req") ? (asked?.fields?.[nameIn(id)] ?? "") : field(nameIn(id));
  };
  const base = [...ids.map((id) => `${id}: ${value(id)}`), `"@signature-params": ${input}`].join("\n");
  const jwk = jwks.keys.find(({ kid }) => kid === keyid);
  if (jwk === undefined) throw new Error(`${keyid} is not published`);
  const signature = Buffer.from(field("signature").slice("sig=:".length, -1), "base64");
  if (!verify(null, Buffer.from(base), { key: jwk, format: "jwk" }, signature)) {
    throw new Error(`the signature does not verify over:\n${base}`);
  }
  return ids;
}

/** The identifiers that a field `Signature-Input` lists. */
export function listed(signatureInput: string | undefined): string[] {
  return /^\w+=\(([^)]*)\)/.exec(signatureInput ?? "")?.[1]?.split(" ") ?? [];
}

/** The problem in an answer's body. */
export function problemOf(answer: { body: Buffer }): { code?: string; status?: number; [member: string]: unknown } {
  return JSON.parse(answer.body.toString()) as { code?: string };
}

function nameIn(id: string): string {
  return /^"([^"]*)"/.exec(id)?.[1] ?? "";
}
