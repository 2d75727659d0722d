import type { ErrorRow, Output } from "#capability";
import { invalidAnswer } from "./answers.ts";
import type { components } from "./vendor.d.ts";

type Schemas = components["schemas"];
type Verdict = NonNullable<Output<"identityChecks.create">["verdict"]>;

/** What a result of the vendor's means: a verdict, or no verdict for a reason. */
export type Meaning =
  | { verdict: Verdict; billed: boolean; mismatches?: readonly string[] }
  /** Not charged; the person's checks are used up here, not elsewhere. */
  | { problem: ErrorRow["problem"]; outcome: "not_sent" };

/** 计费: once for `BizCode` 1 or 2, never for 3. */
const isBilled = (bizCode: Schemas["BizCode"]): boolean => bizCode !== "3";

const verdicts: Record<Schemas["BizCode"], Verdict> = { "1": "match", "2": "mismatch", "3": "no_record" };

/** Id2MetaVerify. */
export function idMeaning({ BizCode }: Schemas["Id2MetaResult"]): Meaning {
  return { verdict: verdicts[BizCode], billed: isBilled(BizCode) };
}

/** Which factors differ: where neither belongs to the number, it is the number that is somebody else's. */
const phoneMismatches: Record<Schemas["Mobile3MetaResult"]["SubCode"], readonly string[]> = {
  "101": [],
  "201": ["phone"],
  "202": ["nationalId"],
  "203": ["name"],
  "204": [],
  "301": [],
};

/** Mobile3MetaDetailVerify. */
export function phoneMeaning({ BizCode, SubCode }: Schemas["Mobile3MetaResult"]): Meaning {
  checkAgreement(BizCode, SubCode);
  const mismatches = phoneMismatches[SubCode];
  return {
    verdict: verdicts[BizCode],
    billed: isBilled(BizCode),
    ...(mismatches.length === 0 ? {} : { mismatches }),
  };
}

/** 306, 验证次数超限: free, and no word about the person. */
const tooManyChecks = "306";

/**
 * BankMetaVerify. `BizCode` 2 says "认证信息不一致" of all that the bank did not confirm, but only 201 compares the holder's data:
 * what the others say of the card's state is no verdict on the person.
 */
export function bankMeaning({ BizCode, SubCode }: Schemas["BankMetaResult"]): Meaning {
  checkAgreement(BizCode, SubCode);
  if (SubCode === tooManyChecks) return { problem: "quota_exhausted", outcome: "not_sent" };
  return { verdict: bankVerdicts[SubCode] ?? "inconclusive", billed: isBilled(BizCode) };
}

/** 206: the card is invalid; 207: no bank issued it; 304: its number is wrong. All others: `inconclusive`. */
const bankVerdicts: Readonly<Record<string, Verdict>> = {
  "101": "match",
  "201": "mismatch",
  "206": "no_record",
  "207": "no_record",
  "304": "no_record",
};

/** `SubCode` begins with the digit of `BizCode`; one that does not leaves nothing to believe. */
function checkAgreement(bizCode: string, subCode: string): void {
  if (!subCode.startsWith(bizCode)) throw invalidAnswer("BizCode and SubCode contradict each other");
}

/** The carrier by `IspName`; others, and none, are not told. */
export const carriers: Readonly<Record<string, string>> = {
  CMCC: "china_mobile",
  CUCC: "china_unicom",
  CTCC: "china_telecom",
};
