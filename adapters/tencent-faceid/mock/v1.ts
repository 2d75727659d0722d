import { createHmac, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "#mocks";
import { Refusal } from "./answer.ts";
import { checkTimestamp, keyOf, signatureFailure, type Key } from "./keys.ts";
import { hostsOf } from "./tc3.ts";

const hashes: Record<string, string> = { HmacSHA1: "sha1", HmacSHA256: "sha256" };

/** The common parameters that stand beside an action's own in the older signature method ("签名方法 v1"). */
export const commonParameters: readonly string[] = [
  "Action",
  "Region",
  "Timestamp",
  "Nonce",
  "SecretId",
  "Signature",
  "SignatureMethod",
  "Version",
  "Token",
  "Language",
  "RequestClient",
];

/** Verifies `Signature` over all other parameters (form or query), decoded and sorted. SignatureMethod defaults to HmacSHA1. */
export function verifyV1(
  request: WireRequest,
  form: ReadonlyMap<string, string>,
  keys: readonly Key[],
  now: Date,
): Key {
  for (const name of ["SecretId", "Timestamp", "Nonce", "Signature"]) {
    if (!form.has(name)) {
      throw new Refusal("MissingParameter", `The request is missing a required parameter \`${name}\`.`);
    }
  }
  const timestamp = form.get("Timestamp");
  checkTimestamp(timestamp, now);
  const key = keyOf(keys, form.get("SecretId") ?? "");
  const hash = hashes[form.get("SignatureMethod") ?? "HmacSHA1"];
  if (hash === undefined) throw new Refusal("InvalidParameterValue", "SignatureMethod is HmacSHA1 or HmacSHA256.");
  const names = [...form.keys()].filter((name) => name !== "Signature").toSorted();
  const query = names.map((name) => `${name}=${form.get(name)}`).join("&");
  const given = Buffer.from(form.get("Signature") ?? "", "base64");
  const isSigned = hostsOf(request).some((host) => {
    const text = `${request.method}${host}${request.path}?${query}`;
    const wanted = createHmac(hash, key.secretKey).update(text).digest();
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  });
  if (!isSigned) throw signatureFailure();
  return key;
}
