import type { Wish } from "./partner.ts";
import { yuanOf } from "./money.ts";

interface Asked {
  key: string;
  memo: string;
  amountFen: bigint;
}

/** An instalment credit; with `code` it is paid at once. */
export function instalmentWish({ key, memo, amountFen, code }: Asked & { code?: string }): Wish {
  const amount = { amount: yuanOf(amountFen), currency: "CNY" };
  const payer = code === undefined ? { type: "account", accountId: "2088102146225135" } : { type: "code", code };
  const body = { amount, periods: 3, feeBearer: "customer", subject: memo, payer, reference: memo };
  return { operationId: "instalments.create", key, memo, body };
}

export function refundWish({ key, memo, amountFen, instalmentId }: Asked & { instalmentId: string }): Wish {
  const amount = { amount: yuanOf(amountFen), currency: "CNY" };
  return { operationId: "refunds.create", key, memo, body: { instalmentId, amount, reason: memo, reference: memo } };
}

export function cancelWish({ key, id, owner }: { key: string; id: string; owner: string }): Wish {
  return { operationId: "instalments.cancel", key, memo: "", target: { id, owner } };
}
