import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Keeps these tokens apart from anything else that could ever be derived from the same secret. */
const purpose = "aliyun-cloudauth callback";
const tokenPattern = /^([0-9a-f]{32})\.([\w-]{43})$/;

/** `CallbackToken` of one session: its reference, and what only we can derive from it (HMAC-SHA256, base64url). */
export function callbackToken(reference: string, secret: string): string {
  return `${reference}.${createHmac("sha256", secret).update(`${purpose}\n${reference}`).digest("base64url")}`;
}

/** The reference of the session that the token was made for, or undefined if we did not make it. Constant-time. */
export function referenceIn(token: string, secret: string): string | undefined {
  const reference = tokenPattern.exec(token)?.[1];
  if (reference === undefined) return undefined;
  return timingSafeEqual(digest(token), digest(callbackToken(reference, secret))) ? reference : undefined;
}

/** Of equal length whatever is compared. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
