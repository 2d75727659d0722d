import { randomBytes } from "node:crypto";
import { GatewayRefusal } from "./answer.ts";

/** An AccessKey of the vendor's account, and what is wrong with it. */
export interface Key {
  accessKeyId: string;
  accessKeySecret: string;
  /** `denied`: RAM allows it nothing; `inactive`: disabled in the console. */
  trouble?: "denied" | "inactive";
}

/** Makes the sandbox's keys: a good one, one without permission, one that is disabled. */
export function makeKeys(): Key[] {
  return [makeKey(), { ...makeKey(), trouble: "denied" }, { ...makeKey(), trouble: "inactive" }];
}

function makeKey(): Key {
  return { accessKeyId: `LTAI5t${randomBytes(9).toString("hex")}`, accessKeySecret: randomBytes(15).toString("hex") };
}

export function keyOf(keys: readonly Key[], accessKeyId: string): Key {
  const key = keys.find((candidate) => candidate.accessKeyId === accessKeyId);
  if (key === undefined) {
    throw new GatewayRefusal(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
  }
  if (key.trouble === "inactive") {
    throw new GatewayRefusal(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.");
  }
  return key;
}

/** What the vendor finds after the signature was right. */
export function admit(key: Key): void {
  if (key.trouble !== "denied") return;
  throw new GatewayRefusal(403, "NoPermission", "You are not authorized to do this action.");
}

export function signatureDoesNotMatch(): GatewayRefusal {
  return new GatewayRefusal(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.");
}

export function incompleteSignature(what: string): GatewayRefusal {
  return new GatewayRefusal(
    400,
    "IncompleteSignature",
    `The request signature does not conform to standards: ${what}.`,
  );
}
