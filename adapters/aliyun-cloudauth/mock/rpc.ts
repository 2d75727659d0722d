import { createHmac, timingSafeEqual } from "node:crypto";
import { percentEncode } from "./acs3.ts";
import { GatewayRefusal } from "./answer.ts";
import { incompleteSignature, keyOf, signatureDoesNotMatch, type Key } from "./keys.ts";

/** The common parameters that stand beside an action's own in the older signature ("RPC 风格签名", version 1.0). */
export const commonParameters: readonly string[] = [
  "Action",
  "Version",
  "Format",
  "RegionId",
  "AccessKeyId",
  "SecurityToken",
  "Signature",
  "SignatureMethod",
  "SignatureVersion",
  "SignatureNonce",
  "Timestamp",
];

/** Verifies `Signature`: HMAC-SHA1 over the method and all other parameters of query and form, sorted by name. */
export function verifyRpc(method: string, parameters: ReadonlyMap<string, string>, keys: readonly Key[]): Key {
  if ((parameters.get("SignatureMethod") ?? "HMAC-SHA1") !== "HMAC-SHA1") {
    throw new GatewayRefusal(400, "InvalidSignatureMethod", "Specified signature method is not valid.");
  }
  for (const name of ["AccessKeyId", "SignatureVersion", "SignatureNonce", "Timestamp"]) {
    if (!parameters.has(name)) throw incompleteSignature(`${name} is missing`);
  }
  const key = keyOf(keys, parameters.get("AccessKeyId") ?? "");
  const names = [...parameters.keys()].filter((name) => name !== "Signature").toSorted();
  const query = names.map((name) => `${percentEncode(name)}=${percentEncode(parameters.get(name) ?? "")}`).join("&");
  const toSign = `${method}&${percentEncode("/")}&${percentEncode(query)}`;
  const wanted = createHmac("sha1", `${key.accessKeySecret}&`).update(toSign).digest();
  const given = Buffer.from(parameters.get("Signature") ?? "", "base64");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw signatureDoesNotMatch();
  return key;
}
