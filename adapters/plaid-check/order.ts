import { Fault } from "#capability";
import type { Input } from "#capability";
import type { Config } from "./config.ts";
import type { operations } from "./vendor.d.ts";

type Order = Input<"creditReports.create">["body"];
type Body<Op extends keyof operations> = operations[Op]["requestBody"]["content"]["application/json"];
type Purpose = Body<"craCheckReportCreate">["consumer_report_permissible_purpose"];

/** Our purposes under FCRA section 604 as Plaid names them. Plaid has none for employment and insurance underwriting. */
const purposes: Record<Order["purpose"], Purpose | undefined> = {
  credit_extension: "EXTENSION_OF_CREDIT",
  account_review: "ACCOUNT_REVIEW_CREDIT",
  collection: "ACCOUNT_REVIEW_CREDIT",
  tenant_screening: "LEGITIMATE_BUSINESS_NEED_TENANT_SCREENING",
  legitimate_business_need: "LEGITIMATE_BUSINESS_NEED_OTHER",
  subject_instruction: "WRITTEN_INSTRUCTION_OTHER",
  employment: undefined,
  insurance_underwriting: undefined,
};

/** What this bureau cannot do at all: nothing was sent, and another bureau on the route may take the order. */
function cannot(detail: string): Fault {
  return new Fault("operation_unsupported", { outcome: "not_sent", detail });
}

/** `/user/create` for the subject of an order; the user bears our reference. Throws a `Fault` for whom Plaid has no reports. */
export function userOf(order: Order, reference: string): Body<"userCreate"> {
  const { subject } = order;
  if (subject.address.country !== "US") throw cannot("Plaid Check reports on people with a US address only");
  return {
    client_user_id: reference,
    identity: {
      name: { given_name: subject.firstName, family_name: subject.lastName },
      date_of_birth: subject.dateOfBirth,
      emails: [{ data: subject.email, primary: true }],
      phone_numbers: [{ data: subject.phone, primary: true }],
      addresses: [
        {
          street_1: subject.address.street,
          city: subject.address.city,
          region: subject.address.region,
          postal_code: subject.address.postalCode,
          country: subject.address.country,
          primary: true,
        },
      ],
      ...(subject.nationalId === undefined ? {} : { id_numbers: [socialSecurityNumber(subject.nationalId)] }),
    },
  };
}

/** `/cra/check_report/create` for an order of this user. Throws a `Fault` for a purpose that Plaid does not know. */
export function reportOf(
  order: Order,
  ids: { userId: string; reference: string; callbackUrl: string },
  config: Config,
): Body<"craCheckReportCreate"> {
  const purpose = purposes[order.purpose];
  if (purpose === undefined) throw cannot(`Plaid Check knows no permissible purpose for ${order.purpose}`);
  return {
    user_id: ids.userId,
    webhook: ids.callbackUrl,
    days_requested: order.daysRequested,
    client_report_id: ids.reference,
    products: ["cra_lend_score"],
    lend_score: { lend_score_version: config.lendScoreVersion },
    consumer_report_permissible_purpose: purpose,
  };
}

/** A whole SSN or its last four digits, without the dashes (Plaid's input rules for `us_ssn`). */
function socialSecurityNumber(nationalId: string): {
  value: string;
  type: "us_ssn" | "us_ssn_last_4";
} {
  const digits = nationalId.replaceAll("-", "");
  if (/^\d{9}$/.test(digits)) return { value: digits, type: "us_ssn" };
  if (/^\d{4}$/.test(digits)) return { value: digits, type: "us_ssn_last_4" };
  throw cannot("Plaid Check takes a Social Security number or its last four digits only");
}
