import { words } from "./answers.ts";
import type { components } from "./vendor.d.ts";
import type { Output } from "#capability";

type Text = components["schemas"]["DetectInfoText"];
type Failure = NonNullable<Output<"faceVerifications.get">["failure"]>;

/** Why a verification failed, for the partner. */
const details: Record<string, string> = {
  liveness_failed: "No live face was shown, or its recording was unusable.",
  face_mismatch: "The face does not match the photo on record.",
  not_in_database: "The authority holds no such person, or no photo of them.",
  identity_mismatch: "The name and the identity number do not belong together.",
  vendor_rejected: "The vendor ended the verification.",
  vendor_fault: "The vendor could not finish the verification; start a new one.",
};

/** Final codes with a meaning of their own, from the vendor's list of SaaS codes (1007/47912). */
const byCode: Record<number, keyof typeof details> = {
  1001: "vendor_fault",
  1006: "vendor_fault",
  2001: "vendor_fault",
  2002: "vendor_rejected",
  2003: "vendor_rejected",
  2005: "not_in_database",
  2006: "identity_mismatch",
  2007: "not_in_database",
  2008: "vendor_fault",
};

const similarityPattern = /^(100(\.0{1,4})?|[1-9]?\d(\.\d{1,4})?)$/;

/** `Sim` in percent, if the vendor gave one. */
export function similarityOf(text: Text): string | undefined {
  return text.Sim !== null && similarityPattern.test(text.Sim) ? text.Sim : undefined;
}

/**
 * The reason of a failed verification: by its final code (`ErrCode`), else by the stage that failed. `ErrMsg` stays here: it
 * is for the customer's eyes and changes without notice.
 */
export function failureOf(errCode: number, text: Text): Failure {
  const code = byCode[errCode] ?? stageOf(text);
  return { code, detail: details[code] ?? "", vendor: words(`${errCode}`) };
}

function stageOf(text: Text): keyof typeof details {
  if (text.LiveStatus !== null && text.LiveStatus !== 0) return "liveness_failed";
  if (text.Comparestatus !== null && text.Comparestatus !== 0) return "face_mismatch";
  return "vendor_rejected";
}

/** A session that nobody can finish any more. */
export const sessionExpired: Failure = {
  code: "session_expired",
  detail: "The customer did not finish in time.",
};
