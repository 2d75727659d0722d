import { z } from "zod";
import type { Output } from "#capability";
import { invalidAnswer, words } from "./answers.ts";
import type { components } from "./vendor.d.ts";

type Result = components["schemas"]["DescribeFaceResult"];
type Failure = NonNullable<Output<"faceVerifications.get">["failure"]>;

/** What a `Code` of DescribeFaceVerify says of a session that has no result. All other codes are errors of the call. */
export const sessionStates: Readonly<Record<string, "open" | "ended">> = {
  "403": "open",
  "424": "open",
  "414": "open",
  "415": "open",
  "416": "open",
  "417": "ended",
  "418": "ended",
  "427": "ended",
};

/** Why a verification failed, for the partner. */
const details: Record<string, string> = {
  liveness_failed: "No live face was shown.",
  face_mismatch: "The face does not match the photo on record.",
  not_in_database: "The authority holds no such person, or no photo of them.",
  identity_mismatch: "The name and the identity number do not belong together.",
  vendor_rejected: "The vendor ended the verification.",
  vendor_fault: "The vendor could not finish the verification; start a new one.",
};

/** `SubCode` after the vendor's list; one that is not in it is the vendor's own reason. */
const bySubCode: Readonly<Record<string, keyof typeof details>> = {
  "201": "identity_mismatch",
  "202": "not_in_database",
  "203": "not_in_database",
  "204": "face_mismatch",
  "205": "liveness_failed",
  "206": "vendor_rejected",
  "207": "face_mismatch",
  "209": "vendor_fault",
};

const passedSubCodes: ReadonlySet<string> = new Set(["200", "210"]);

const materialSchema = z.object({
  faceAttack: z.string().optional(),
  facialPictureFront: z.object({ verifyScore: z.number().min(0).max(100).optional() }).nullish(),
});

/** How a session ended: what `verified` or `failed` is told with. Throws where the answer contradicts itself. */
export function verdictOf(result: Result): Pick<Output<"faceVerifications.get">, "status" | "similarity" | "failure"> {
  const { Passed: passed, SubCode: subCode } = result;
  if ((passed === "T") !== passedSubCodes.has(subCode)) throw invalidAnswer("Passed and SubCode contradict each other");
  const { isAttack, score } = materialOf(result.MaterialInfo);
  const similarity = score === undefined ? {} : { similarity: score.toFixed(2) };
  if (passed === "F") return { status: "failed", ...similarity, failure: failureOf(subCode) };
  if (isAttack) throw invalidAnswer("passed, and yet an attack");
  return { status: "verified", ...similarity };
}

/** A failure by `SubCode`, or by the `Code` with which the vendor ended the session. */
export function failureOf(code: string): Failure {
  const reason = bySubCode[code] ?? "vendor_rejected";
  return { code: reason, detail: details[reason] ?? "", vendor: words(code) };
}

/** The pictures that it points to are never fetched. */
function materialOf(text: string | null | undefined): { isAttack: boolean; score: number | undefined } {
  if (text === undefined || text === null || text === "") return { isAttack: false, score: undefined };
  const read = materialSchema.safeParse(parsed(text));
  if (!read.success) throw invalidAnswer("MaterialInfo cannot be read");
  return { isAttack: read.data.faceAttack === "T", score: read.data.facialPictureFront?.verifyScore };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A session that nobody can finish any more. */
export const sessionExpired: Failure = { code: "session_expired", detail: "The customer did not finish in time." };
