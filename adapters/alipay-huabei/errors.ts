import type { ErrorRow, ErrorTable } from "#capability";

type Meaning = Omit<ErrorRow, "code">;

/** One row for each of the codes, which stand apart by white space. */
function rows(meaning: Meaning, codes: string): ErrorRow[] {
  return codes
    .trim()
    .split(/\s+/)
    .map((code) => ({ code, ...meaning }));
}

const conflict: Meaning = { problem: "resource_state_conflict", outcome: "rejected" };
const exceeds: Meaning = { problem: "refund_exceeds_paid", outcome: "rejected" };
const fault: Meaning = { problem: "vendor_fault", outcome: "unknown" };
const funds: Meaning = { problem: "insufficient_funds", outcome: "rejected" };
const ours: Meaning = { problem: "internal_error", outcome: "rejected", note: "our keys, ids, clock or contract" };
const payer: Meaning = { problem: "payer_rejected", outcome: "rejected" };
const range: Meaning = { problem: "amount_out_of_range", outcome: "rejected" };
const refused: Meaning = { problem: "vendor_rejected", outcome: "rejected" };
const taken: Meaning = { ...fault, note: "the number is ours, so an earlier attempt stands under it: ask by it" };

const create = "alipay.trade.create";
const pay = "alipay.trade.pay";
const close = "alipay.trade.close";
const refund = "alipay.trade.refund";

/** Alipay's codes: `sub_code` where there is one, else `code`. Sources: the methods' published code lists, the gateway's list. */
export const errors: ErrorTable = [
  // What an earlier attempt under the same number made of this one.
  ...[create, pay].flatMap((operation) =>
    rows({ ...taken, operation }, "ACQ.TRADE_HAS_SUCCESS ACQ.CONTEXT_INCONSISTENT ACQ.TRADE_BUYER_NOT_MATCH"),
  ),
  ...rows({ ...taken, operation: refund }, "ACQ.DISCORDANT_REPEAT_REQUEST"),

  // What the state of the trade forbids.
  ...rows({ ...conflict, operation: close, note: "there is nothing to close" }, "ACQ.TRADE_NOT_EXIST"),
  ...rows({ ...exceeds, operation: refund, note: "a paid trade closes when all is refunded" }, "ACQ.TRADE_HAS_CLOSE"),
  ...rows(exceeds, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL ACQ.REASON_TRADE_REFUND_FEE_ERR ACQ.REFUND_FEE_ERROR"),
  ...rows(
    conflict,
    `ACQ.TRADE_STATUS_ERROR ACQ.REASON_TRADE_STATUS_INVALID ACQ.REASON_ILLEGAL_STATUS ACQ.TRADE_HAS_FINISHED
     ACQ.TRADE_NOT_ALLOW_REFUND ACQ.REASON_TRADE_BEEN_FREEZEN ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND`,
  ),
  ...rows(
    refused,
    `ACQ.TRADE_HAS_CLOSE ACQ.TRADE_NOT_EXIST ACQ.SELLER_BALANCE_NOT_ENOUGH ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST
     ACQ.TRADE_HAS_SUCCESS ACQ.CONTEXT_INCONSISTENT ACQ.TRADE_BUYER_NOT_MATCH ACQ.DISCORDANT_REPEAT_REQUEST`,
  ),

  // What the buyer lacks.
  ...rows(
    funds,
    `ACQ.BUYER_BALANCE_NOT_ENOUGH ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH
     ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR`,
  ),
  ...rows(
    payer,
    `ACQ.BUYER_NOT_EXIST ACQ.BUYER_SELLER_EQUAL ACQ.BUYER_ENABLE_STATUS_FORBID ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT
     ACQ.PAYMENT_REQUEST_HAS_RISK ACQ.ERROR_BALANCE_PAYMENT_DISABLE ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE
     ACQ.MOBILE_PAYMENT_SWITCH_OFF ACQ.USER_FACE_PAYMENT_SWITCH_OFF ACQ.PAYMENT_AUTH_CODE_INVALID
     ACQ.PULL_MOBILE_CASHIER_FAIL ACQ.PAYMENT_FAIL ACQ.AGREEMENT_NOT_EXIST ACQ.AGREEMENT_INVALID
     ACQ.AGREEMENT_STATUS_NOT_NORMAL`,
  ),

  // What the order or the seller may not.
  ...rows(range, "ACQ.TOTAL_FEE_EXCEED ACQ.AMOUNT_OR_CURRENCY_ERROR ACQ.CURRENCY_NOT_SUPPORT"),
  ...rows(
    refused,
    `ACQ.EXIST_FORBIDDEN_WORD ACQ.INVALID_PARAMETER ACQ.BEYOND_PAY_RESTRICTION ACQ.BEYOND_PER_RECEIPT_RESTRICTION
     ACQ.SELLER_BEEN_BLOCKED`,
  ),
  ...rows(
    ours,
    `ACQ.ACCESS_FORBIDDEN ACQ.PARTNER_ERROR ACQ.INVALID_STORE_ID ACQ.SUB_MERCHANT_CREATE_FAIL
     ACQ.SUB_MERCHANT_TYPE_INVALID ACQ.MERCHANT_AGREEMENT_NOT_EXIST ACQ.MERCHANT_AGREEMENT_INVALID
     ACQ.MERCHANT_STATUS_NOT_NORMAL`,
  ),

  // What failed at Alipay: it may have happened.
  ...rows(fault, "ACQ.SYSTEM_ERROR AQC.SYSTEM_ERROR aop.ACQ.SYSTEM_ERROR isp.* aop.unknow-error 20000"),

  // What the gateway refused before any business was done.
  ...rows({ problem: "vendor_rate_limited", outcome: "not_sent" }, "40005"),
  ...rows({ ...refused, note: "the gateway judged the content" }, "isv.invalid-parameter"),
  ...rows(
    ours,
    `isv.missing-* isv.invalid-* isv.decryption-error-* isv.upload-fail isv.not-support-app-auth
     isv.insufficient-isv-permissions isv.insufficient-user-permissions aop.invalid-auth-token
     aop.auth-token-time-out aop.invalid-app-auth-token* aop.app-auth-token-time-out aop.no-product-reg-by-partner
     20001 40001 40002 40006`,
  ),
  ...rows({ ...fault, note: "no reason was given" }, "40003 40004"),
];
