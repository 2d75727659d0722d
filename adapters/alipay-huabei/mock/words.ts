import type { Said } from "./gateway.ts";

const words: Readonly<Record<string, string>> = {
  "ACQ.SYSTEM_ERROR": "系统错误",
  "ACQ.INVALID_PARAMETER": "参数无效",
  "ACQ.TOTAL_FEE_EXCEED": "订单总金额不在允许范围内",
  "ACQ.CONTEXT_INCONSISTENT": "交易信息被篡改",
  "ACQ.TRADE_HAS_SUCCESS": "交易已被支付",
  "ACQ.TRADE_HAS_CLOSE": "交易已经关闭",
  "ACQ.TRADE_BUYER_NOT_MATCH": "交易买家不匹配",
  "ACQ.TRADE_NOT_EXIST": "交易不存在",
  "ACQ.TRADE_STATUS_ERROR": "交易状态不合法",
  "ACQ.BUYER_BALANCE_NOT_ENOUGH": "买家余额不足",
  "ACQ.BUYER_ENABLE_STATUS_FORBID": "买家状态非法",
  "ACQ.BUYER_SELLER_EQUAL": "买卖家不能相同",
  "ACQ.PAYMENT_AUTH_CODE_INVALID": "支付授权码无效",
  "ACQ.SELLER_BALANCE_NOT_ENOUGH": "卖家余额不足",
  "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "退款金额超限",
  "ACQ.REASON_TRADE_REFUND_FEE_ERR": "退款金额无效",
  "ACQ.DISCORDANT_REPEAT_REQUEST": "不一致的请求",
};

/** A business refusal, in the vendor's order of fields. */
export function refusal(subCode: string): Said {
  if (subCode === "ACQ.SYSTEM_ERROR") {
    return {
      code: "20000",
      msg: "Service Currently Unavailable",
      sub_code: subCode,
      sub_msg: words[subCode] ?? "",
    };
  }
  return {
    code: "40004",
    msg: "Business Failed",
    sub_code: subCode,
    sub_msg: words[subCode] ?? subCode,
  };
}

/** The beginning of every success. */
export const success = { code: "10000", msg: "Success" } as const;
