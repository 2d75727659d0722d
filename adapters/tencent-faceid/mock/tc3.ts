import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "#mocks";
import { Refusal } from "./answer.ts";
import { checkTimestamp, keyOf, signatureFailure, type Key } from "./keys.ts";

const scheme =
  /^TC3-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{4}-\d{2}-\d{2})\/([^/,\s]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Verifies TC3-HMAC-SHA256 the vendor's way and gives the key that signed. The service in the scope is whatever the client
 * took for one: the SDK takes the first label of the endpoint, `127` for an address. Its `host` may be signed without the
 * port that the `Host` header has.
 */
export function verifyTc3(request: WireRequest, keys: readonly Key[], now: Date): Key {
  const match = scheme.exec(request.headers["authorization"] ?? "");
  if (match === null) {
    throw new Refusal("AuthFailure.InvalidAuthorization", "The `Authorization` in the request header is invalid.");
  }
  const [, secretId = "", date = "", service = "", signedHeaders = "", signature = ""] = match;
  const names = signedHeaders.split(";");
  if (!names.includes("content-type") || !names.includes("host")) {
    throw new Refusal("AuthFailure.InvalidAuthorization", "SignedHeaders must name content-type and host.");
  }
  const timestamp = checkTimestamp(request.headers["x-tc-timestamp"], now);
  const key = keyOf(keys, secretId);
  if (new Date(timestamp * 1000).toISOString().slice(0, 10) !== date) throw signatureFailure();

  const scope = `${date}/${service}/tc3_request`;
  const signingKey = mac(mac(mac(`TC3${key.secretKey}`, date), service), "tc3_request");
  const given = Buffer.from(signature, "hex");
  const isSigned = hostsOf(request).some((host) => {
    const toSign = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${digest(canonical(request, names, host))}`;
    return timingSafeEqual(mac(signingKey, toSign), given);
  });
  if (!isSigned) throw signatureFailure();
  return key;
}

/** The `Host` header as it came, and without its port. */
export function hostsOf(request: WireRequest): string[] {
  const host = (request.headers["host"] ?? "").trim().toLowerCase();
  const bare = host.replace(/:\d+$/, "");
  return bare === host ? [host] : [host, bare];
}

function canonical(request: WireRequest, names: readonly string[], host: string): string {
  const queryAt = request.target.indexOf("?");
  const query = queryAt < 0 ? "" : request.target.slice(queryAt + 1);
  const lines = names.map((name) => {
    const value = name === "host" ? host : (request.headers[name] ?? "").trim().toLowerCase();
    return `${name}:${value}\n`;
  });
  return `${request.method}\n${request.path}\n${query}\n${lines.join("")}\n${names.join(";")}\n${digest(request.body)}`;
}

function digest(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function mac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
