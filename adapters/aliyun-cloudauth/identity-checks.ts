import { done, Fault } from "#capability";
import type { Capability, Input, Output, VendorClient } from "#capability";
import { resultOf, words } from "./answers.ts";
import type { Config } from "./config.ts";
import { bankMeaning, carriers, idMeaning, phoneMeaning, type Meaning } from "./identity-results.ts";
import { countedLimitPauseSeconds } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";

type Check = Output<"identityChecks.create">;
type Request = Input<"identityChecks.create">["body"];

/** What a vendor's answer comes to, whichever action it was. */
interface Finding {
  meaning: Meaning;
  /** `BizCode`, and `SubCode` where there is one, e.g. `2/201`. */
  code: string;
  requestId: string;
  carrier?: string;
}

/**
 * 公安二要素 (Id2MetaVerify), 电信三要素 (Mobile3MetaDetailVerify) and 银行卡四要素 (BankMetaVerify). Each call may cost a fee, and
 * none can be asked about afterwards, so that what the vendor said once is final.
 */
export const identityChecks: Capability<"identityChecks", operations, Config> = {
  async create(call, vendor) {
    const request = call.input.body;
    const { meaning, code, requestId, carrier } = await ask(request, vendor);
    if ("problem" in meaning) {
      const { problem, outcome } = meaning;
      throw new Fault(problem, { outcome, vendor: words(code), retryAfterSeconds: countedLimitPauseSeconds });
    }
    const { verdict, billed, mismatches } = meaning;
    const body: Check = {
      id: call.id,
      type: request.type,
      status: "completed",
      verdict,
      billed,
      ...(mismatches === undefined ? {} : { mismatches: [...mismatches] }),
      ...(carrier === undefined ? {} : { carrier }),
      ...(request.reference === undefined ? {} : { reference: request.reference }),
      createdAt: call.now.toISOString(),
    };
    return done(body, { state: { requestId, result: code } });
  },

  get: "stored",
};

async function ask(request: Request, vendor: VendorClient<operations>): Promise<Finding> {
  const person = { ParamType: "normal", IdentifyNum: request.nationalId, UserName: request.name } as const;
  if (request.type === "id_two_factor") {
    const { body } = await vendor.call("Id2MetaVerify", { body: person });
    const result = resultOf(body);
    return { meaning: idMeaning(result), code: result.BizCode, requestId: body.RequestId };
  }
  if (request.type === "phone_three_factor") {
    const { body } = await vendor.call("Mobile3MetaDetailVerify", { body: { ...person, Mobile: request.phone } });
    const result = resultOf(body);
    const carrier = carriers[result.IspName ?? ""];
    return {
      meaning: phoneMeaning(result),
      code: `${result.BizCode}/${result.SubCode}`,
      requestId: body.RequestId,
      ...(carrier === undefined ? {} : { carrier }),
    };
  }
  const { body } = await vendor.call("BankMetaVerify", {
    query: {
      ...person,
      VerifyMode: "VERIFY_BANK_CARD",
      ProductType: "BANK_CARD_4_META",
      BankCard: request.bankCardNumber,
      Mobile: request.phone,
    },
  });
  const result = resultOf(body);
  return { meaning: bankMeaning(result), code: `${result.BizCode}/${result.SubCode}`, requestId: body.RequestId };
}
