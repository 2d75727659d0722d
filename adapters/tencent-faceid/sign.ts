import { createHash, createHmac } from "node:crypto";

/** What TC3-HMAC-SHA256 covers, as it will be sent. */
export interface SignedRequest {
  method: string;
  url: URL;
  /** The `Host` header, with its port if it has one. */
  host: string;
  contentType: string;
  /** `X-TC-Action`. */
  action: string;
  body: Buffer;
  /** `X-TC-Timestamp`: seconds since the epoch. */
  timestampSeconds: number;
}

export interface SecretKey {
  secretId: string;
  secretKey: string;
}

const algorithm = "TC3-HMAC-SHA256";
const terminator = "tc3_request";
const signedHeaders = "content-type;host;x-tc-action";

/**
 * The `Authorization` header of Tencent Cloud API 3.0 ("签名方法 v3", TC3-HMAC-SHA256). `service` is the product's name in
 * the credential scope, e.g. `faceid`. Header values are signed in lower case, as the vendor's document says.
 */
export function authorization(request: SignedRequest, service: string, key: SecretKey): string {
  const date = new Date(request.timestampSeconds * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/${terminator}`;
  const toSign = [algorithm, `${request.timestampSeconds}`, scope, sha256(canonicalRequest(request))].join("\n");
  const dateKey = hmac(`TC3${key.secretKey}`, date);
  const signingKey = hmac(hmac(dateKey, service), terminator);
  const signature = hmac(signingKey, toSign).toString("hex");
  return `${algorithm} Credential=${key.secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

function canonicalRequest(request: SignedRequest): string {
  const headers = [
    `content-type:${request.contentType.trim().toLowerCase()}`,
    `host:${request.host.trim().toLowerCase()}`,
    `x-tc-action:${request.action.trim().toLowerCase()}`,
  ];
  return [
    request.method.toUpperCase(),
    request.url.pathname,
    request.url.search.slice(1),
    ...headers,
    "",
    signedHeaders,
    sha256(request.body),
  ].join("\n");
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
