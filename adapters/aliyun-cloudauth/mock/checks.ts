import { ProductRefusal } from "./answer.ts";
import { ending } from "./magic.ts";
import { isIdentityNumber, isName } from "./person.ts";

export type CheckAction = "Id2MetaVerify" | "Mobile3MetaDetailVerify" | "BankMetaVerify";

export interface CheckResult {
  BizCode: string;
  SubCode?: string;
  IspName?: string | null;
}

type Parameters = ReadonlyMap<string, string>;

const needed: Record<CheckAction, readonly string[]> = {
  Id2MetaVerify: ["ParamType", "IdentifyNum", "UserName"],
  Mobile3MetaDetailVerify: ["ParamType", "IdentifyNum", "UserName", "Mobile"],
  BankMetaVerify: ["ParamType", "VerifyMode", "ProductType", "BankCard", "UserName"],
};

/** `SubCode`s by the last two characters of the name. Id2MetaVerify tells their first digit only. */
const byName: Record<CheckAction, Readonly<Record<string, string>>> = {
  Id2MetaVerify: { 不符: "201", 无录: "301" },
  Mobile3MetaDetailVerify: { 不符: "203", 无录: "301" },
  BankMetaVerify: { 不符: "201", 无录: "302" },
};

/** What the vendor documents for each action. */
const known: Record<CheckAction, RegExp> = {
  Id2MetaVerify: /^(101|201|301)$/,
  Mobile3MetaDetailVerify: /^(101|20[1-4]|301)$/,
  BankMetaVerify: /^(101|20[1-9]|21[0-6]|30[1-6])$/,
};

/** Charged once for an answer with `BizCode` 1 or 2. */
export function isBilled({ BizCode }: CheckResult): boolean {
  return BizCode === "1" || BizCode === "2";
}

/** Performs a check. The vendor looks at the form of what was sent first, and charges nothing for what it finds there. */
export function check(action: CheckAction, sent: Parameters): CheckResult {
  checkForm(action, sent);
  const subCode = wanted(action, sent);
  const bizCode = subCode.slice(0, 1);
  if (action === "Id2MetaVerify") return { BizCode: bizCode };
  if (action === "BankMetaVerify") return { BizCode: bizCode, SubCode: subCode };
  return { BizCode: bizCode, SubCode: subCode, IspName: carrierOf(sent.get("Mobile") ?? "") };
}

function checkForm(action: CheckAction, sent: Parameters): void {
  const get = (name: string): string => sent.get(name) ?? "";
  const isFull = get("ProductType") !== "BANK_CARD_2_META";
  const names = [
    ...needed[action],
    ...(action === "BankMetaVerify" && isFull ? ["IdentifyNum"] : []),
    ...(get("ProductType") === "BANK_CARD_4_META" ? ["Mobile"] : []),
  ];
  if (names.some((name) => get(name) === "")) throw new ProductRefusal("400", "参数不能为空");
  const isRight =
    get("ParamType") === "normal" &&
    isName(get("UserName")) &&
    (get("IdentifyNum") === "" || isIdentityNumber(get("IdentifyNum"))) &&
    (get("Mobile") === "" || /^1\d{10}$/.test(get("Mobile"))) &&
    (action !== "BankMetaVerify" || isCard(get));
  if (!isRight) throw new ProductRefusal("401", "参数非法");
}

function isCard(get: (name: string) => string): boolean {
  return (
    get("VerifyMode") === "VERIFY_BANK_CARD" &&
    /^BANK_CARD_[234]_META$/.test(get("ProductType")) &&
    /^\d{12,19}$/.test(get("BankCard"))
  );
}

/** The code that the magic values ask for: the name first, then `99NNN` at the end of the card's or phone's number. */
function wanted(action: CheckAction, sent: Parameters): string {
  const named = byName[action][ending(sent.get("UserName"))];
  if (named !== undefined) return named;
  const number = sent.get(action === "BankMetaVerify" ? "BankCard" : "Mobile") ?? "";
  const asked = /99(\d{3})$/.exec(number)?.[1] ?? "101";
  return known[action].test(asked) ? asked : "101";
}

function carrierOf(phone: string): string | null {
  if (/^1(33|49|53|7[37]|8[019]|9[0139])/.test(phone)) return "CTCC";
  if (/^1(3[0-2]|45|5[56]|66|7[156]|8[56]|96)/.test(phone)) return "CUCC";
  return phone.startsWith("192") ? null : "CMCC";
}
