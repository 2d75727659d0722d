import { isIdCard, isName } from "./id-card.ts";
import { ending } from "./magic.ts";
import type { Parameters } from "./parameters.ts";

export type CheckAction = "IdCardVerification" | "PhoneVerification" | "BankCard4EVerification";

export interface CheckResult {
  Result: string;
  Description: string;
  Isp?: string;
  ResultDetail?: string;
}

/** Result codes and their descriptions, as Tencent's published model lists them for each action. */
const descriptions: Record<CheckAction, Record<string, string>> = {
  IdCardVerification: {
    "0": "姓名和身份证号一致",
    "-1": "姓名和身份证号不一致",
    "-2": "非法身份证号（长度、校验位等不正确）",
    "-3": "非法姓名（长度、格式等不正确）",
    "-4": "证件库服务异常",
    "-5": "证件库中无此身份证记录",
    "-6": "权威比对系统升级中，请稍后再试",
    "-7": "认证次数超过当日限制",
  },
  PhoneVerification: {
    "0": "认证通过",
    "-4": "信息不一致",
    "-6": "手机号码不合法",
    "-7": "身份证号码有误",
    "-8": "姓名校验不通过",
    "-9": "没有记录",
    "-11": "验证中心服务繁忙",
    "-12": "认证次数超过当日限制，请次日重试",
    "-13": "该号段不支持验证",
  },
  BankCard4EVerification: {
    "0": "认证通过",
    "-1": "认证未通过",
    "-2": "姓名校验不通过",
    "-3": "身份证号码有误",
    "-4": "银行卡号格式有误",
    "-5": "手机号码不合法",
    "-6": "持卡人信息有误",
    "-7": "未开通无卡支付",
    "-8": "此卡被没收",
    "-9": "无效卡号",
    "-10": "此卡无对应发卡行",
    "-11": "该卡未初始化或睡眠卡",
    "-12": "作弊卡、吞卡",
    "-13": "此卡已挂失",
    "-14": "该卡已过期",
    "-15": "受限制的卡",
    "-16": "密码错误次数超限",
    "-17": "发卡行不支持此交易",
    "-18": "验证中心服务繁忙",
    "-19": "验证次数超限，请次日重试",
    "-20": "该证件号暂不支持核验，当前仅支持二代身份证",
    "-21": "卡状态异常或卡号错误",
  },
};

/** The codes that the published model lists as free (不收费结果码); all others are charged. */
const free: Record<CheckAction, readonly string[]> = {
  IdCardVerification: ["-2", "-3", "-4", "-5", "-6", "-7"],
  PhoneVerification: ["-6", "-7", "-8", "-9", "-11", "-12", "-13"],
  BankCard4EVerification: ["-2", "-3", "-4", "-5", "-18", "-19", "-20"],
};

export function isBilled(action: CheckAction, result: string): boolean {
  return !free[action].includes(result);
}

/** Codes by the last two characters of the name, for each action. */
const byName: Record<CheckAction, Record<string, string>> = {
  IdCardVerification: { 不符: "-1", 无录: "-5", 库障: "-4", 升级: "-6", 超限: "-7" },
  PhoneVerification: { 不符: "-4", 无录: "-9", 库障: "-11", 超限: "-12" },
  BankCard4EVerification: { 不符: "-1", 无录: "-9", 库障: "-18", 超限: "-19" },
};

/** What differs, by the last four digits of the phone number. Without one of these a mismatch is one of the name. */
const details: Record<string, string> = {
  9941: "PhoneIdCardMismatch",
  9942: "PhoneNameMismatch",
  9943: "PhoneNameIdCardMismatch",
  9944: "NameIdCardMismatch",
  9945: "OtherMismatch",
};

/** Performs a check. The vendor looks at the form of what was sent first, and charges nothing for what it finds there. */
export function check(action: CheckAction, sent: Parameters): CheckResult {
  const phone = sent.text("Phone") ?? "";
  const result = malformed(action, sent) ?? wanted(action, sent);
  const answer: CheckResult = { Result: result, Description: descriptions[action][result] ?? "" };
  if (action !== "PhoneVerification") return answer;
  answer.Isp = result === "-6" ? "" : carrierOf(phone);
  if (result === "-4" && sent.text("VerifyMode") === "1") {
    answer.ResultDetail = details[phone.slice(-4)] ?? "PhoneNameMismatch";
  }
  return answer;
}

function malformed(action: CheckAction, sent: Parameters): string | undefined {
  const idIsRight = isIdCard(sent.text("IdCard") ?? "");
  const nameIsRight = isName(sent.text("Name") ?? "");
  const phoneIsRight = /^1\d{10}$/.test(sent.text("Phone") ?? "");
  if (action === "IdCardVerification") return idIsRight ? (nameIsRight ? undefined : "-3") : "-2";
  if (action === "PhoneVerification") {
    if (!phoneIsRight) return "-6";
    return idIsRight ? (nameIsRight ? undefined : "-8") : "-7";
  }
  if (!nameIsRight) return "-2";
  if (!idIsRight) return "-3";
  if (!/^\d{12,19}$/.test(sent.text("BankCard") ?? "")) return "-4";
  return phoneIsRight ? undefined : "-5";
}

/** The code that the magic values ask for: the name first, then the end of the phone or card number, else a match. */
function wanted(action: CheckAction, sent: Parameters): string {
  const named = byName[action][ending(sent.text("Name"))];
  if (named !== undefined) return named;
  const phone = sent.text("Phone") ?? "";
  if (action === "PhoneVerification" && Object.hasOwn(details, phone.slice(-4))) return "-4";
  if (action === "PhoneVerification" && phone.startsWith("192")) return "-13";
  const number = action === "BankCard4EVerification" ? (sent.text("BankCard") ?? "") : phone;
  const code = /99(\d\d)$/.exec(number)?.[1];
  const asked = code === undefined ? "0" : `-${Number(code)}`;
  return Object.hasOwn(descriptions[action], asked) ? asked : "0";
}

function carrierOf(phone: string): string {
  if (/^1(33|49|53|7[37]|8[019]|9[0139])/.test(phone)) return "电信";
  if (/^1(3[0-2]|45|5[56]|66|7[156]|8[56]|96)/.test(phone)) return "联通";
  return phone.startsWith("192") ? "" : "移动";
}
