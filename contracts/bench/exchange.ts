/** The one exchange that every build of the bench answers: what a partner asks, what the vendor is asked, and the keys. */
import { createHmac } from "node:crypto";

export type Workload = "read" | "effect";
export const workloads: readonly Workload[] = ["read", "effect"];

export const builds = ["floor", "qiao", "naive"] as const;
export type Build = (typeof builds)[number];

export const listPath = "/v1/customer-accounts?limit=20";
export const createPath = "/v1/instalments";

/** The part of a request that the vendor is told. */
export interface OrderRequest {
  amount: { amount: string; currency: string };
  periods: number;
  feeBearer: string;
  subject: string;
  payer: { type: "account"; accountId: string };
  reference: string;
  expiresInMinutes: number;
}

/** Amount, payer and text of an order; with the signature's headers a request of about 1 KB. */
export function orderBody(reference: string): OrderRequest {
  return {
    amount: { amount: "1000.00", currency: "CNY" },
    periods: 6,
    feeBearer: "customer",
    subject: "洗衣机 XQG100 滚筒 10 公斤 变频 一级能效, 送货上门并安装, 旧机回收",
    payer: { type: "account", accountId: "2088102146225135" },
    reference,
    expiresInMinutes: 30,
  };
}

/** The vendor's signature: HMAC-SHA256 over time, method, path and body, hexadecimal. */
export function vendorSignature(secret: string, parts: { at: string; method: string; path: string; body: string }) {
  const { at, method, path, body } = parts;
  return createHmac("sha256", secret).update(`${at}\n${method}\n${path}\n${body}`).digest("hex");
}

/** What the vendor answers of an account and of an order. */
export interface VendorAccount {
  no: string;
  state: "OPEN" | "CLOSED";
  customer: string;
  number: string;
  /** Epoch milliseconds. */
  openedAt: number;
}
export interface VendorOrder {
  no: string;
  amount: string;
  state: "waiting" | "paid" | "closed";
  /** Epoch milliseconds. */
  at: number;
}

/** The vendor's accounts in the words of the contract, for the builds that are no gateway. */
export function accountsOf(accounts: readonly VendorAccount[]): object[] {
  return accounts.map(({ no, state, customer, number, openedAt }) => {
    const at = new Date(openedAt).toISOString();
    return {
      id: no,
      status: state.toLowerCase(),
      reference: customer,
      createdAt: at,
      accountNumber: number,
      openedAt: at,
    };
  });
}
