import { done, Fault } from "#capability";
import type { Capability, Output, VendorClient } from "#capability";
import { resultOf, words } from "./answers.ts";
import type { Config } from "./config.ts";
import { bankCardCodes, carriers, idCardCodes, mismatches, phoneCodes, type Meaning } from "./identity-results.ts";
import type { operations } from "./vendor.d.ts";

type Check = Output<"identityChecks.create">;
type Request = Parameters<NonNullable<Capability<"identityChecks", operations, Config>["create"]>>[0]["input"]["body"];

/** What a vendor's answer comes to, whichever action it was. */
interface Finding {
  meaning: Meaning;
  code: string;
  description: string;
  requestId: string;
  told?: Pick<Check, "mismatches" | "carrier">;
}

/** PhoneVerification in detail: says which element differs. Priced apart from the simple mode. */
const detailed = "1";

/**
 * 公安二要素 (IdCardVerification), 电信三要素 (PhoneVerification) and 银行卡四要素 (BankCard4EVerification). Each call may cost a
 * fee, and none can be asked about afterwards, so that what the vendor said once is final.
 */
export const identityChecks: Capability<"identityChecks", operations, Config> = {
  async create(call, vendor) {
    const request = call.input.body;
    const finding = await ask(request, vendor);
    const { meaning } = finding;
    if ("problem" in meaning) throw noVerdict(finding, meaning, call.now);
    const body: Check = {
      id: call.id,
      type: request.type,
      status: "completed",
      verdict: meaning.verdict,
      billed: meaning.billed,
      ...finding.told,
      ...(request.reference === undefined ? {} : { reference: request.reference }),
      createdAt: call.now.toISOString(),
    };
    return done(body, { state: { requestId: finding.requestId, result: finding.code } });
  },

  get: "stored",
};

async function ask(request: Request, vendor: VendorClient<operations>): Promise<Finding> {
  const person = { IdCard: request.nationalId, Name: request.name };
  if (request.type === "id_two_factor") {
    const { body } = await vendor.call("IdCardVerification", { body: person });
    const result = resultOf(body.Response);
    return { meaning: idCardCodes[result.Result], ...said(result) };
  }
  if (request.type === "phone_three_factor") {
    const sent = { ...person, Phone: request.phone, VerifyMode: detailed } as const;
    const { body } = await vendor.call("PhoneVerification", { body: sent });
    const result = resultOf(body.Response);
    const carrier = carriers[result.Isp];
    const differing = result.ResultDetail === undefined ? [] : mismatches[result.ResultDetail];
    const told = {
      ...(carrier === undefined ? {} : { carrier }),
      ...(result.Result !== "-4" || differing.length === 0 ? {} : { mismatches: [...differing] }),
    };
    return { meaning: phoneCodes[result.Result], ...said(result), told };
  }
  const sent = { ...person, Phone: request.phone, BankCard: request.bankCardNumber };
  const { body } = await vendor.call("BankCard4EVerification", { body: sent });
  const result = resultOf(body.Response);
  return { meaning: bankCardCodes[result.Result], ...said(result) };
}

function said(result: { Result: string; Description: string; RequestId: string }) {
  return { code: result.Result, description: result.Description, requestId: result.RequestId };
}

function noVerdict(finding: Finding, meaning: Extract<Meaning, { problem: unknown }>, now: Date): Fault {
  return new Fault(meaning.problem, {
    outcome: meaning.outcome,
    vendor: words(finding.code, finding.description),
    counts: meaning.problem === "vendor_unavailable",
    ...(meaning.tomorrow === true ? { retryAfterSeconds: secondsToNextDay(now) } : {}),
  });
}

const daySeconds = 86_400;
/** The vendor's day is China's: UTC+8, no summer time. */
const chinaOffsetSeconds = 8 * 3_600;

/** How long until the vendor's next day begins, in seconds (1 to 86,400). */
export function secondsToNextDay(now: Date): number {
  return daySeconds - ((Math.floor(now.getTime() / 1000) + chinaOffsetSeconds) % daySeconds);
}
