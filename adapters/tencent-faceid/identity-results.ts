import type { ErrorRow } from "#capability";
import type { components } from "./vendor.d.ts";

type Schemas = components["schemas"];
type Codes<Name extends "IdCardVerificationResult" | "PhoneVerificationResult" | "BankCard4EVerificationResult"> =
  Record<Schemas[Name]["Result"], Meaning>;

/** What a result code of Tencent's means: a verdict, or no verdict for a reason. */
export type Meaning =
  | { verdict: "match" | "mismatch" | "no_record" | "inconclusive"; billed: boolean }
  /** `tomorrow`: the day's limit is used up. None of these is charged. */
  | { problem: ErrorRow["problem"]; outcome: "rejected" | "not_sent"; tomorrow?: true };

const match: Meaning = { verdict: "match", billed: true };
const mismatch: Meaning = { verdict: "mismatch", billed: true };
const noRecord: Meaning = { verdict: "no_record", billed: true };
const inconclusive: Meaning = { verdict: "inconclusive", billed: true };
/** The vendor found what we sent malformed, before it asked any source. */
const malformed: Meaning = { problem: "vendor_rejected", outcome: "rejected" };
/** Free and without effect, so that it may be tried again, also elsewhere. */
const sourceDown: Meaning = { problem: "vendor_unavailable", outcome: "not_sent" };
const dayLimit: Meaning = { problem: "quota_exhausted", outcome: "not_sent", tomorrow: true };

/** IdCardVerification: charged 0 and -1. */
export const idCardCodes: Codes<"IdCardVerificationResult"> = {
  "0": match,
  "-1": mismatch,
  "-2": malformed,
  "-3": malformed,
  "-4": sourceDown,
  "-5": { verdict: "no_record", billed: false },
  "-6": sourceDown,
  "-7": dayLimit,
};

/** PhoneVerification: charged 0 and -4. */
export const phoneCodes: Codes<"PhoneVerificationResult"> = {
  "0": match,
  "-4": mismatch,
  "-6": malformed,
  "-7": malformed,
  "-8": malformed,
  "-9": { verdict: "no_record", billed: false },
  "-11": sourceDown,
  "-12": dayLimit,
  "-13": { verdict: "inconclusive", billed: false },
};

/** BankCard4EVerification: charged all but -2 to -5 and -18 to -20. What the bank says of the card's state is no verdict. */
export const bankCardCodes: Codes<"BankCard4EVerificationResult"> = {
  "0": match,
  "-1": mismatch,
  "-2": malformed,
  "-3": malformed,
  "-4": malformed,
  "-5": malformed,
  "-6": mismatch,
  "-7": inconclusive,
  "-8": inconclusive,
  "-9": noRecord,
  "-10": noRecord,
  "-11": inconclusive,
  "-12": inconclusive,
  "-13": inconclusive,
  "-14": inconclusive,
  "-15": inconclusive,
  "-16": inconclusive,
  "-17": inconclusive,
  "-18": sourceDown,
  "-19": dayLimit,
  "-20": malformed,
  "-21": inconclusive,
};

/** Which factors differ, by `ResultDetail`; OtherMismatch says nothing. */
export const mismatches: Record<NonNullable<Schemas["PhoneVerificationResult"]["ResultDetail"]>, readonly string[]> = {
  PhoneIdCardMismatch: ["nationalId"],
  PhoneNameMismatch: ["name"],
  PhoneNameIdCardMismatch: ["phone"],
  NameIdCardMismatch: ["name", "nationalId"],
  OtherMismatch: [],
};

/** The carrier by `Isp`; empty if the vendor does not know it. */
export const carriers: Record<Schemas["PhoneVerificationResult"]["Isp"], string | undefined> = {
  移动: "china_mobile",
  电信: "china_telecom",
  联通: "china_unicom",
  "": undefined,
};
