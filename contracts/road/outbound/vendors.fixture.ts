/** One cheap call to each of the five vendors that really reaches it, and what a good answer to it is. */
import { randomUUID } from "node:crypto";
import type { Answered, Partner } from "../../../mocks/partner/client.ts";

export interface VendorCall {
  method: "GET" | "POST";
  path: string;
  body?: () => Record<string, unknown>;
  status: number;
}

const person = { name: "张三", nationalId: "11010519491231002X" };
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const reference = (): string => randomUUID();

export const vendorCalls = {
  "account-centre": { method: "GET", path: "/v1/customer-accounts", status: 200 },
  "alipay-huabei": { method: "POST", path: "/v1/instalments", body: () => instalment("2088102146225135"), status: 201 },
  "openbanking-uk": {
    method: "POST",
    path: "/v1/consents",
    body: () => ({
      permissions: ["accounts_detail", "balances"],
      expiresAt: inDays(90),
      returnUrl: "https://partner.example/return",
      reference: reference(),
    }),
    status: 201,
  },
  "plaid-check": { method: "POST", path: "/v1/credit-reports", body: () => creditReport("Doe"), status: 202 },
  "tencent-faceid": {
    method: "POST",
    path: "/v1/identity-checks",
    body: () => ({ type: "id_two_factor", ...person, reference: reference() }),
    status: 201,
  },
} satisfies Record<string, VendorCall>;

export type VendorName = keyof typeof vendorCalls;
export const vendorNames = Object.keys(vendorCalls) as VendorName[];

export function callVendor(caller: Partner, name: VendorName): Promise<Answered> {
  const { method, path, body }: VendorCall = vendorCalls[name];
  return caller.request(method, path, body === undefined ? {} : { body: body() });
}

/** An order of 1000.00 by one of the simulated buyers. */
export function instalment(accountId: string): Record<string, unknown> {
  return {
    amount: { amount: "1000.00", currency: "CNY" },
    periods: 3,
    feeBearer: "customer",
    subject: "A phone",
    payer: { type: "account", accountId },
    reference: reference(),
  };
}

/** An order for the report of somebody of that family name. */
export function creditReport(lastName: string): Record<string, unknown> {
  return {
    subject: {
      firstName: "Jane",
      lastName,
      dateOfBirth: "1990-05-12",
      phone: "+14155552671",
      email: "jane.doe@example.com",
      address: {
        street: "100 Market Street",
        city: "San Francisco",
        region: "CA",
        postalCode: "94105",
        country: "US",
      },
    },
    purpose: "credit_extension",
    authorisation: {
      method: "electronic_signature",
      evidenceId: reference(),
      authorisedAt: inDays(-1),
      expiresAt: inDays(90),
      documentDigest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    daysRequested: 365,
    reference: reference(),
  };
}
