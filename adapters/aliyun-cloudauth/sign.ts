import { createHash, createHmac } from "node:crypto";

/** What ACS3-HMAC-SHA256 covers, as it will be sent. */
export interface SignedRequest {
  method: string;
  path: string;
  /** As `canonicalQuery` makes it, which is also how it must be sent. */
  query: string;
  /** Lower-case names; all of them are signed. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface AccessKey {
  accessKeyId: string;
  accessKeySecret: string;
}

const algorithm = "ACS3-HMAC-SHA256";

/** The `Authorization` header of Alibaba Cloud OpenAPI ("V3 请求体和签名机制"). There is no key derivation. */
export function authorization(request: SignedRequest, key: AccessKey): string {
  const names = Object.keys(request.headers).toSorted();
  const signedHeaders = names.join(";");
  const canonical = [
    request.method.toUpperCase(),
    request.path,
    request.query,
    ...names.map((name) => `${name}:${request.headers[name]?.trim() ?? ""}`),
    "",
    signedHeaders,
    contentHash(request.body),
  ].join("\n");
  const toSign = `${algorithm}\n${createHash("sha256").update(canonical).digest("hex")}`;
  const signature = createHmac("sha256", key.accessKeySecret).update(toSign).digest("hex");
  return `${algorithm} Credential=${key.accessKeyId},SignedHeaders=${signedHeaders},Signature=${signature}`;
}

/** `x-acs-content-sha256`: of no body too. */
export function contentHash(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

/** The parameters sorted by name and encoded as RFC 3986 says, without the question mark. */
export function canonicalQuery(parameters: Iterable<readonly [string, string]>): string {
  return [...parameters]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** RFC 3986, section 2.3: everything but the unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
