/** Requests signed before they are sent, so that signing them costs nothing while others are measured. */
import { createHash, createPrivateKey, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Jwk } from "../../../mocks/partner/profile.ts";
import { createPath, listPath, orderBody } from "../exchange.ts";
import type { Workload } from "../exchange.ts";

export interface Signer {
  keyid: string;
  key: KeyObject;
}

export function signerOf(jwk: Jwk): Signer {
  return { keyid: jwk.kid ?? "", key: createPrivateKey({ key: jwk, format: "jwk" }) };
}

export interface RequestOptions {
  workload: Workload;
  publicOrigin: string;
  host: string;
  signer: Signer;
  /** Blanks after the body's JSON, up to so many bytes in all. */
  bodyBytes?: number;
}

/** The bytes of one request with a nonce and an idempotency key of its own. */
export function signedRequest({ workload, publicOrigin, host, signer, bodyBytes = 0 }: RequestOptions): Buffer {
  const unique = randomBytes(16).toString("hex");
  const [method, path] = workload === "read" ? ["GET", listPath] : ["POST", createPath];
  const body = workload === "read" ? "" : JSON.stringify(orderBody(`ORDER-${unique.slice(0, 24)}`));
  const bytes = Buffer.from(body + " ".repeat(Math.max(0, bodyBytes - Buffer.byteLength(body))));
  const fields: [string, string][] =
    workload === "read"
      ? []
      : [
          ["content-digest", `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`],
          ["content-type", "application/json"],
          ["idempotency-key", `"${unique}"`],
        ];
  const ids = ["@method", "@target-uri", ...fields.map(([name]) => name)].map((name) => `"${name}"`).join(" ");
  const created = Math.floor(Date.now() / 1000);
  const input = `(${ids});created=${created};keyid="${signer.keyid}";nonce="${unique}";tag="fapi-2-request"`;
  const lines = [`"@method": ${method}`, `"@target-uri": ${publicOrigin}${path}`];
  for (const [name, value] of fields) lines.push(`"${name}": ${value}`);
  const base = `${lines.join("\n")}\n"@signature-params": ${input}`;
  const signature = sign(null, Buffer.from(base), signer.key).toString("base64");
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(bytes.length === 0 ? [] : [`content-length: ${bytes.length}`]),
    `signature-input: sig=${input}`,
    `signature: sig=:${signature}:`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]);
}
