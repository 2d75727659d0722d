import { randomBytes } from "node:crypto";
import { Refusal } from "./answer.ts";

/** A key pair of the vendor's account, and what is wrong with it. */
export interface Key {
  secretId: string;
  secretKey: string;
  /** `mfa`: needs a second factor; `denied`: CAM allows it nothing. */
  trouble?: "mfa" | "denied";
}

/** Makes the sandbox's keys: a good one, one that needs MFA, one without permission. */
export function makeKeys(): Key[] {
  return [makeKey(), { ...makeKey(), trouble: "mfa" }, { ...makeKey(), trouble: "denied" }];
}

function makeKey(): Key {
  return { secretId: `AKID${randomBytes(16).toString("hex")}`, secretKey: randomBytes(16).toString("hex") };
}

/** The key of a SecretId, or the vendor's refusal of it. */
export function keyOf(keys: readonly Key[], secretId: string): Key {
  if (!secretId.startsWith("AKID")) {
    throw new Refusal("AuthFailure.InvalidSecretId", "The SecretId is not of the Tencent Cloud API key type.");
  }
  const key = keys.find((candidate) => candidate.secretId === secretId);
  if (key !== undefined) return key;
  throw new Refusal(
    "AuthFailure.SecretIdNotFound",
    "The SecretId is not found, please ensure that your SecretId is correct.",
  );
}

/** What the vendor finds after the signature was right. */
export function admit(key: Key): void {
  if (key.trouble === "mfa") throw new Refusal("AuthFailure.MFAFailure", "MFA failed.");
  if (key.trouble === "denied") {
    throw new Refusal("AuthFailure.UnauthorizedOperation", "The request is not authorized by CAM.");
  }
}

const maxClockDifferenceSeconds = 300;

/** The vendor's five minutes, either way. */
export function checkTimestamp(text: string | undefined, now: Date): number {
  if (text === undefined || !/^\d{1,12}$/.test(text)) {
    throw new Refusal("InvalidParameter", "The parameter `Timestamp` is missing or not a number of seconds.");
  }
  const timestamp = Number(text);
  if (Math.abs(now.getTime() / 1000 - timestamp) > maxClockDifferenceSeconds) {
    throw new Refusal(
      "AuthFailure.SignatureExpire",
      "The provided credentials could not be validated because of exceeding request timestamp limit.",
    );
  }
  return timestamp;
}

export function signatureFailure(): Refusal {
  return new Refusal(
    "AuthFailure.SignatureFailure",
    "The provided credentials could not be validated. Please check your signature is correct.",
  );
}
