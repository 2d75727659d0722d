import { rejected } from "#capability";
import type { Call } from "#capability";
import { invalidAnswer } from "./bank.ts";
import { sameAmount } from "./money.ts";
import type { components } from "./vendor.d.ts";

type Schemas = components["schemas"];
type Request = Call<"bankPayments.create">["input"]["body"];
type Account = Request["creditor"]["account"];

/** The Faster Payments Scheme carries no more of EndToEndIdentification. */
const maxEndToEndLength = 31;
/** Minor units of the currencies that UK banks pay domestically (GBP, EUR). */
const maxDecimals = 2;

/**
 * The instruction, made of the partner's request and our reference alone: consent and payment must carry the very same.
 * Throws `amount_out_of_range` and `operation_unsupported`.
 */
export function initiationOf(request: Request, reference: string): Schemas["Initiation"] {
  const { amount, creditor, debtorAccount, remittance } = request;
  if ((amount.amount.split(".")[1] ?? "").length > maxDecimals) throw rejected("amount_out_of_range");
  const structured = remittance?.reference;
  const unstructured = remittance?.unstructured;
  return {
    InstructionIdentification: reference,
    EndToEndIdentification:
      request.reference.length <= maxEndToEndLength ? request.reference : reference.slice(0, maxEndToEndLength),
    InstructedAmount: { Amount: amount.amount, Currency: amount.currency },
    ...(debtorAccount !== undefined && { DebtorAccount: accountOf(debtorAccount) }),
    CreditorAccount: { ...accountOf(creditor.account), Name: creditor.name },
    ...((structured !== undefined || unstructured !== undefined) && {
      RemittanceInformation: {
        ...(structured !== undefined && {
          Structured: [{ CreditorReferenceInformation: { Reference: structured } }],
        }),
        ...(unstructured !== undefined && { Unstructured: [unstructured] }),
      },
    }),
  };
}

/** Throws `vendor_invalid_answer` unless the bank repeats what it was asked: amount, currency, payee, our identification. */
export function compare(asked: Schemas["Initiation"], answered: Schemas["EchoedInitiation"]): void {
  const same =
    sameAmount(asked.InstructedAmount.Amount, answered.InstructedAmount.Amount) &&
    asked.InstructedAmount.Currency === answered.InstructedAmount.Currency &&
    asked.CreditorAccount.SchemeName === answered.CreditorAccount.SchemeName &&
    asked.CreditorAccount.Identification === answered.CreditorAccount.Identification &&
    asked.InstructionIdentification === answered.InstructionIdentification;
  if (!same) throw invalidAnswer("the bank's payment is not the one that was asked for");
}

function accountOf(account: Account): Schemas["PayAccount"] {
  if (account.scheme === "uk_sort_code") {
    return {
      SchemeName: "UK.OBIE.SortCodeAccountNumber",
      Identification: account.sortCode + account.accountNumber,
    };
  }
  if (account.scheme === "iban") return { SchemeName: "UK.OBIE.IBAN", Identification: account.iban };
  throw rejected("operation_unsupported", `a UK bank pays no ${account.scheme}`);
}
